// Patches of others' objects: what is asked of the API server, and what of the object they call their own.
// Does not prove: a real server's account of fields, lists above all; the lab's test of the provider goes to one.
import assert from "node:assert/strict";
import { JsonObject, child, unknownValue } from "../../../lab/json";
import { appliedFields, owned } from "../../../lab/provider/patches/owned";
import { Provider } from "../../../lab/provider/provider";
import { ResourceType } from "../../../lab/provider/resource";
import { FakeApi } from "./fake-api";

const type = "kubernetes:core/v1:NamespacePatch";
const urn = `urn:pulumi:lab::trial::${type}::payments`;
const theirs = { team: "pay" };

function patch(labels: JsonObject, annotations?: JsonObject, name = "payments"): JsonObject {
  const metadata = { name, labels, ...(annotations === undefined ? {} : { annotations }) };
  return { apiVersion: "v1", kind: "Namespace", metadata };
}

const guarded = patch({ "istio-injection": "enabled" });

describe("a patch", () => {
  let api: FakeApi;
  let resource: ResourceType;
  let warnings: string[];

  beforeEach(async () => {
    api = new FakeApi();
    warnings = [];
    const log = { progress: () => undefined, warning: (_: string, message: string) => void warnings.push(message) };
    const provider = new Provider(log);
    provider.configure({ kubeconfig: await api.start() });
    api.put("payments", theirs, "kubectl-client-side-apply");
    resource = provider.resourceType(type, guarded);
  });

  afterEach(() => api.stop());

  const create = (inputs: JsonObject, preview = false) => resource.create({ urn, inputs, timeout: 0, preview });
  const update = (inputs: JsonObject, outputs: JsonObject, preview = false) =>
    resource.update({ urn, id: "payments", inputs, outputs, timeout: 0, preview, ignoreChanges: [] });
  const remove = (inputs: JsonObject, outputs: JsonObject) =>
    resource.delete({ urn, id: "payments", inputs, outputs, timeout: 0 });
  const labels = (): JsonObject => child(api.seen("payments"), "labels");

  it("adds its fields, and takes exactly those away in the end", async () => {
    const before = api.seen("payments");
    const { id, outputs } = await create(guarded);
    assert.equal(id, "payments");
    assert.deepEqual(labels(), { ...theirs, "istio-injection": "enabled" });
    assert.deepEqual(child(outputs, "metadata")["labels"], { "istio-injection": "enabled" });
    await remove(guarded, outputs);
    assert.deepEqual(api.seen("payments"), before);
    assert.deepEqual(api.managers("payments"), ["kubectl-client-side-apply"]);
  });

  it("drops what the program no longer says, and adds what it says now", async () => {
    const { outputs } = await create(patch({ one: "1", two: "2" }));
    const now = await update(patch({ two: "3", three: "3" }), outputs);
    assert.deepEqual(labels(), { ...theirs, two: "3", three: "3" });
    assert.equal(now["__fieldManager"], outputs["__fieldManager"]);
  });

  it("names the field and the manager of a conflict, takes over nothing, and does so when it is forced", async () => {
    const taken = patch({ team: "ours" });
    await assert.rejects(create(taken), {
      message: /^Namespace "payments" is not applied: metadata\.labels\.team is set by "kubectl-client-side-apply"\./,
    });
    assert.deepEqual(labels(), theirs);
    await create(patch({ team: "ours" }, { "pulumi.com/patchForce": "true" }));
    assert.deepEqual(labels(), { team: "ours" });
    assert.equal(api.seen("payments")["annotations"], undefined, "an annotation for the provider is on the object");
  });

  it("leaves a field that somebody else has set to the same value", async () => {
    const { outputs } = await create(patch(theirs));
    await remove(patch(theirs), outputs);
    assert.deepEqual(labels(), theirs);
  });

  it("makes no object, and says so; not even when the object is deleted in between", async () => {
    await assert.rejects(create(patch({}, undefined, "paymnets")), {
      message: /^Namespace "paymnets" does not exist, so there is nothing to patch\. Check its name/,
    });
    assert.deepEqual(
      api.asked.filter(({ method }) => method === "PATCH"),
      [],
    );
    await create(guarded);
    const uids = api.asked.flatMap(({ method, body }) => (method === "PATCH" ? child(body, "metadata")["uid"] : []));
    assert.deepEqual(uids, [api.seen("payments")["uid"]]);
  });

  it("is previewed by a dry run; an object that may be made before is warned of", async () => {
    const { outputs } = await create(guarded, true);
    assert.deepEqual(child(outputs, "metadata")["labels"], { "istio-injection": "enabled" });
    assert.equal(outputs["__fieldManager"], unknownValue);
    assert.deepEqual(labels(), theirs);
    await assert.rejects(create(patch({ team: "ours" }), true), /is set by "kubectl-client-side-apply"/);
    assert.deepEqual(warnings, []);
    await create(patch({}, undefined, "later"), true);
    assert.match(warnings.join(), /"later" does not exist.* fails unless it is made before/);
    assert.deepEqual(child((await create(patch({ a: unknownValue }), true)).outputs, "metadata")["uid"], unknownValue);
  });

  it("is read without others' fields, and shows as drift what was taken from it", async () => {
    const inputs = patch({ one: "1", two: "2" });
    const { outputs } = await create(inputs);
    const read = () => resource.read({ urn, id: "payments", inputs, outputs });
    api.label("payments", "team", "other", "kubectl-label");
    assert.deepEqual(await read(), { id: "payments", inputs, outputs });
    api.label("payments", "two", "3", "kubectl-label");
    assert.deepEqual((await read())?.inputs, patch({ one: "1" }));
    await assert.rejects(update(inputs, outputs), /metadata\.labels\.two is set by "kubectl-label"/);
    api.objects.delete("payments");
    assert.equal(await read(), undefined);
  });

  it("is not lost when it is replaced: the new one is applied before the old one is deleted", async () => {
    const old = await create(guarded);
    const anew = await create(guarded);
    await remove(guarded, old.outputs);
    assert.deepEqual(labels(), { ...theirs, "istio-injection": "enabled" });
    await remove(guarded, anew.outputs);
    assert.deepEqual(labels(), theirs);
  });

  it("takes a field manager by name, and hands over to another one", async () => {
    const named = patch({ one: "1" }, { "pulumi.com/patchFieldManager": "us" });
    const { outputs } = await create(named);
    assert.deepEqual(api.managers("payments"), ["kubectl-client-side-apply", "us"]);
    const now = await update(patch({ one: "1" }, { "pulumi.com/patchFieldManager": "them" }), outputs);
    assert.deepEqual(api.managers("payments"), ["kubectl-client-side-apply", "them"]);
    assert.equal(now["__fieldManager"], "them");
  });

  it("ends in silence when the object is gone, or is another one by the same name", async () => {
    const { outputs } = await create(guarded);
    api.put("payments", theirs, "kubectl-create");
    const asked = api.asked.length;
    await remove(guarded, outputs);
    assert.deepEqual(
      api.asked.slice(asked).map(({ method }) => method),
      ["GET"],
    );
    api.objects.delete("payments");
    await remove(guarded, outputs);
  });

  it("has to name its object, and is no import", async () => {
    const request = { name: "a", olds: {}, randomSeed: new Uint8Array() };
    const nameless = await resource.check({ ...request, news: { kind: "Namespace", metadata: { labels: {} } } });
    assert.match(nameless.failures[0]?.reason ?? "", /^metadata\.name is missing: a patch names the Namespace/);
    assert.deepEqual((await resource.check({ ...request, news: guarded })).failures, []);
    await assert.rejects(resource.read({ urn, id: "payments", inputs: {}, outputs: {} }), /NamespacePatch cannot be/);
  });

  it("moves to another object by a new one, and changes all else in place", async () => {
    const differ = (news: JsonObject) => resource.diff({ id: "payments", oldInputs: guarded, oldOutputs: {}, news });
    const moved = (await differ(patch({ "istio-injection": "enabled" }, undefined, "orders"))).changes;
    assert.deepEqual(moved, [{ path: ["metadata", "name"], kind: "update", replaces: true }]);
    const changed = (await differ(patch({ "istio-injection": "disabled" }))).changes;
    assert.deepEqual(
      changed.map(({ replaces }) => replaces),
      [false],
    );
  });
});

