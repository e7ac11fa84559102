// Does not prove that an API server takes the policies, nor what it refuses by them: tests/lab/admission.test.ts does.
import assert from "node:assert/strict";
import { AdmissionArgs, ArgumentError, Manifest, planAdmission } from "../../../../model";
import { isOfRegistry } from "../../../../model/ground/admission";
import { otherPolicyKinds } from "../../../../model/ground/other-policies";

const args: AdmissionArgs = {
  mode: "deny",
  platform: { users: [], groups: ["system:masters"] },
  gatewayNamespace: "istio-egress",
  gateways: ["egress-gateway"],
  namespaces: ["payments", "shop"],
  workloads: [],
};

const workload = (name: string): AdmissionArgs["workloads"][number] => ({
  name,
  namespace: "shop",
  serviceAccount: name,
  selector: { app: name },
  granted: true,
  owners: { users: [], groups: [] },
});

function names(manifests: Manifest[]): string[] {
  return [...new Set(manifests.map(({ metadata }) => metadata.name))];
}

function policy(manifests: Manifest[], name: string): any {
  return manifests.find(({ kind, metadata }) => kind === "ValidatingAdmissionPolicy" && metadata.name === name)!.spec;
}

function binding(manifests: Manifest[], name: string): any {
  return manifests.find(({ kind, metadata }) => kind !== "ValidatingAdmissionPolicy" && metadata.name === name)!.spec;
}

