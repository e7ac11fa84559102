// Every kind of bad input for a GKE cluster is refused, at its place, with numbers where numbers decide.
// Does not prove: that Google takes what is not refused; its own quotas and its catalogue of the day are not asked.
import assert from "node:assert/strict";
import { ConfigError } from "../../../../model";
import { gkeProblems } from "./gke-config";

interface Case {
  what: string;
  change: Record<string, unknown>;
  /** Paths below `istio-egress:cluster`, in order. */
  at: string[];
  says: RegExp;
}

const reason = "for this test";

const cases: Case[] = [
  { what: "no project", change: { project: undefined }, at: ["project"], says: /missing/ },
  { what: "a project's number", change: { project: "123456789012" }, at: ["project"], says: /ID, not its number/ },
  { what: "a name that is too long", change: { name: "a".repeat(21) }, at: ["name"], says: /1 to 20/ },
  { what: "a name in capitals", change: { name: "Prod" }, at: ["name"], says: /lower-case/ },
  { what: "an unknown key", change: { regoin: "x" }, at: ["regoin"], says: /Unknown key/ },
  { what: "an unknown key of a pool", change: { nodes: { machine: "x" } }, at: ["nodes.machine"], says: /machineType/ },

  {
    what: "a region that is none",
    change: { location: "europe-wset1" },
    at: ["location"],
    says: /did you mean "europe-west1"\? Or, if Google has opened it since, list its zones in istio-egress:cluster\.zones\./,
  },
  {
    what: "a region that could be new, with another's zones",
    change: { location: "antarctica-south1", zones: ["antarctica-south1-a", "europe-west1-b"] },
    at: ["location"],
    says: /if Google has opened it since, list its zones/,
  },
  {
    what: "a region that could be new, and is like no other",
    change: { location: "moon-crater12" },
    at: ["location"],
    says: /Fix: if Google has opened it since, list its zones/,
  },
  {
    what: "a zone of a region that could be new, but for another's list",
    change: { location: "antarctica-south1-c", zones: ["antarctica-south1-a"] },
    at: ["location"],
    says: /list its zones/,
  },
  {
    what: "a pool's zone that is not in a new region's list",
    change: {
      location: "antarctica-south1",
      zones: ["antarctica-south1-a"],
      gateways: { zones: ["antarctica-south1-b"] },
    },
    at: ["gateways.zones[0]"],
    says: /Allowed: antarctica-south1-a\./,
  },
  { what: "a word for a location", change: { location: "europe" }, at: ["location"], says: /for one\.$/ },
  {
    what: "a zone that is none",
    change: { location: "europe-west1-a" },
    at: ["location"],
    says: /europe-west1-b, europe-west1-c, europe-west1-d/,
  },
  {
    what: "a zone of another region",
    change: { zones: ["europe-west1-b", "europe-west4-a"] },
    at: ["zones[1]"],
    says: /Not a zone of the cluster's region, europe-west1/,
  },
  { what: "a zone twice", change: { zones: ["europe-west1-b", "europe-west1-b"] }, at: ["zones[1]"], says: /already/ },
  {
    what: "a pool's zone of another region",
    change: { gateways: { zones: ["us-east1-b"] } },
    at: ["gateways.zones[0]"],
    says: /europe-west1-b/,
  },
  {
    what: "zones without the control plane's own",
    change: { location: "europe-west1-b", zones: ["europe-west1-c"] },
    at: ["zones"],
    says: /add europe-west1-b/,
  },

  {
    what: "ranges that overlap",
    change: { network: { nodes: "10.4.0.0/22" } },
    at: ["network.pods"],
    says: /Overlaps istio-egress:cluster\.network\.nodes, 10\.4\.0\.0\/22/,
  },
  { what: "a range that is none", change: { network: { pods: "10.4.0.0" } }, at: ["network.pods"], says: /CIDR/ },
  {
    what: "a range that begins in its middle",
    change: { network: { nodes: "10.0.1.0/22" } },
    at: ["network.nodes"],
    says: /write "10\.0\.0\.0\/22"/,
  },
  { what: "public addresses", change: { network: { pods: "34.0.0.0/14" } }, at: ["network.pods"], says: /Public/ },
  {
    what: "Docker's own range",
    change: { network: { services: "172.17.0.0/20" } },
    at: ["network.services"],
    says: /172\.17\.0\.0\/16/,
  },
  {
    what: "too few addresses for nodes",
    change: { network: { nodes: "10.0.0.0/28" }, nodes: { max: 4 } },
    at: ["network.nodes"],
    says: /16 addresses, and 20 nodes \(for work 4 in each of 3 zones, and one during upgrades; .* need 24.*\/27 or larger/s,
  },
  {
    what: "too few addresses for pods",
    change: { network: { pods: "10.4.0.0/21" }, nodes: { max: 3 } },
    at: ["network.pods"],
    says: /enough for 8 nodes of 110 pods, which take 256 addresses each, and 10 are asked for \(3 in.*\/20 or larger/s,
  },
  {
    what: "too few addresses for the gateways' pods",
    change: { network: { gatewayPods: "10.0.16.0/25" } },
    at: ["network.gatewayPods"],
    says: /enough for 2 nodes of 32 pods, which take 64 addresses each.*\/23 or larger/s,
  },
  {
    what: "a control plane's range of another size",
    change: { network: { controlPlane: "172.16.0.0/24" } },
    at: ["network.controlPlane"],
    says: /a \/28/,
  },
  {
    what: "hardly any Services",
    change: { network: { services: "10.0.32.0/29" } },
    at: ["network.services"],
    says: /\/27/,
  },
  {
    what: "fewer reserved addresses than the gateways need",
    change: { network: { natAddresses: 1, natPortsPerNode: 16384 } },
    at: ["network.natAddresses"],
    says: /7 gateway nodes.*16,384 ports each need 114,688, and an address has 64,512.*2 at least/s,
  },
  {
    what: "a text for a number without limits",
    change: { network: { natPortsPerNode: "many" } },
    at: ["network.natPortsPerNode"],
    says: /Not a number, but a text\.$/,
  },
  {
    what: "a number of ports that is no power of two",
    change: { network: { natPortsPerNode: 5000 } },
    at: ["network.natPortsPerNode"],
    says: /power of two/,
  },

  {
    what: "gateways on an f1-micro",
    change: { gateways: { machineType: "f1-micro" } },
    at: ["gateways.machineType"],
    says: /0\.6 GB/,
  },
  {
    what: "gateways on a share of a core",
    change: { gateways: { machineType: "e2-medium" } },
    at: ["gateways.machineType"],
    says: /whole vCPUs/,
  },
  {
    what: "work on one vCPU",
    change: { nodes: { machineType: "n1-highmem-1" } },
    at: ["nodes.machineType"],
    says: /2 vCPUs/,
  },
  {
    what: "little memory of a newer family",
    change: { gateways: { machineType: "c4d-highcpu-2" } },
    at: ["gateways.machineType"],
    says: /4 GB at least/,
  },
  {
    what: "little memory",
    change: { nodes: { machineType: "n1-highcpu-2" } },
    at: ["nodes.machineType"],
    says: /1\.8 GB/,
  },
  {
    what: "little custom memory",
    change: { nodes: { machineType: "n2-custom-2-2048" } },
    at: ["nodes.machineType"],
    says: /2 GB/,
  },
  {
    what: "no machine type",
    change: { nodes: { machineType: "large" } },
    at: ["nodes.machineType"],
    says: /as e2-standard-4/,
  },

  {
    what: "more nodes at least than at most",
    change: { nodes: { min: 5, max: 2 } },
    at: ["nodes.min"],
    says: /max is 2/,
  },
  {
    what: "a number and a range of nodes",
    change: { nodes: { count: 3, max: 4 } },
    at: ["nodes.count"],
    says: /leave count/,
  },
  { what: "no gateway nodes", change: { gateways: { count: 0 } }, at: ["gateways.count"], says: /no way out/ },
  { what: "gateways that may be none", change: { gateways: { min: 0 } }, at: ["gateways.min"], says: /no way out/ },
  { what: "no work nodes", change: { nodes: { count: 0 } }, at: ["nodes.count"], says: /without nodes/ },
  { what: "a tag that is none", change: { nodes: { tags: ["SSH"] } }, at: ["nodes.tags[0]"], says: /network tag/ },

  {
    what: "the original's version",
    change: { version: "1.12" },
    at: ["version"],
    says: /Older than what Istio supports/,
  },
  { what: "a version with a letter", change: { version: "v1.34" }, at: ["version"], says: /write "1\.34"/ },
  { what: "a version of another form", change: { version: "1.34.1-1829001" }, at: ["version"], says: /gke\.1829001/ },
  { what: "a version that YAML took for a number", change: { version: 1.34 }, at: ["version"], says: /in quotes/ },
  {
    what: "a channel that is none",
    change: { releaseChannel: "beta" },
    at: ["releaseChannel"],
    says: /rapid, regular/,
  },
  {
    what: "neither a channel nor a version",
    change: { relax: { noReleaseChannel: reason } },
    at: ["version"],
    says: /nobody chooses one/,
  },

  {
    what: "a relaxation that is none",
    change: { relax: { publicNodes: reason } },
    at: ["relax.publicNodes"],
    says: /Unknown/,
  },
  {
    what: "a relaxation without a reason",
    change: { relax: { noFlowLogs: "" } },
    at: ["relax.noFlowLogs"],
    says: /empty/,
  },
  { what: "true for a reason", change: { relax: { noFlowLogs: true } }, at: ["relax.noFlowLogs"], says: /Not a text/ },
  {
    what: "manual upgrades in a channel",
    change: { relax: { manualUpgrades: reason } },
    at: ["relax.manualUpgrades"],
    says: /noReleaseChannel/,
  },
  {
    what: "a public endpoint for nobody",
    change: { relax: { publicEndpoint: reason } },
    at: ["relax.publicEndpoint"],
    says: /no network may reach/,
  },
  {
    what: "a network list of everything",
    change: { relax: { publicEndpoint: reason }, authorizedNetworks: { all: "0.0.0.0/0" } },
    at: ["authorizedNetworks.all"],
    says: /unlistedNetworks/,
  },
  {
    what: "an authorized network that is none",
    change: { authorizedNetworks: { office: "203.0.113.7" } },
    at: ["authorizedNetworks.office"],
    says: /CIDR/,
  },
  {
    what: "a key of another region",
    change: { secretsKey: "projects/p/locations/us-east1/keyRings/r/cryptoKeys/k" },
    at: ["secretsKey"],
    says: /a key in europe-west1/,
  },
  { what: "a key that is none", change: { secretsKey: "my-key" }, at: ["secretsKey"], says: /cryptoKeys/ },
];

describe("bad input for GKE", () => {
  for (const { what, change, at, says } of cases) {
    it(`${what} is refused at ${at.join(" and ")}`, () => {
      const problems = gkeProblems(change);
      assert.deepEqual(
        problems.map(({ path }) => path),
        at.map((path) => `istio-egress:cluster.${path}`),
      );
      assert.match(new ConfigError(problems).message, says);
    });
  }

  it("is collected: one mistake hides no other", () => {
    const problems = gkeProblems({
      location: "mars-1",
      nodes: { machineType: "tiny" },
      network: { pods: "x", natPortsPerNode: 3 },
      version: "1",
      relax: { other: "x" },
    });
    assert.deepEqual(problems.map(({ path }) => path.replace("istio-egress:cluster.", "")).sort(), [
      "location",
      "network.natPortsPerNode",
      "network.pods",
      "nodes.machineType",
      "relax.other",
      "version",
    ]);
  });
});
