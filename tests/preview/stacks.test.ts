// The first preview of every stack that makes its own cluster: the whole program through Pulumi's engine, with nothing
// in the state. Does not prove: that Google's API or the cluster take what is previewed; the recorder asks neither.
import assert from "node:assert/strict";
import { unknownValue } from "../../lab/json";
import { GkeConfig, planStack, relaxationWarnings } from "../../model";
import { selectorMatches } from "../../model/ground/label-selector";
import { planResources } from "../../model/render/resources";
import { editStack, scratchCheckout } from "../lab/support/checkout";
import { Edges } from "./support/edges";
import { Engine, Preview, PreviewedResource } from "./support/engine";
import { allStacks, lastForever } from "./support/stacks";

const stacks = allStacks().flatMap(({ stack, config }) =>
  config.cluster.kind === "gke" ? [{ stack, config, gke: config.cluster }] : [],
);

/** The engine says where it found the language host. */
const isOurs = (warning: string) => !warning.includes("pulumi-language-nodejs");

describe("the first preview", () => {
  const times: string[] = [];
  let engine: Engine;
  let checkout: ReturnType<typeof scratchCheckout>;

  before(async () => {
    engine = await Engine.start();
    checkout = scratchCheckout();
    lastForever(checkout.folder);
  });

  after(async () => {
    checkout.remove();
    await engine.stop();
    process.stdout.write(`\nFirst previews, of an empty project:\n${times.join("\n")}\n`);
  });

  it("is made of every stack that has a cluster of its own, prod among them", () => {
    assert.ok(stacks.some(({ stack }) => stack === "prod"));
  });

  for (const { stack, config, gke } of stacks) {
    describe(`of ${stack}`, () => {
      let preview: Preview;
      let all: PreviewedResource[];

      before(async () => {
        preview = await engine.preview(checkout.folder, stack);
        assert.equal(preview.exitCode, 0, preview.output);
        all = preview.steps.map(({ newState }) => newState);
        const counts = ["gcp", "kubernetes", "istio-egress"].map((of) => `${of} ${ofPackage(of).length}`);
        times.push(`  ${stack.padEnd(10)} ${preview.seconds.toFixed(1)} s; resources: ${counts.join(", ")}`);
      });

      const ofPackage = (name: string) => all.filter(({ type }) => type.startsWith(`${name}:`));
      const ofType = (type: string) => all.filter((resource) => resource.type === type);

      it("creates everything, without an error", () => {
        assert.deepEqual(preview.errors, []);
        assert.deepEqual([...new Set(preview.steps.map(({ op }) => op))], ["create"]);
      });

      it("warns of what the configuration relaxes, and of nothing else", () => {
        const warnings = preview.warnings.filter(isOurs).map((text) => text.replace(/^warning: /, ""));
        assert.deepEqual(warnings.sort(), relaxationWarnings(gke).sort());
      });

      it("shows the Kubernetes part whole, though the cluster is not there", () => {
        const planned = planResources(planStack(config));
        const objects = planned.filter(({ provider }) => provider === "kubernetes");
        const isRelease = ({ type }: PreviewedResource) => type === "kubernetes:helm.sh/v3:Release";
        const shown = ofPackage("kubernetes").filter((resource) => !isRelease(resource));
        assert.deepEqual(shown.map(titleOf).sort(), objects.map(({ type, name }) => `${type} ${name}`).sort());
        assert.equal(ofPackage("kubernetes").filter(isRelease).length, planned.length - objects.length);
      });

      it("shows what the cloud is asked for, each resource held to what @pulumi/gcp declares", () => {
        assert.deepEqual(
          preview.recorded.map(({ urn }) => urn).sort(),
          ofPackage("gcp")
            .map(({ urn }) => urn)
            .sort(),
        );
        const counts: Record<string, number> = {
          "gcp:container/cluster:Cluster": 1,
          "gcp:container/nodePool:NodePool": 2,
          "gcp:compute/network:Network": 1,
          "gcp:compute/routerNat:RouterNat": 1,
          "gcp:compute/address:Address": gke.network.natAddresses,
        };
        for (const [type, count] of Object.entries(counts)) {
          assert.equal(ofType(type).length, count, type);
        }
      });

      it("does not know the kubeconfig yet, but knows which cluster it will be of", () => {
        const [provider, ...others] = ofType("pulumi:providers:kubernetes");
        assert.deepEqual(others, []);
        assert.equal(provider!.inputs!.kubeconfig, unknownValue);
        assert.match(provider!.inputs!.clusterIdentifier, clusterName(gke));
        for (const resource of ofPackage("kubernetes")) {
          assert.ok(resource.provider?.startsWith(`${provider!.urn}::`), `${resource.urn}: ${resource.provider}`);
        }
      });

      it("does not know what node pools are given of the cluster and of their accounts", () => {
        for (const { inputs } of ofType("gcp:container/nodePool:NodePool")) {
          assert.equal(inputs!.cluster, unknownValue);
          assert.equal(inputs!.nodeConfig.serviceAccount, unknownValue);
        }
      });

      it("lets everything on the cluster wait for the node pools and the way out", () => {
        const edges = new Edges(all);
        const first = [...ofType("gcp:container/nodePool:NodePool"), ...ofType("gcp:compute/routerNat:RouterNat")];
        for (const resource of ofPackage("kubernetes")) {
          const behind = edges.behind(resource);
          for (const { urn } of first) {
            assert.ok(behind.has(urn), `${resource.urn} does not wait for ${urn}`);
          }
        }
      });

      if (config.mesh.kind === "cloud-service-mesh") {
        it("lets everything of the mesh's wait until Google has been told to manage it", () => {
          const edges = new Edges(all);
          const [membership, ...others] = ofType("gcp:gkehub/featureMembership:FeatureMembership");
          assert.deepEqual(others, []);
          assert.deepEqual(
            [membership!.inputs!.membership, membership!.inputs!.membershipLocation],
            [unknownValue, unknownValue],
          );
          const meshed = ofPackage("kubernetes").filter(({ type }) => /istio\.io|:Deployment$/.test(type));
          assert.ok(meshed.length > 0);
          assert.deepEqual(
            meshed.filter((resource) => !edges.behind(resource).has(membership!.urn)),
            [],
          );
        });
      }

      it("asks nobody outside the machine, not even for plugins", () => {
        assert.deepEqual(engine.deadEnd.asked, []);
      });

      it("lets workloads wait for their namespace's NetworkPolicies, and node pools for the firewall", () => {
        const edges = new Edges(all);
        // A policy that opens a service beside the mesh for pods, or them for Prometheus, guards nothing that they would
        // have to wait for.
        const policies = ofType("kubernetes:networking.k8s.io/v1:NetworkPolicy").filter(
          ({ urn }) => !/OutsideService|EgressMetrics/.test(urn),
        );
        for (const deployment of ofType("kubernetes:apps/v1:Deployment")) {
          const { metadata, spec } = deployment.inputs!;
          const own = policies.filter(
            ({ inputs }) =>
              inputs!.metadata.namespace === metadata.namespace &&
              selectorMatches(inputs!.spec.podSelector, spec.template.metadata.labels),
          );
          assert.ok(own.length > 0, metadata.name);
          assert.deepEqual(
            own.filter(({ urn }) => !edges.behind(deployment).has(urn)),
            [],
          );
        }
        for (const pool of ofType("gcp:container/nodePool:NodePool")) {
          const rules = ofType("gcp:compute/firewall:Firewall");
          assert.deepEqual(
            rules.filter(({ urn }) => !edges.behind(pool).has(urn)),
            [],
          );
        }
      });
    });
  }

  it("of a stack with mistakes says what `egress check` says, and asks the cloud for nothing", async () => {
    const mistaken = scratchCheckout();
    editStack(mistaken.folder, "prod", (text) => text.replace("project: acme-prod", "project: Acme Prod"));
    const { exitCode, errors, recorded } = await engine.preview(mistaken.folder, "prod");
    mistaken.remove();
    assert.notEqual(exitCode, 0);
    assert.match(errors.join("\n"), /istio-egress:cluster\.project: "Acme Prod"\n +Not the ID of a project\./);
    assert.deepEqual(recorded, []);
  });
});

/** `apps/v1/Deployment shop/cart`, as the renderer calls it. */
function titleOf({ inputs }: PreviewedResource): string {
  const { apiVersion, kind, metadata } = inputs!;
  return `${apiVersion}/${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}

function clusterName({ name, project }: GkeConfig): RegExp {
  return new RegExp(`${project}.*${name}$`);
}