describe("an object that exists already", () => {
  it("is not taken for the program's own; the patch is named as a way", async () => {
    const api = new FakeApi();
    try {
      const provider = new Provider({ progress: () => undefined, warning: () => undefined });
      provider.configure({ kubeconfig: await api.start() });
      api.put("payments", theirs, "kubectl-create");
      const whole = provider.resourceType("kubernetes:core/v1:Namespace", guarded);
      for (const preview of [true, false]) {
        await assert.rejects(whole.create({ urn, inputs: guarded, timeout: 0, preview }), {
          message: /^Namespace "payments" exists already\. .*add fields to it by a NamespacePatch/,
        });
      }
      assert.deepEqual(api.seen("payments")["labels"], theirs);
    } finally {
      api.stop();
    }
  });
});

describe("a manager's own fields", () => {
  const live: JsonObject = {
    metadata: {
      labels: { mine: "1", theirs: "2" },
      finalizers: ["a/mine", "b/theirs"],
      managedFields: [
        {
          manager: "us",
          operation: "Apply",
          fieldsV1: {
            "f:metadata": { "f:labels": { ".": {}, "f:mine": {} }, "f:finalizers": { 'v:"a/mine"': {} } },
            "f:spec": {
              "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {}, "f:name": {} } },
              "f:selector": {},
              "f:empty": { ".": {} },
              "f:placed": { "i:1": {} },
              "f:gone": {},
            },
          },
        },
        { manager: "us", operation: "Update", fieldsV1: { "f:status": {} } },
      ],
    },
    spec: {
      ports: [
        { port: 80, protocol: "TCP", name: "http", nodePort: 30000 },
        { port: 443, protocol: "TCP" },
      ],
      selector: { app: "a", more: "b" },
      empty: { theirs: 1 },
      placed: ["x", "y"],
    },
    status: { phase: "Active" },
  };

  it("are found in maps, in lists by key, by value and by place, and whole where nothing is listed below", () => {
    assert.deepEqual(owned(live, appliedFields(live, "us")), {
      metadata: { labels: { mine: "1" }, finalizers: ["a/mine"] },
      spec: {
        ports: [{ port: 80, name: "http" }],
        selector: { app: "a", more: "b" },
        empty: {},
        placed: ["y"],
      },
    });
  });

  it("are none of a manager that has applied nothing", () => {
    assert.deepEqual(owned(live, appliedFields(live, "them")), {});
  });
});
