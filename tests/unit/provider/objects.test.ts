// What is filled in, translated and sent for an object.
// Does not prove: that the API server takes it; the lab's test of the provider does.
import assert from "node:assert/strict";
import { manifestOf, withApiNames, withLiveValues } from "../../../lab/provider/objects/manifest";
import { named, randomName, timeoutOf } from "../../../lab/provider/objects/metadata";
import { inputsOf, outputsOf, previewOf } from "../../../lab/provider/objects/outputs";
import { Reference, idOf, parseId, titleOf } from "../../../lab/provider/objects/reference";
import { unknownValue } from "../../../lab/json";
import { parseToken } from "../../../lab/provider/resource";

const kind = { apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true };
const reference: Reference = { kind, namespace: "shop", name: "login" };
const noSeed = new Uint8Array();

describe("names", () => {
  it("are the program's own, or made once from the resource's name", () => {
    assert.deepEqual(named({ name: "a", olds: {}, news: { metadata: { name: "b" } }, randomSeed: noSeed }).metadata, {
      name: "b",
    });
    const first = named({ name: "a", olds: {}, news: {}, randomSeed: noSeed }).metadata;
    assert.match(String(first["name"]), /^a-[0-9a-f]{8}$/);
    assert.deepEqual(first["annotations"], { "pulumi.com/autonamed": "true" });
    const second = named({ name: "a", olds: { metadata: first }, news: {}, randomSeed: noSeed }).metadata;
    assert.deepEqual(second, first);
  });

  it("are not taken from a name that the program once gave itself", () => {
    const olds = { metadata: { name: "mine" } };
    assert.match(String(named({ name: "a", olds, news: {}, randomSeed: noSeed }).metadata["name"]), /^a-/);
  });

  it("are the same for the same seed", () => {
    const seed = new Uint8Array([1, 2, 3]);
    assert.equal(randomName("a", seed), randomName("a", seed));
    assert.notEqual(randomName("a", seed), randomName("a", new Uint8Array([4])));
  });

  it("follow the stack's autonaming, and a generateName", () => {
    const autonaming = { proposedName: "proposed", mode: "propose" } as const;
    assert.equal(named({ name: "a", olds: {}, news: {}, autonaming, randomSeed: noSeed }).metadata["name"], "proposed");
    const disabled = { proposedName: "", mode: "disable" } as const;
    assert.match(
      named({ name: "a", olds: {}, news: {}, autonaming: disabled, randomSeed: noSeed }).failure!.reason,
      /name/,
    );
    const generated = named({ name: "a", olds: {}, news: { metadata: { generateName: "g-" } }, randomSeed: noSeed });
    assert.match(String(generated.metadata["name"]), /^g-[0-9a-f]{8}$/);
    assert.equal("generateName" in generated.metadata, false);
  });
});

describe("a manifest", () => {
  it("has its namespace, no nulls, and a Secret's stringData among its data", () => {
    const inputs = { ...{ apiVersion: "v1", kind: "Secret" }, data: { a: "eA==" }, stringData: { b: "y" }, type: null };
    assert.deepEqual(manifestOf({ ...inputs, metadata: { name: "login" } }, reference), {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "login", namespace: "shop" },
      data: { a: "eA==", b: "eQ==" },
    });
  });

  it("has the live values where the program ignores changes", () => {
    const manifest = { spec: { replicas: 1, gone: "x", containers: [{ image: "a" }, { image: "b" }], kept: 1 } };
    const live = { spec: { replicas: 5, containers: [{ image: "c" }, { image: "d" }], kept: 2 } };
    const ignored = [
      ["spec", "replicas"],
      ["spec", "gone"],
      ["spec", "containers", "*", "image"],
      ["spec", "missing", "deep"],
    ];
    assert.deepEqual(withLiveValues(manifest, live, ignored), {
      spec: { replicas: 5, containers: [{ image: "c" }, { image: "d" }], kept: 1 },
    });
  });
});

describe("a definition", () => {
  it("gets the API's names for schema keywords, and keeps the names of properties", () => {
    const schema = {
      x_kubernetes_preserve_unknown_fields: true,
      properties: { x_kubernetes_mine: { items: { x_kubernetes_int_or_string: true } } },
    };
    assert.deepEqual(withApiNames({ versions: [{ schema }] }), {
      versions: [
        {
          schema: {
            "x-kubernetes-preserve-unknown-fields": true,
            properties: { x_kubernetes_mine: { items: { "x-kubernetes-int-or-string": true } } },
          },
        },
      ],
    });
  });
});

describe("outputs", () => {
  it("leave the server's book-keeping out, and give a Secret's stringData back", () => {
    const live = { metadata: { name: "a", managedFields: [] }, data: { b: "eQ==", c: "eg==" } };
    const inputs = { apiVersion: "v1", kind: "Secret", stringData: { b: "old" } };
    assert.deepEqual(outputsOf(live, inputs), { ...live, metadata: { name: "a" }, stringData: { b: "y" } });
  });

  it("of a preview leave open what only the update gives", () => {
    const inputs = { apiVersion: "v1", kind: "Service", metadata: { name: "a" }, spec: { ports: [{ port: 80 }] } };
    const tried = {
      ...inputs,
      metadata: { name: "a", uid: "1" },
      spec: { clusterIP: "10.96.0.1", type: "NodePort", ports: [{ port: 80, nodePort: 30000 }] },
      status: { loadBalancer: {} },
    };
    const outputs = previewOf(inputs, tried);
    assert.equal(outputs["status"], unknownValue);
    assert.deepEqual(outputs["spec"], {
      clusterIP: unknownValue,
      clusterIPs: unknownValue,
      type: "NodePort",
      ports: [{ port: 80, nodePort: unknownValue }],
    });
  });

  it("of an import are turned into what a program would say", () => {
    const live = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", namespace: "b", uid: "1", resourceVersion: "2", creationTimestamp: "now", labels: {} },
      data: { c: "d" },
      status: {},
    };
    assert.deepEqual(inputsOf(live), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", namespace: "b", labels: {} },
      data: { c: "d" },
    });
  });
});

describe("tokens, ids and times", () => {
  it("of types name API version and kind", () => {
    assert.deepEqual(parseToken("kubernetes:core/v1:Namespace"), { apiVersion: "v1", kind: "Namespace" });
    assert.deepEqual(parseToken("kubernetes:networking.istio.io/v1:ServiceEntry"), {
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
    });
    assert.equal(parseToken("aws:s3/bucket:Bucket"), undefined);
    assert.equal(parseToken("kubernetes:yaml"), undefined);
  });

  it("of objects lead to the object and back", () => {
    assert.equal(idOf(reference), "shop/login");
    assert.deepEqual(parseId("shop/login"), { namespace: "shop", name: "login" });
    assert.deepEqual(parseId("system:masters"), { name: "system:masters" });
    assert.equal(titleOf(reference), 'Secret "shop/login"');
  });

  it("are the program's customTimeouts, else the annotation's, else ten minutes", () => {
    const inputs = { metadata: { annotations: { "pulumi.com/timeoutSeconds": "30" } } };
    assert.deepEqual([timeoutOf(inputs, 5), timeoutOf(inputs, 0), timeoutOf({}, 0)], [5, 30, 600]);
  });
});
