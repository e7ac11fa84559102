// What is planned around a GKE cluster: its network, its way out, its names and its nodes.
// Does not prove: that packets go where the rules say; docs/gke-first-run.md says how to see that.
import assert from "node:assert/strict";
import { GkePlan, parseConfig, planGke, planStack, grantedExternalPorts, servicesBeside } from "../../../../model";
import { contains, parseCidr } from "../../../../model/ground/cidr";
import { locate, regions, zonesOf } from "../../../../model/ground/gke/locations";
import { bootDiskType, parseMachineType } from "../../../../model/ground/gke/machine-types";
import { now, soundConfig } from "../config/sound-config";
import { find } from "../plan/find";
import { gkeConfig, soundGke } from "./gke-config";

type Rule = GkePlan["firewall"][number];

/** Whether a node may open a connection: the first rule by priority decides, and Google's own lets everything out. */
function mayLeave(rules: Rule[], pool: "work" | "gateways", address: string, port: number): boolean {
  const matching = rules
    .filter(({ direction, pools }) => direction === "EGRESS" && (pools === undefined || pools.includes(pool)))
    .filter(({ destinationRanges = [] }) =>
      destinationRanges.some((range) => contains(parseCidr(range)!, parseCidr(`${address}/32`)!)),
    )
    .filter(({ allows = [], denies = [] }) =>
      [...denies, ...allows].some(({ protocol, ports }: { protocol: string; ports?: string[] }) => {
        return protocol === "all" || ports === undefined || ports.includes(String(port));
      }),
    )
    .sort((a, b) => a.priority - b.priority);
  return matching[0]?.denies === undefined;
}

