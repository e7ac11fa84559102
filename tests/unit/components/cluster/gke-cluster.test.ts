// What a stack on GKE asks the engine for, in which order, by which provider and with what hidden.
// Does not prove: that Google, or the gcp plugin, takes any of it.
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { GkeCluster } from "../../../../components/gke";
import { GkeConfig, parseConfig, StackConfig } from "../../../../model";
import { soundConfig } from "../../model/config/sound-config";
import { soundGke } from "../../model/gke/gke-config";
import { RecordingEngine, register, Registration, settled, today, warningsOf } from "../register";

function config(cluster: Record<string, unknown> = {}): StackConfig {
  return parseConfig({ ...soundConfig(), cluster: { ...soundGke, ...cluster } }, { now: today });
}

/** The cluster, its mesh and its gateway, and nothing that is not about them. */
function bare(cluster: Record<string, unknown> = {}): StackConfig {
  return parseConfig({ cluster: { ...soundGke, ...cluster } }, { now: today });
}

const sound = config();
let registrations: Registration[];

function one(type: string, name?: RegExp): Registration {
  const found = registrations.filter((r) => r.type.endsWith(type) && (name === undefined || name.test(r.name)));
  assert.equal(found.length, 1, `${found.length} of ${type}`);
  return found[0]!;
}

/** What the engine has been asked for while it sits on one resource. */
async function startedWhileHolding(name: string): Promise<string[]> {
  const engine = new RecordingEngine();
  const release = engine.hold(name);
  const run = engine.run({ config: bare() });
  await engine.quiet();
  const { started } = engine;
  release();
  await run;
  return started;
}

