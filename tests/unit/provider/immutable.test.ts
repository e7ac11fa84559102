// Which changes replace an object, and which do not.
// Does not prove: that the API server refuses exactly these; it is the one that knows.
import assert from "node:assert/strict";
import { changes, formatPath } from "../../../lab/provider/diff/difference";
import { immutability } from "../../../lab/provider/diff/immutable";
import { JsonObject } from "../../../lab/json";

function replacing(before: JsonObject, after: JsonObject, live: JsonObject = before): string[] {
  const isImmutable = immutability(before, live, after);
  return changes(before, after)
    .map(({ path }) => path)
    .filter(isImmutable)
    .map(formatPath);
}

function object(apiVersion: string, kind: string, rest: JsonObject): JsonObject {
  return { apiVersion, kind, metadata: { name: "a", namespace: "b" }, ...rest };
}

describe("a change that replaces an object", () => {
  const cases: [string, JsonObject, JsonObject, string[]][] = [
    [
      "is a new name or namespace",
      object("v1", "ConfigMap", {}),
      { ...object("v1", "ConfigMap", {}), metadata: { name: "c", namespace: "d" } },
      ["metadata.name", "metadata.namespace"],
    ],
    ["is a new kind", object("v1", "ConfigMap", {}), object("v1", "Secret", {}), ["kind"]],
    [
      "is a new group",
      object("extensions/v1", "Ingress", {}),
      object("networking.k8s.io/v1", "Ingress", {}),
      ["apiVersion"],
    ],
    [
      "is not a new version of its group",
      object("apps/v1beta1", "Deployment", {}),
      object("apps/v1", "Deployment", {}),
      [],
    ],
    [
      "is a Deployment's selector, but not its replicas",
      object("apps/v1", "Deployment", { spec: { replicas: 1, selector: { matchLabels: { app: "a" } } } }),
      object("apps/v1", "Deployment", { spec: { replicas: 2, selector: { matchLabels: { app: "b" } } } }),
      ["spec.selector.matchLabels.app"],
    ],
    [
      "is a StatefulSet's service, but not its template",
      object("apps/v1", "StatefulSet", { spec: { serviceName: "a", template: { a: 1 } } }),
      object("apps/v1", "StatefulSet", { spec: { serviceName: "b", template: { a: 2 } } }),
      ["spec.serviceName"],
    ],
    [
      "is a Job's template, but not whether it is suspended",
      object("batch/v1", "Job", { spec: { suspend: true, template: { a: 1 } } }),
      object("batch/v1", "Job", { spec: { suspend: false, template: { a: 2 } } }),
      ["spec.template.a"],
    ],
    [
      "is a Pod's command, but not its image",
      object("v1", "Pod", { spec: { containers: [{ image: "a", command: ["a"] }] } }),
      object("v1", "Pod", { spec: { containers: [{ image: "b", command: ["b"] }] } }),
      ["spec.containers[0].command[0]"],
    ],
    [
      "is a claim's storage class, but not its size",
      object("v1", "PersistentVolumeClaim", {
        spec: { storageClassName: "a", resources: { requests: { storage: "1" } } },
      }),
      object("v1", "PersistentVolumeClaim", {
        spec: { storageClassName: "b", resources: { requests: { storage: "2" } } },
      }),
      ["spec.storageClassName"],
    ],
    [
      "is the role of a binding, but not its subjects",
      object("rbac.authorization.k8s.io/v1", "RoleBinding", { roleRef: { name: "a" }, subjects: [] }),
      object("rbac.authorization.k8s.io/v1", "RoleBinding", { roleRef: { name: "b" }, subjects: [{ name: "c" }] }),
      ["roleRef.name"],
    ],
    [
      "is the data of an immutable ConfigMap",
      object("v1", "ConfigMap", { immutable: true, data: { a: "1" } }),
      object("v1", "ConfigMap", { immutable: true, data: { a: "2" } }),
      ["data.a"],
    ],
    [
      "is not the data of a ConfigMap that becomes immutable with it",
      object("v1", "ConfigMap", { data: { a: "1" } }),
      object("v1", "ConfigMap", { immutable: true, data: { a: "2" } }),
      [],
    ],
    [
      "is a definition's scope",
      object("apiextensions.k8s.io/v1", "CustomResourceDefinition", { spec: { scope: "Cluster", versions: [] } }),
      object("apiextensions.k8s.io/v1", "CustomResourceDefinition", { spec: { scope: "Namespaced", versions: [{}] } }),
      ["spec.scope"],
    ],
    [
      "is nothing of a kind without rules",
      object("networking.istio.io/v1", "ServiceEntry", { spec: { hosts: ["a"] } }),
      object("networking.istio.io/v1", "ServiceEntry", { spec: { hosts: ["b"] } }),
      [],
    ],
  ];
  for (const [title, before, after, expected] of cases) {
    it(title, () => assert.deepEqual(replacing(before, after), expected));
  }

  it("is a Service's address, unless the Service has it already, keeps it, or stands for an external name", () => {
    const service = (spec: JsonObject): JsonObject => object("v1", "Service", { spec });
    const live = service({ clusterIP: "10.96.0.7" });
    const address = ["spec.clusterIP"];
    assert.deepEqual(replacing(service({}), service({ clusterIP: "10.96.0.8" }), live), address);
    assert.deepEqual(replacing(service({}), service({ clusterIP: "10.96.0.7" }), live), []);
    assert.deepEqual(replacing(service({ clusterIP: "10.96.0.7" }), service({}), live), []);
    const outside = service({ type: "ExternalName", clusterIP: "10.96.0.8" });
    assert.deepEqual(replacing(service({}), outside, live), []);
  });
});
