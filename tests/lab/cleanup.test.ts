// `pulumi destroy` takes the stack off the cluster, with istiod or without, and the cluster is what it was before.
// Does not prove: what the official kubernetes plugin waits for, where the stand-in is in use.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { kubectl } from "./support/commands";
import { clusterObjects, difference, settledObjects } from "./support/objects";
import { apply } from "./support/pulumi";
import { appA, curl } from "./support/requests";
import { until } from "./support/until";

/** The cluster before anything was put on it, which the runner has noted down. */
function objectsBefore(): string[] {
  const file = process.env.LAB_OBJECTS_BEFORE;
  assert.ok(
    file !== undefined,
    "what was on the cluster before is not known: run this by `npm run test:lab -- cleanup`",
  );
  return JSON.parse(fs.readFileSync(file, "utf8")) as string[];
}

/** Of Istio's kinds: their definitions, which Istio's chart keeps, and the API groups that stand for them. */
const isDefinition = (line: string) => /^\+ (CustomResourceDefinition|APIService)\S* \S+\.istio\.io /.test(line);

describe("the end of the stack", () => {
  const before = objectsBefore();

  it("leaves the cluster as it was, but for the definitions of Istio's kinds", async () => {
    assert.ok(difference(before, clusterObjects()).some((line) => !isDefinition(line)));
    apply("destroy");
    const left = difference(before, await settledObjects());
    assert.deepEqual(
      left.filter((line) => !isDefinition(line)),
      [],
    );
    assert.equal(left.filter((line) => line.startsWith("+ CustomResourceDefinition")).length, 15);
  });

  it("leaves the cluster exactly as it was, once those are deleted", async () => {
    kubectl("delete", "crd", "--selector=app.kubernetes.io/part-of=istio");
    await until("no API group of Istio's is left", 90, () => difference(before, clusterObjects()).length === 0);
  });

  it("is no obstacle to another beginning", async () => {
    apply("up");
    await until("app-a reaches github.com", 90, () => curl(appA, "https://github.com/").status === 200);
    assert.equal(curl(appA, "http://cnn.com/").status, 502);
  });

  it("needs no istiod: nothing is stuck, and nothing is left, when that is gone before", async () => {
    kubectl("delete", "deployment", "istiod", "--namespace=istio-system", "--wait=true");
    apply("destroy");
    kubectl("delete", "crd", "--selector=app.kubernetes.io/part-of=istio");
    await until("the cluster is as it was", 90, () => difference(before, clusterObjects()).length === 0);
  });
});
