// What the kind of mesh makes of a stack's objects.
// Does not prove: that the mesh of somebody else's is as it is said to be; the lab's tests run one.
import assert from "node:assert/strict";
import { Manifest, manifestKey, meshTraits, parseConfig, Plan, planStack } from "../../../../model";
import { manifestsOf } from "../../../property/allowlists";
import { now, soundConfig } from "../config/sound-config";
import { find } from "./find";

function plan(mesh: Record<string, unknown>): Plan {
  return planStack(parseConfig({ ...soundConfig(), mesh }, { now }));
}

function ofKind(manifests: Manifest[], kind: string): string[] {
  return manifests.filter((manifest) => manifest.kind === kind).map(manifestKey);
}

const namespaces = ["istio-egress", "istio-workload", "test-app"];

describe("a mesh that is there already", () => {
  const existing = plan({ kind: "existing" });

  it("differs from one of the stack's own by what is installed, who asks for mutual TLS, and how Gateways find pods", () => {
    const added = manifestsOf(existing).filter(({ kind }) => kind === "PeerAuthentication");
    assert.equal(existing.mesh, undefined);
    assert.deepEqual(
      added.map(manifestKey).sort(),
      namespaces.map((namespace) => `PeerAuthentication/${namespace}/default`),
    );
    for (const { spec } of added) {
      assert.deepEqual(spec, { mtls: { mode: "STRICT" } });
    }
    const { mesh: _, ...own } = plan({});
    const rest = manifestsOf(existing).filter((manifest) => !added.includes(manifest));
    const apart = ({ kind }: { kind: string }) => kind !== "Gateway";
    assert.deepEqual(rest.filter(apart), manifestsOf(own).filter(apart));
    const [gateway] = rest.filter(({ kind }) => kind === "Gateway") as { spec?: any }[];
    assert.deepEqual(gateway!.spec.selector, {
      istio: "egress-gateway",
      "istio-egress/gateway": "istio-egress.egress-gateway",
    });
  });

  it("asks for mutual TLS mesh-wide where it is the stack's own, and in no namespace besides", () => {
    assert.deepEqual(ofKind(manifestsOf(plan({})), "PeerAuthentication"), ["PeerAuthentication/istio-system/default"]);
  });

  it("gets the pods of a revision by that revision's label, and by no other", () => {
    const injection = (planned: Plan) =>
      planned.namespaces.map(({ name, manifests }) => {
        const labels = find(manifests, `Namespace/${name}`).metadata.labels!;
        return [labels["istio.io/rev"], labels["istio-injection"]];
      });
    assert.deepEqual(injection(plan({ kind: "existing", revision: "1-31" })), [
      ["1-31", undefined],
      ["1-31", undefined],
    ]);
    assert.deepEqual(injection(existing), [
      [undefined, "enabled"],
      [undefined, "enabled"],
    ]);
  });

  it("gets the gateways' pods by the same label, on the pods themselves", () => {
    const labels = (planned: Plan) =>
      find(planned.gateways[0]!.manifests, "Deployment/istio-egress/egress-gateway").spec.template.metadata.labels;
    const ofRevision = labels(plan({ kind: "existing", revision: "1-31" }));
    assert.equal(ofRevision["istio.io/rev"], "1-31");
    assert.equal(labels(existing)["istio.io/rev"], undefined);
  });

  it("names every identity by its trust domain", () => {
    const text = JSON.stringify(manifestsOf(plan({ kind: "existing", trustDomain: "prod.example.org" })));
    const { destinations } = plan({ kind: "existing", trustDomain: "prod.example.org" });
    const { rules } = find(destinations[0]!.manifests, "AuthorizationPolicy/istio-egress/allow-github").spec;
    assert.deepEqual(
      rules.map((rule: any) => rule.from[0].source.principals),
      [["prod.example.org/ns/test-app/sa/app-a"], ["prod.example.org/ns/test-app/sa/app-a"]],
    );
    assert.match(text, /spiffe:\/\/prod\.example\.org\/ns\/istio-egress\/sa\/egress-gateway/);
    assert.doesNotMatch(text, /cluster\.local\/ns\//);
  });

  it("is taken to accept EnvoyFilters, unless it is said not to", () => {
    assert.deepEqual(ofKind(manifestsOf(existing), "EnvoyFilter"), [
      "EnvoyFilter/istio-egress/egress-gateway",
      "EnvoyFilter/istio-workload/refusals",
      "EnvoyFilter/test-app/refusals",
    ]);
    assert.deepEqual(ofKind(manifestsOf(plan({ kind: "existing", envoyFilters: false })), "EnvoyFilter"), []);
  });
});

describe("what joins a mesh", () => {
  const traits = (mesh: Record<string, unknown>) => meshTraits(parseConfig({ ...soundConfig(), mesh }, { now }).mesh);

  it("has nothing to know of one of the stack's own, and what the stack says of one of somebody else's", () => {
    assert.deepEqual(traits({}), {});
    assert.deepEqual(traits({ kind: "existing" }), { trustDomain: "cluster.local", foreign: true });
    const said = { revision: "canary", trustDomain: "example.org", envoyFilters: false };
    assert.deepEqual(traits({ kind: "existing", ...said }), { ...said, foreign: true });
  });
});

describe("sidecars of a mesh of the stack's own", () => {
  it("speak mutual TLS with every Service where that is forced, and are otherwise told nothing", () => {
    const { policies } = plan({ clientMtls: "forced" }).mesh!;
    assert.deepEqual(policies.map(manifestKey), [
      "DestinationRule/istio-system/default",
      "PeerAuthentication/istio-system/default",
    ]);
    assert.deepEqual(find(policies, "DestinationRule/istio-system/default").spec, {
      host: "*.local",
      trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } },
    });
    assert.deepEqual(
      plan({ clientMtls: "auto" }).mesh!.policies,
      policies.filter(({ kind }) => kind !== "DestinationRule"),
    );
  });
});