describe("a stack on GKE", () => {
  before(async () => (registrations = await register({ config: sound })));

  it("asks one provider of its own for everything of Google's, and one for everything on the cluster", () => {
    const providers = (prefix: string) =>
      new Set(
        registrations.filter(({ type }) => type.startsWith(prefix)).map(({ provider }) => provider.split("::").at(-2)),
      );
    assert.deepEqual(providers("gcp:"), new Set(["platform-gke/google"]));
    assert.deepEqual(providers("kubernetes:"), new Set(["platform-cluster"]));
    assert.deepEqual(one("providers:gcp").inputs, { project: "acme-prod", region: "europe-west1" });
  });

  it("knows its cluster by name, so that another kubeconfig replaces nothing", () => {
    const { inputs } = one("providers:kubernetes");
    assert.equal(inputs.clusterIdentifier, "projects/acme-prod/locations/europe-west1/clusters/prod");
  });

  it("reaches it by a secret kubeconfig that holds no key, at the private endpoint or the DNS name", async () => {
    const asked = async (cluster: Record<string, unknown>) => {
      const { platform } = await new RecordingEngine().run({ config: bare(cluster) });
      assert.equal(await pulumi.isSecret(platform.gke!.kubeconfig), true);
      return JSON.parse(await settled(platform.gke!.kubeconfig));
    };
    const byAddress = await asked({});
    assert.deepEqual(byAddress.clusters[0].cluster, {
      server: "https://<endpoint of platform-gke-control-plane/cluster>",
      "certificate-authority-data": "<certificate authority of platform-gke-control-plane/cluster>",
    });
    assert.equal(byAddress["current-context"], "gke_acme-prod_europe-west1_prod");
    assert.equal(byAddress.users[0].user.exec.command, "gke-gcloud-auth-plugin");
    assert.deepEqual(Object.keys(byAddress.users[0].user), ["exec"]);

    const byName = await asked({ relax: { dnsEndpoint: "for this test" } });
    assert.deepEqual(byName.clusters[0].cluster, {
      server: "https://<DNS endpoint of platform-gke-control-plane/cluster>",
    });
  });

  describe("with a mesh that Google manages", () => {
    const managed = (): StackConfig =>
      parseConfig({ ...soundConfig(), cluster: soundGke, mesh: { kind: "cloud-service-mesh" } }, { now: today });
    const istioKinds =
      /^(AuthorizationPolicy|DestinationRule|Gateway|PeerAuthentication|ServiceEntry|Sidecar|VirtualService) /;

    it("installs none, and tells Google which cluster of the fleet is meant, once that has nodes", async () => {
      const all = await register({ config: managed() });
      assert.ok(!all.some(({ type }) => /:(Release|EnvoyFilter)$/.test(type)));
      const membership = all.find(({ type }) => type.endsWith(":FeatureMembership"))!;
      assert.deepEqual(membership.inputs, {
        feature: "servicemesh",
        location: "global",
        membership: "<membership of platform-gke-control-plane/cluster>",
        membershipLocation: "<membership's location of platform-gke-control-plane/cluster>",
        mesh: { management: "MANAGEMENT_AUTOMATIC" },
        project: "acme-prod",
      });
      assert.deepEqual(membership.waitsFor.sort(), [
        "NodePool platform-gke-pools/gateways",
        "NodePool platform-gke-pools/work",
      ]);
      const feature = all.find(({ type }) => type.endsWith("gkehub/feature:Feature"))!;
      assert.ok(feature.waitsFor.includes("Service platform-gke/mesh.googleapis.com"));
    });

    it("puts neither pods nor anything of Istio's on the cluster before Google manages it", async () => {
      const engine = new RecordingEngine();
      const release = engine.hold("platform-gke-mesh/membership");
      const run = engine.run({ config: managed() });
      await engine.quiet();
      const { started } = engine;
      release();
      await run;
      assert.deepEqual(
        started.filter((title) => istioKinds.test(title) || title.startsWith("Deployment ")),
        [],
      );
      assert.ok(started.some((title) => title.startsWith("NetworkPolicy ")));
      assert.ok(engine.started.some((title) => istioKinds.test(title)));
    });

    it("names the workloads' identities after the project's workload pool", async () => {
      const { platform } = await new RecordingEngine().run({ config: managed() });
      const identities = await settled(platform.identities);
      assert.equal(identities["test-app/app-a"], "spiffe://acme-prod.svc.id.goog/ns/test-app/sa/app-a");
    });

    it("waits with a host's way to the gateway for the namespace that it stands in", async () => {
      const engine = new RecordingEngine();
      const release = engine.hold("platform-test-app/test-app");
      const run = engine.run({ config: managed() });
      await engine.quiet();
      const early = engine.started.filter((title) => / platform-egress\/destinations\/test-app\//.test(title));
      release();
      await run;
      assert.deepEqual(early, []);
      assert.ok(engine.started.includes("ServiceEntry platform-egress/destinations/test-app/github.hosts"));
    });
  });

  it("tells partners its addresses", async () => {
    const { platform } = await new RecordingEngine().run({ config: bare() });
    assert.deepEqual(await settled(platform.gke!.egressAddresses), [
      "<address of platform-gke-egress/prod-egress-1>",
      "<address of platform-gke-egress/prod-egress-2>",
    ]);
  });

  it("puts nothing on the cluster before there are nodes for it and a way out", async () => {
    assert.deepEqual(one("providers:kubernetes").waitsFor.sort(), [
      "NodePool platform-gke-pools/gateways",
      "NodePool platform-gke-pools/work",
      "RouterNat platform-gke-egress/nat",
    ]);
    const started = await startedWhileHolding("platform-gke-pools/gateways");
    assert.deepEqual(
      started.filter((title) => /^(Namespace|Release|Deployment|kubernetes) /.test(title)),
      [],
    );
  });

  it("starts no cluster before its nodes could join: firewall, names, roles and key", () => {
    const { waitsFor, inputs } = one(":Cluster");
    const needed = registrations.filter(({ type }) => /^gcp:.*:(Firewall|RecordSet|\w*I[Aa][Mm]Member)$/.test(type));
    const missing = needed
      .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`)
      .filter((t) => !waitsFor.includes(t));
    assert.deepEqual(missing, ["CryptoKeyIAMMember platform-gke-secrets/grant"]);
    // The grant itself says which key it is: the cluster cannot know the key without it.
    assert.equal(inputs.databaseEncryption.keyName, one(":CryptoKeyIAMMember").inputs.cryptoKeyId);
    assert.ok(needed.length > 15);
  });

  it("asks Google for nothing before its APIs are turned on", () => {
    const services = registrations.filter(({ type }) => type.endsWith("/service:Service"));
    const first = registrations.filter(
      ({ type }) =>
        /:(Network|Address|Account|KeyRing|ServiceIdentity|Repository)$/.test(type) && type.startsWith("gcp:"),
    );
    assert.equal(first.length, 8);
    for (const { waitsFor } of first) {
      assert.equal(waitsFor.length, services.length);
    }
  });

  it("runs each pool's nodes under its own account, and names no other in the rule that lets gateways out", () => {
    const account = (pool: string) => `<email of platform-gke-nodes/${pool}>`;
    for (const pool of ["work", "gateways"]) {
      const { inputs } = one(":NodePool", new RegExp(`/${pool}$`));
      assert.equal(inputs.nodeConfig.serviceAccount, account(pool));
    }
    assert.equal(one(":Cluster").inputs.nodeConfig.serviceAccount, account("work"));
    assert.deepEqual(one(":Firewall", /gateways-out$/).inputs.targetServiceAccounts, [account("gateways")]);
    assert.equal(one(":Firewall", /deny-egress$/).inputs.targetServiceAccounts, undefined);
  });

  it("lets the gateways' nodes read the mirror, and no other image of the project", () => {
    const { inputs } = one(":RepositoryIamMember");
    assert.deepEqual(
      [inputs.repository, inputs.member],
      ["prod-docker-hub", "<member of platform-gke-nodes/gateways>"],
    );
    const readers = registrations.filter(({ inputs: { role } }) => role === "roles/artifactregistry.reader");
    assert.deepEqual(readers.map(({ name }) => name).sort(), [
      "platform-gke-nodes/gateways/mirror",
      "platform-gke-nodes/work/roles/artifactregistry.reader",
    ]);
  });

  it("wraps Secrets in a key of its own, in one that it is told, or in none", async () => {
    const keyOf = async (cluster: Record<string, unknown>) => {
      registrations = await register({ config: bare(cluster) });
      const keys = registrations.filter(({ type }) => type.endsWith(":CryptoKey")).length;
      return [one(":Cluster").inputs.databaseEncryption, keys];
    };
    const theirs = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k";
    assert.deepEqual(await keyOf({ secretsKey: theirs }), [{ state: "ENCRYPTED", keyName: theirs }, 0]);
    assert.deepEqual(await keyOf({ relax: { unencryptedSecrets: "for this test" } }), [{ state: "DECRYPTED" }, 0]);
    assert.deepEqual(await keyOf({}), [{ state: "ENCRYPTED", keyName: "platform-gke-secrets/key-id" }, 1]);
  });

  it("changes one resource's worth when an address is added", async () => {
    const names = async (natAddresses: number) => {
      const all = await register({ config: bare({ network: { natAddresses } }) });
      return new Map(all.map(({ urn, inputs }) => [urn, JSON.stringify(inputs)]));
    };
    const [before, after] = [await names(2), await names(3)];
    const differing = [...after.keys()].filter((urn) => before.get(urn) !== after.get(urn));
    assert.deepEqual(differing.map((urn) => urn.split("::").at(-1)).sort(), [
      "platform-gke-egress/nat",
      "platform-gke-egress/prod-egress-3",
    ]);
  });

  it("warns of what is relaxed, and of nothing else", async () => {
    assert.deepEqual(await warningsOf(bare()), []);
    const [warning, ...more] = await warningsOf(bare({ relax: { noFlowLogs: "costs more than the nodes" } }));
    assert.match(warning!, /item 5\.6\.1, .*Reason: costs more than the nodes/);
    assert.deepEqual(more, []);
  });

  it("takes the gateways' ports under their earlier name, and none at all for no answer", async () => {
    const asked = async (ports: object) => {
      const engine = new RecordingEngine();
      await engine.use();
      const cluster = new GkeCluster("gke", { gke: bare().cluster as GkeConfig, ...ports });
      await settled(cluster.urn);
      await settled(cluster.kubeconfig);
      await engine.quiet();
      return engine.started.filter((name) => name.includes("gateways")).sort();
    };
    const named = await asked({ externalPorts: [443] });
    assert.notDeepEqual(named, await asked({ externalPorts: [] }));
    assert.deepEqual(await asked({ outsidePorts: [443] }), named);
    await assert.rejects(asked({}), /GkeCluster "gke"[^]*externalPorts: It is missing/);
  });
});