describe("the firewall", () => {
  const ledger = { name: "ledger", ranges: ["10.128.16.4/32", "10.128.17.0/28"], ports: [9443, 80] };
  const { firewall } = planGke(gkeConfig(), { externalPorts: [80, 443], servicesBeside: [ledger] });

  for (const [what, pool, address, port, expected] of [
    ["a gateway to the outside by http", "gateways", "140.82.121.4", 80, true],
    ["a gateway to the outside by https", "gateways", "140.82.121.4", 443, true],
    ["a gateway to another port outside", "gateways", "140.82.121.4", 22, false],
    ["work to the outside", "work", "140.82.121.4", 443, false],
    ["work to a resolver outside", "work", "8.8.8.8", 53, false],
    ["work to another node", "work", "10.0.0.7", 10250, true],
    ["work to a pod of the gateway", "work", "10.0.17.3", 8443, true],
    ["a gateway to a pod", "gateways", "10.4.200.1", 15012, true],
    ["work to the API server", "work", "172.16.0.2", 443, true],
    ["work to the tunnel server", "work", "172.16.0.2", 8132, true],
    ["work to Google's APIs", "work", "199.36.153.5", 443, true],
    ["work to Google's public addresses", "work", "142.250.74.10", 443, false],
    ["work to a neighbour's network", "work", "10.128.8.1", 443, false],
    ["work to a service beside the mesh", "work", "10.128.16.4", 80, true],
    ["work to a range of such a service", "work", "10.128.17.15", 9443, true],
    ["work to another port of such a service", "work", "10.128.16.4", 443, false],
    ["work to a service's neighbour", "work", "10.128.16.5", 80, false],
    ["work past the end of a service's range", "work", "10.128.17.16", 80, false],
    ["a gateway to a service beside the mesh", "gateways", "10.128.16.4", 9443, false],
  ] as const) {
    it(`${expected ? "lets" : "does not let"} ${what}`, () =>
      assert.equal(mayLeave(firewall, pool, address, port), expected));
  }

  it("opens only the ports that granted hosts need, and none without any", () => {
    const portsOf = (protocols: string[], allow: unknown[]) => {
      const destinations = { github: { hosts: ["github.com"], protocols } };
      return grantedExternalPorts(parseConfig({ ...soundConfig(), destinations, allow }, { now }));
    };
    const [allow] = [[{ from: "test-app/app-a", to: "github" }]];
    assert.deepEqual(portsOf(["https"], allow), [443]);
    assert.deepEqual(portsOf(["https", "http"], allow), [80, 443]);
    assert.deepEqual(portsOf(["https"], []), []);
    assert.ok(!planGke(gkeConfig(), { externalPorts: [] }).firewall.some(({ key }) => key === "gateways-out"));
  });

  it("opens the way to services beside the mesh that are granted to somebody, and to no others", () => {
    const settings = { namespace: "test-app", ports: { http: 8080, https: 443 } };
    const outside = {
      ledger: { ...settings, addresses: ["10.128.16.5", "10.128.16.4/32"], via: "service" },
      files: { ...settings, addresses: ["10.128.17.4", "10.128.17.0/28"], via: "bypass" },
      idle: { ...settings, addresses: ["10.128.18.4"], via: "bypass" },
    };
    const granted = (...names: string[]) => {
      const allow = names.map((to) => ({ from: "test-app/app-a", to }));
      return servicesBeside(parseConfig({ ...soundConfig(), outside, allow }, { now }));
    };
    assert.deepEqual(granted("ledger", "files"), [
      { name: "files", ranges: ["10.128.17.0/28", "10.128.17.4/32"], ports: [8080, 443] },
      { name: "ledger", ranges: ["10.128.16.4/32", "10.128.16.5/32"], ports: [8080, 443] },
    ]);
    assert.deepEqual(granted("github"), []);
  });

  it("names a service's rule after it, in the form and length that Google takes, and unlike any other", () => {
    const long = "a-service-with-a-name-as-long-as-kubernetes-takes-it-and-no-lon";
    const names = ["ledger", "deny-egress", `${long.slice(0, 26)}-x`, long, `${long.slice(0, -1)}m`, "x".repeat(63)];
    const services = names.map((name) => ({ name, ranges: ["10.128.16.4/32"], ports: [443] }));
    const gke = gkeConfig({ name: "a-cluster-of-20-char" });
    const rules = planGke(gke, { externalPorts: [443], servicesBeside: services }).firewall;
    for (const { name } of rules) {
      assert.match(name, /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
    }
    assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
    const named = names.map((name) => rules.find(({ key }) => key === `outside-${name}`)!.name);
    assert.equal(named[0], "a-cluster-of-20-char-outside-ledger");
    assert.equal(named[3], "a-cluster-of-20-char-outside-a-service-with-a-name-as-8f6d415c");
  });

  it("lets the control plane call istiod's webhook, and load balancers only where they are wanted", () => {
    const webhook = firewall.find(({ key }) => key === "webhooks");
    assert.deepEqual(webhook?.allows, [{ protocol: "tcp", ports: ["15017"] }]);
    assert.deepEqual(webhook?.sourceRanges, ["172.16.0.0/28"]);
    assert.deepEqual(firewall.find(({ key }) => key === "health-checks")?.sourceRanges, [
      "130.211.0.0/22",
      "35.191.0.0/16",
    ]);
    const without = planGke(gkeConfig({ httpLoadBalancing: false }), { externalPorts: [443] }).firewall;
    assert.ok(!without.some(({ key }) => key === "health-checks"));
  });

  it("lets in what lets itself out inside: nodes and both ranges of pods", () => {
    const ranges = (key: string) => {
      const { destinationRanges, sourceRanges } = firewall.find((rule) => rule.key === key)!;
      return destinationRanges ?? sourceRanges;
    };
    assert.deepEqual(ranges("to-inside"), ["10.0.0.0/22", "10.4.0.0/14", "10.0.16.0/20"]);
    assert.deepEqual(ranges("from-inside"), ranges("to-inside"));
  });

  it("opens port 22 to nobody unless a pool carries the tag ssh", () => {
    assert.ok(!firewall.some(({ allows = [] }) => allows.some(({ ports }) => ports?.includes("22"))));
  });

  it("denies after everything else, and before Google's own rule that lets all out", () => {
    const last = firewall.find(({ denies }) => denies !== undefined)!;
    assert.ok(firewall.every(({ key, priority }) => key === last.key || priority < last.priority));
    assert.ok(last.priority < 65_535);
  });
});

describe("the way out", () => {
  const { egressAddresses, network, nodePools, controlPlane } = planGke(gkeConfig({ network: { natAddresses: 3 } }), {
    externalPorts: [443],
  });

  it("translates the gateways' pods alone, whose addresses nodes leave as they are", () => {
    assert.deepEqual(egressAddresses.natRanges.secondaryIpRangeNames, [nodePools.gateways.networkConfig.podRange]);
    assert.notEqual(nodePools.work.networkConfig.podRange, nodePools.gateways.networkConfig.podRange);
    assert.equal(controlPlane.defaultSnatStatus.disabled, true);
    const ranges = network.subnetwork.secondaryIpRanges.map(({ rangeName }) => rangeName);
    assert.ok(ranges.includes(nodePools.gateways.networkConfig.podRange));
  });

  it("uses reserved addresses only, as many as are asked for", () => {
    assert.deepEqual(
      egressAddresses.addresses.map(({ name }) => name),
      ["prod-egress-1", "prod-egress-2", "prod-egress-3"],
    );
    assert.equal(egressAddresses.nat.natIpAllocateOption, "MANUAL_ONLY");
  });
});

describe("Google's names", () => {
  it("lead to the restricted address, in zones that the network alone sees", () => {
    const { googleApis } = planGke(gkeConfig(), { externalPorts: [] });
    const names = googleApis.flatMap(({ records }) => records.map(({ name, type }) => `${type} ${name}`));
    assert.deepEqual(names, [
      "A gcr.io.",
      "CNAME *.gcr.io.",
      "A restricted.googleapis.com.",
      "CNAME *.googleapis.com.",
      "A pkg.dev.",
      "CNAME *.pkg.dev.",
    ]);
    assert.ok(googleApis.every(({ zone }) => zone.visibility === "private"));
  });
});

describe("node pools", () => {
  it("follow the load between two numbers, or keep one", () => {
    const [moving, fixed] = [gkeConfig({ nodes: { min: 2, max: 5 } }), gkeConfig({ nodes: { count: 3 } })].map(
      (gke) => planGke(gke, { externalPorts: [] }).nodePools.work,
    );
    assert.deepEqual(
      [moving!.autoscaling, moving!.nodeCount],
      [{ minNodeCount: 2, maxNodeCount: 5, locationPolicy: "BALANCED" }, undefined],
    );
    assert.deepEqual([fixed!.autoscaling, fixed!.nodeCount], [undefined, 3]);
  });

  it("run in the zones of the cluster: of a zone itself, of a region the first three, or those that are told", () => {
    const zones = (change: Record<string, unknown>) =>
      planGke(gkeConfig(change), { externalPorts: [] }).nodePools.work.nodeLocations;
    assert.deepEqual(zones({ location: "us-central1" }), ["us-central1-a", "us-central1-b", "us-central1-c"]);
    assert.deepEqual(zones({ location: "us-central1-f" }), ["us-central1-f"]);
    assert.deepEqual(zones({ zones: ["europe-west1-d", "europe-west1-b"] }), ["europe-west1-b", "europe-west1-d"]);
    const { controlPlane } = planGke(gkeConfig({ location: "us-central1-f" }), { externalPorts: [] });
    assert.deepEqual(controlPlane.nodeLocations, []);
  });

  it("boot from the kind of disk that their machines have", () => {
    const disk = (machineType: string) => bootDiskType(parseMachineType(machineType)!);
    assert.deepEqual(["n1-standard-2", "e2-medium", "c4-standard-4", "n4-custom-4-8192"].map(disk), [
      "pd-balanced",
      "pd-balanced",
      "hyperdisk-balanced",
      "hyperdisk-balanced",
    ]);
  });

  it("have the memory that Google's page lists for them", () => {
    const memory = (machineType: string) => parseMachineType(machineType)!.memoryGb;
    const machines = [
      "n1-standard-2",
      "e2-highcpu-8",
      "n4a-highcpu-2",
      "n4d-highcpu-2",
      "c4-highmem-8",
      "c4d-standard-8",
    ];
    assert.deepEqual(machines.map(memory), [7.5, 8, 4, 4, 62, 31]);
    assert.equal(memory("x4-megamem-960"), undefined);
  });

  it("keep their version where no channel raises it", () => {
    const relax = { noReleaseChannel: "pinned", manualUpgrades: "pinned" };
    const { nodePools, controlPlane } = planGke(gkeConfig({ version: "1.34.1-gke.1829001", relax }), {
      externalPorts: [],
    });
    assert.equal(nodePools.work.version, "1.34.1-gke.1829001");
    assert.equal(controlPlane.minMasterVersion, "1.34.1-gke.1829001");
    assert.equal(controlPlane.releaseChannel.channel, "UNSPECIFIED");
  });
});

describe("locations", () => {
  it("are regions and their zones, and nothing else", () => {
    for (const region of regions) {
      const zones = zonesOf(region);
      assert.deepEqual(locate(region), { region, zones });
      for (const zone of zones) {
        assert.deepEqual(locate(zone), { region, zones, zone });
      }
    }
    assert.deepEqual(
      ["", "europe", "europe-west1-a", "toString", "us-central1-d", "antarctica-south1"].map((name) => locate(name)),
      Array(6).fill(undefined),
    );
  });

  it("are regions that Google opens later, too, when their zones are listed", () => {
    const zones = ["antarctica-south1-a", "antarctica-south1-c"];
    const { region, nodes } = gkeConfig({ location: "antarctica-south1", zones });
    assert.deepEqual([region, nodes.zones], ["antarctica-south1", zones]);
    const { location } = planGke(gkeConfig({ location: "antarctica-south1-c", zones }), {
      externalPorts: [],
    }).controlPlane;
    assert.equal(location, "antarctica-south1-c");
  });

  it("cannot be widened by a list where they are known", () => {
    assert.equal(locate("europe-west1-a", ["europe-west1-a"]), undefined);
  });
});

describe("objects on a GKE cluster", () => {
  const plan = planStack(parseConfig({ ...soundConfig(), cluster: soundGke }, { now }));

  it("keep the gateway to its own nodes, even over zones, as many as the load asks for", () => {
    const { spec } = find(plan.gateways[0]!.manifests, "Deployment/istio-egress/egress-gateway");
    assert.equal(spec.replicas, undefined);
    assert.deepEqual(spec.template.spec.nodeSelector, { "istio-egress/pool": "gateways" });
    assert.deepEqual(spec.template.spec.tolerations, [
      { key: "istio-egress/pool", operator: "Equal", value: "gateways", effect: "NoSchedule" },
    ]);
    const spread = spec.template.spec.topologySpreadConstraints as Record<string, string>[];
    assert.deepEqual(
      spread.map(({ topologyKey, whenUnsatisfiable }) => [topologyKey, whenUnsatisfiable]),
      [
        ["kubernetes.io/hostname", "ScheduleAnyway"],
        ["topology.kubernetes.io/zone", "DoNotSchedule"],
      ],
    );
    const autoscaler = find(plan.gateways[0]!.manifests, "HorizontalPodAutoscaler/istio-egress/egress-gateway").spec;
    assert.deepEqual([autoscaler.minReplicas, autoscaler.maxReplicas], [2, 6]);
  });

  it("let pods ask the resolvers of the node and of the network, and no port of theirs but DNS", () => {
    for (const manifests of [plan.egress, plan.namespaces[0]!.manifests]) {
      const policy = manifests.find(({ metadata }) => metadata.name === "egress-to-dns") as any;
      const [{ to, ports }] = policy.spec.egress;
      const blocks = to.flatMap((peer: any) => (peer.ipBlock === undefined ? [] : [peer.ipBlock.cidr]));
      assert.deepEqual(blocks, ["169.254.20.10/32", "169.254.169.254/32"]);
      assert.deepEqual(
        ports.map(({ port }: { port: number }) => port),
        [53, 53],
      );
    }
  });

  it("pull Istio's images through the mirror, unless the stack has them elsewhere", () => {
    const hub = "europe-west1-docker.pkg.dev/acme-prod/prod-docker-hub/istio";
    assert.deepEqual(plan.mesh!.istiod.values.global, { hub });
    const mesh = { values: { global: { hub: "registry.example/istio" } } };
    const elsewhere = planStack(parseConfig({ ...soundConfig(), cluster: soundGke, mesh }, { now }));
    assert.deepEqual(elsewhere.mesh!.istiod.values.global, { hub: "registry.example/istio" });
  });
});
