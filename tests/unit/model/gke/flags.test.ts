// Every flag of the command of 2019, looked for in what the stack `asuka` plans.
// Does not prove: that the two clusters behave alike; one of them cannot be made any longer.
import assert from "node:assert/strict";
import { readStackFile } from "../../../../cli/stack-file";
import { GkeConfig, GkePlan, parseConfig, Plan, planGke, planStack, grantedExternalPorts } from "../../../../model";
import { flagTable, seedFlags } from "../../../../model/gke/flags";
import { now } from "../config/sound-config";
import { documentedTable } from "./markdown";

interface Asuka {
  gke: GkePlan;
  plan: Plan;
}

const places: Record<string, (asuka: Asuka) => void> = {
  asuka: ({ gke }) => assert.equal(gke.controlPlane.name, "asuka"),
  "--machine-type=n1-standard-2": ({ gke }) => assert.equal(work(gke).nodeConfig.machineType, "n1-standard-2"),
  "--num-nodes=3": ({ gke }) => assert.equal(work(gke).nodeCount, 3),
  "--image-type=COS": ({ gke }) => assert.equal(work(gke).nodeConfig.imageType, "COS_CONTAINERD"),
  "--cluster-version=1.12": ({ gke }) => assert.equal(gke.controlPlane.releaseChannel.channel, "REGULAR"),
  "--tags=ssh": ({ gke }) => {
    assert.deepEqual(work(gke).nodeConfig.tags, ["ssh"]);
    const rule = gke.firewall.find(({ targetTags }) => targetTags?.includes("ssh"));
    assert.deepEqual([rule?.sourceRanges, rule?.allows], [["35.235.240.0/20"], [{ protocol: "tcp", ports: ["22"] }]]);
  },
  "--addons=Istio": ({ plan }) => assert.equal(plan.mesh!.istiod.chart, "istiod"),
  "--addons=HttpLoadBalancing": ({ gke }) => {
    assert.equal(gke.controlPlane.addonsConfig.httpLoadBalancing.disabled, false);
    assert.ok(gke.firewall.some(({ key }) => key === "health-checks"));
  },
  "--istio-config=auth=MTLS_STRICT": ({ plan }) =>
    assert.deepEqual(
      plan.mesh!.policies.map(({ kind, spec }) => [kind, spec]),
      [["PeerAuthentication", { mtls: { mode: "STRICT" } }]],
    ),
  "--preemptible": ({ gke }) => assert.equal(work(gke).nodeConfig.spot, true),
  "--enable-ip-alias": ({ gke }) => assert.equal(gke.controlPlane.networkingMode, "VPC_NATIVE"),
  '--create-subnetwork ""': ({ gke }) => assert.equal(gke.network.subnetwork.name, "asuka"),
  "--enable-network-policy": ({ gke }) =>
    assert.deepEqual(
      [gke.controlPlane.networkPolicy, gke.controlPlane.addonsConfig.networkPolicyConfig.disabled],
      [{ enabled: true, provider: "CALICO" }, false],
    ),
  "--scopes cloud-platform": ({ gke }) =>
    assert.deepEqual(work(gke).nodeConfig.oauthScopes, ["https://www.googleapis.com/auth/cloud-platform"]),
};

function work({ nodePools }: GkePlan) {
  return nodePools.work;
}

describe("the flags of 2019", () => {
  const config = parseConfig(readStackFile("asuka").raw, { now });
  const gke = planGke(config.cluster as GkeConfig, { externalPorts: grantedExternalPorts(config) });
  const asuka = { gke, plan: planStack(config) };

  for (const { flag } of seedFlags) {
    it(`${flag} has its place`, () => places[flag]!(asuka));
  }

  it("are the table in docs/gke.md", () => {
    assert.deepEqual(documentedTable("flags", flagTable()), flagTable());
  });
});