describe("admission policies", () => {
  it("are named after the gateways' namespace, so that two stacks have none in common", () => {
    const [one, other] = ["istio-egress", "other-egress"].map((gatewayNamespace) =>
      names(planAdmission({ ...args, gatewayNamespace })),
    );
    assert.deepEqual(
      one!.filter((name) => other!.includes(name)),
      [],
    );
    assert.ok(one!.every((name) => name.startsWith("istio-egress.")));
  });

  it("are bound to the guarded namespaces by the name that the API server gives them", () => {
    const { matchResources, validationActions } = binding(planAdmission(args), "istio-egress.pods");
    assert.deepEqual(validationActions, ["Deny"]);
    assert.deepEqual(matchResources.namespaceSelector.matchExpressions, [
      { key: "kubernetes.io/metadata.name", operator: "In", values: ["payments", "shop"] },
    ]);
  });

  it("refuse nothing with warn, and say what would be", () => {
    const bindings = planAdmission({ ...args, mode: "warn" }).filter(({ kind }) => kind.endsWith("Binding"));
    bindings.forEach(({ spec }) => assert.deepEqual((spec as any).validationActions, ["Warn", "Audit"]));
  });

  it("fail closed", () => {
    const policies = planAdmission(args).filter(({ kind }) => kind === "ValidatingAdmissionPolicy");
    policies.forEach(({ spec }) => assert.equal((spec as any).failurePolicy, "Fail"));
  });

  it("hold the gateways' namespace and what is bound to it elsewhere where no namespace is guarded", () => {
    assert.deepEqual(names(planAdmission({ ...args, namespaces: [] })), [
      "istio-egress.gateways-namespace",
      "istio-egress.mesh-wide",
      "istio-egress.routes",
    ]);
  });

  it("leave the root namespace of a mesh of somebody else's to its owners", () => {
    assert.ok(!names(planAdmission({ ...args, mesh: { foreign: true } })).includes("istio-egress.mesh-wide"));
  });

  it("ask nothing of registries, nor of exec, unless the stack does", () => {
    const plain = planAdmission(args);
    assert.doesNotMatch(JSON.stringify(policy(plain, "istio-egress.pods")), /registries/);
    assert.ok(!names(plain).includes("istio-egress.exec"));
    const strict = planAdmission({ ...args, registries: ["example.com"], exec: true });
    assert.match(JSON.stringify(policy(strict, "istio-egress.pods")), /example\.com\//);
    assert.ok(names(strict).includes("istio-egress.exec"));
  });

  it("hold identities that are granted something only, and grow by one of each by a line", () => {
    const size = (count: number) => {
      const workloads = Array.from({ length: count }, (_, index) => workload(`w${100 + index}`));
      return JSON.stringify(planAdmission({ ...args, workloads })).length;
    };
    assert.equal(size(30) - size(20), size(20) - size(10));
    const ungranted = { ...workload("web"), granted: false };
    assert.ok(!names(planAdmission({ ...args, workloads: [ungranted] })).includes("istio-egress.identity.shop"));
  });

  it("name the ranges that a workload may call past its sidecar, for its ServiceAccount only", () => {
    const workloads = [{ ...workload("web"), bypassed: ["10.10.0.4"] }, workload("other")];
    const { variables } = policy(planAdmission({ ...args, workloads }), "istio-egress.sidecars");
    const bypassed = variables.find(({ name }: { name: string }) => name === "bypassed");
    assert.equal(bypassed.expression, '{"shop/web": "10.10.0.4/32"}[?variables.key].orValue("")');
  });

  it("let one thing pass that an exemption names, of its rule's kind and not of the stack's own", () => {
    const exempting = (exemption: object) => () =>
      planAdmission({
        ...args,
        workloads: [workload("web")],
        exemptions: [{ namespace: "shop", ...exemption } as NonNullable<AdmissionArgs["exemptions"]>[number]],
      });
    for (const [exemption, says] of [
      [{ rule: "volumes" }, /exemptions\[0\]\.serviceAccount: Required, but missing/],
      [
        { rule: "volumes", serviceAccount: "agent", object: "Pod/a" },
        /exemptions\[0\]\.object: "Pod\/a": The rule volumes is about pods/,
      ],
      [{ rule: "services", serviceAccount: "agent" }, /exemptions\[0\]\.object: Required, but missing/],
      [{ rule: "services", object: "Pod/a" }, /"Pod\/a": Not an object of this rule/],
      [{ rule: "services", object: "Service/*" }, /no pattern of them/],
      [{ rule: "network-policies", object: "NetworkPolicy/egress-to-dns" }, /the stack's own/],
      [{ rule: "istio-objects", object: "Sidecar/web" }, /the stack's own/],
    ] as const) {
      assert.throws(exempting(exemption), says);
    }
    for (const exemption of [
      { rule: "volumes", serviceAccount: "agent" },
      { rule: "services", object: "Service/web" },
      { rule: "network-policies", object: "NetworkPolicy/ingress" },
      { rule: "istio-objects", object: "Sidecar/agent" },
    ]) {
      assert.doesNotThrow(exempting(exemption));
    }
  });

  it("take the same images for Docker Hub's as a node does", () => {
    const [hub, other] = ["docker.io/library", "example.com"];
    for (const image of [
      "nginx",
      "nginx:1.27",
      "docker.io/nginx",
      "index.docker.io/nginx",
      "docker.io/library/nginx",
    ]) {
      assert.ok(isOfRegistry(image, [hub]), image);
      assert.ok(!isOfRegistry(image, [other]), image);
    }
    // A first part with a capital is a host's name: the node looks it up.
    assert.ok(isOfRegistry("acme/data:1", ["docker.io"]));
    assert.ok(!isOfRegistry("ACME/data:1", ["docker.io"]));
  });

  it("hold policies of every network's own kind, in guarded namespaces and beside the gateways", () => {
    const planned = planAdmission(args);
    const held = (name: string, operation: string): string[] =>
      policy(planned, name)
        .matchConstraints.resourceRules.filter(({ operations }: any) => operations.includes(operation))
        .flatMap(({ apiGroups, resources }: any) =>
          apiGroups.flatMap((group: string) => resources.map((resource: string) => `${resource}.${group}`)),
        );
    const kinds = otherPolicyKinds.filter(({ isNamespaced }) => isNamespaced);
    assert.ok(kinds.length > 5);
    for (const operation of ["CREATE", "UPDATE", "DELETE"]) {
      for (const story of ["network-policies", "gateways-namespace"]) {
        const names = held(`istio-egress.${story}`, operation);
        kinds.forEach(({ resource, group }) =>
          assert.ok(names.includes(`${resource}.${group}`), `${story} ${resource}`),
        );
        assert.ok(names.includes("policyendpoints.networking.k8s.aws"));
      }
    }
  });

  it("hold everything in the gateways' namespace that leads to them, and leave Secrets to who keeps them", () => {
    const { matchConstraints } = policy(planAdmission(args), "istio-egress.gateways-namespace");
    const resources = matchConstraints.resourceRules.flatMap((rule: any) => rule.resources as string[]);
    for (const resource of ["configmaps", "endpoints", "endpointslices", "services", "services/proxy", "*/scale"]) {
      assert.ok(resources.includes(resource), resource);
    }
    assert.ok(!resources.includes("secrets"));
  });

  it("tell of exemptions where there are some only", () => {
    const [{ messageExpression }] = policy(planAdmission(args), "istio-egress.network-policies").validations;
    assert.match(
      messageExpression,
      /request\.kind\.group == "networking\.k8s\.io" \|\| request\.kind\.kind == "CiliumNetworkPolicy" \?/,
    );
    assert.match(messageExpression, /Nothing allows it/);
  });

  it("are refused without anybody who may change what they are about, and with an exemption of no rule", () => {
    assert.throws(() => planAdmission({ ...args, platform: { users: [], groups: [] } }), ArgumentError);
    const exemptions = [{ rule: "identity" as never, namespace: "shop", serviceAccount: "web" }];
    assert.throws(() => planAdmission({ ...args, exemptions }), /exemptions\[0\]\.rule: Not one of/);
  });
});
