// Every item of the benchmark that docs/gke.md lists: what the plan says by default, and that its keys open it.
// Does not prove: what a scanner finds on a running cluster; docs/gke-first-run.md says how to ask one.
import assert from "node:assert/strict";
import { GkePlan, planGke, relaxationWarnings } from "../../../../model";
import { benchmarkItems, benchmarkTable } from "../../../../model/gke/cis";
import { Relaxation, relaxationNames, relaxations } from "../../../../model/ground/gke/relaxations";
import { gkeConfig } from "./gke-config";
import { documentedTable } from "./markdown";

const reason = "for this test";

/** What else a relaxation needs beside it. */
const beside: Partial<Record<Relaxation, Record<string, unknown>>> = {
  noReleaseChannel: { version: "1.34.1-gke.1829001" },
  manualUpgrades: { version: "1.34.1-gke.1829001", relax: { noReleaseChannel: reason } },
  manualRepair: { version: "1.34.1-gke.1829001", relax: { noReleaseChannel: reason } },
  publicEndpoint: { authorizedNetworks: { office: "203.0.113.0/24" } },
  unlistedNetworks: { relax: { publicEndpoint: reason } },
};

const pools = ({ nodePools }: GkePlan) => [nodePools.work, nodePools.gateways];
const nodes = (plan: GkePlan) => [plan.controlPlane.nodeConfig, ...pools(plan).map(({ nodeConfig }) => nodeConfig)];

/** Whether a plan satisfies an item. */
const satisfies: Record<string, (plan: GkePlan) => boolean> = {
  "4.3.1": ({ controlPlane }) => controlPlane.datapathProvider === "ADVANCED_DATAPATH",
  "5.1.3": ({ identities }) =>
    [identities.work, identities.gateways].every(({ projectRoles }) =>
      projectRoles.every((role) => !role.includes("artifactregistry") || role.endsWith(".reader")),
    ),
  "5.1.4": ({ controlPlane }) => controlPlane.binaryAuthorization.evaluationMode === "PROJECT_SINGLETON_POLICY_ENFORCE",
  "5.2.1": ({ identities }) => identities.work.account.accountId !== identities.gateways.account.accountId,
  "5.2.2": ({ controlPlane }) => controlPlane.workloadIdentityConfig?.workloadPool === "acme-prod.svc.id.goog",
  "5.3.1": ({ controlPlane, secretsKey }) =>
    controlPlane.databaseEncryption.state === "ENCRYPTED" && secretsKey !== undefined,
  "5.4.1": (plan) =>
    nodes(plan).every(
      ({ workloadMetadataConfig, metadata }) =>
        workloadMetadataConfig.mode === "GKE_METADATA" && metadata["disable-legacy-endpoints"] === "true",
    ),
  "5.5.1": (plan) => nodes(plan).every(({ imageType }) => imageType === "COS_CONTAINERD"),
  "5.5.2": (plan) => pools(plan).every(({ management }) => management.autoRepair),
  "5.5.3": (plan) => pools(plan).every(({ management }) => management.autoUpgrade),
  "5.5.4": ({ controlPlane }) => controlPlane.releaseChannel.channel === "REGULAR",
  "5.5.5": ({ controlPlane }) => controlPlane.enableShieldedNodes,
  "5.5.6": (plan) => nodes(plan).every(({ shieldedInstanceConfig: { enableIntegrityMonitoring: on } }) => on),
  "5.5.7": (plan) => nodes(plan).every(({ shieldedInstanceConfig: { enableSecureBoot: on } }) => on),
  "5.6.1": ({ controlPlane, network }) =>
    controlPlane.enableIntranodeVisibility && network.subnetwork.logConfig !== undefined,
  "5.6.2": ({ controlPlane }) => controlPlane.networkingMode === "VPC_NATIVE",
  "5.6.3": ({ controlPlane }) => controlPlane.masterAuthorizedNetworksConfig?.gcpPublicCidrsAccessEnabled === false,
  "5.6.4": ({ controlPlane }) =>
    controlPlane.privateClusterConfig.enablePrivateEndpoint &&
    !controlPlane.controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic,
  "5.6.5": (plan) =>
    plan.controlPlane.privateClusterConfig.enablePrivateNodes &&
    pools(plan).every(({ networkConfig }) => networkConfig.enablePrivateNodes),
  "5.6.6": ({ firewall }) => firewall.some(({ denies, direction }) => denies !== undefined && direction === "EGRESS"),
  "5.7.1": ({ controlPlane }) =>
    controlPlane.loggingConfig.enableComponents.includes("SYSTEM_COMPONENTS") &&
    controlPlane.monitoringConfig.enableComponents.includes("SYSTEM_COMPONENTS"),
  "5.8.1": ({ controlPlane }) => !controlPlane.masterAuth.clientCertificateConfig.issueClientCertificate,
  "5.8.3": ({ controlPlane }) => !controlPlane.enableLegacyAbac,
  "5.10.2": ({ controlPlane }) => !controlPlane.enableKubernetesAlpha,
  "5.10.4": ({ controlPlane }) => controlPlane.securityPostureConfig.mode === "BASIC",
};

function relaxed(name: Relaxation) {
  const needs = beside[name] ?? {};
  return gkeConfig({ ...needs, relax: { ...(needs.relax as object | undefined), [name]: reason } });
}

describe("the CIS benchmark's items", () => {
  const byDefault = planGke(gkeConfig(), { externalPorts: [443] });

  for (const { item, title, relaxedBy } of benchmarkItems) {
    it(`${item} ${title}: holds by default`, () => assert.ok(satisfies[item]!(byDefault)));

    for (const name of typeof relaxedBy === "string" ? [] : relaxedBy) {
      it(`${item} ${title}: is opened by ${name}, which previews warn of`, () => {
        const gke = relaxed(name);
        assert.equal(satisfies[item]!(planGke(gke, { externalPorts: [443] })), false);
        const warning = relaxationWarnings(gke).find((text) => text.includes(`relax.${name})`));
        assert.ok(warning?.includes(`item ${relaxations[name].item},`) && warning.includes(reason), warning);
      });
    }
  }

  it("are opened by nothing else than what the table names, and by all of it", () => {
    const named = benchmarkItems.flatMap(({ relaxedBy }) => (typeof relaxedBy === "string" ? [] : relaxedBy));
    assert.deepEqual([...new Set(named)].sort(), [...relaxationNames].sort());
    for (const name of relaxationNames) {
      const item = benchmarkItems.find((candidate) => candidate.item === relaxations[name].item);
      assert.ok(item?.relaxedBy.includes(name), `${name} warns of an item that the table does not list it with`);
    }
  });

  it("warn of nothing where nothing is relaxed", () => assert.deepEqual(relaxationWarnings(gkeConfig()), []));

  it("are the table in docs/gke.md", () => {
    assert.deepEqual(documentedTable("cis", benchmarkTable()), benchmarkTable());
  });
});
