// The gateways' log, sent to a collector of OpenTelemetry's logs in the cluster, and what happens while it is away.
// Does not prove: OpenTelemetry's own collector, nor Istio's own build of Envoy.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { editStackDocument, scratchCheckout } from "./support/checkout";
import { Collector, otherPort, podPort, recordOf, startCollector } from "./support/collector";
import { egress, inLab, kubectl } from "./support/commands";
import { underLoad } from "./support/load";
import { apply, putBack } from "./support/pulumi";
import { appA, appB, curl } from "./support/requests";
import { startThief, Thief } from "./support/thief";
import { until } from "./support/until";

const monitoring = "monitoring";
const identity = (workload: string) => `spiffe://cluster.local/ns/test-app/sa/${workload}`;
const word = () => randomBytes(6).toString("hex");

describe("logs: {openTelemetry: …}", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const started: { remove: () => void }[] = [];
  let collector: Collector;
  let thief: Thief;

  before(async () => {
    started.push({
      remove: () => void kubectl("delete", "namespace", monitoring, "--ignore-not-found", "--wait=true"),
    });
    kubectl("create", "namespace", monitoring);
    collector = await startCollector(monitoring);
    started.push(collector);
  });

  after(() => putBack({ checkout, pristine }, started));

  const heard = (path: string) => collector.records().filter(({ body }) => body.path === path);

  /** Whether a gateway's pod gets a connection to the collector's on that port. */
  const reaches = (port: number) =>
    inLab([
      ...["kubectl", "exec", "deployment/egress-gateway", "--namespace=istio-egress", "--", "python3", "-c"],
      `import socket; socket.create_connection(("${collector.address()}", ${port}), 3)`,
    ]).exitCode === 0;

  it("sends nothing, and opens no way, before it is turned on", async () => {
    const path = `/${word()}`;
    assert.equal(curl(appA, `http://httpbin.org${path}`).status, 200);
    await delay(3000);
    assert.deepEqual(collector.records(), []);
    assert.equal(reaches(podPort), false);
  });

  it("is turned on under load without a lost call", async () => {
    const { made, failed } = await underLoad({ caller: appB, urls: ["http://www.google.com"] }, () => {
      editStackDocument(checkout.folder, "lab", (set) =>
        set(["logs", "openTelemetry"], { service: collector.service, podPort }),
      );
      apply("up", checkout.folder);
    });
    assert.equal(failed, 0, `${failed} of ${made} failed`);
    assert.ok(made > 20, `${made} calls only`);
  });

  it("opens the collector's port to the gateways, and no other of its pods'", async () => {
    await until("the port is open", 90, () => reaches(podPort));
    assert.equal(reaches(otherPort), false);
  });

  it("sends what was allowed over http, by identity, host and path, and never a query", async () => {
    const [path, secret] = [`/${word()}`, word()];
    await until("a call is sent", 90, () => {
      curl(appA, `http://httpbin.org${path}?token=${secret}`, "--header", `Authorization: Bearer ${secret}`);
      return heard(path).length > 0;
    });
    const { body, resource } = heard(path)[0]!;
    assert.deepEqual(
      [body.identity, body.protocol, body.host, body.method, body.status, body.flags],
      [identity("app-a"), "http", "httpbin.org", "GET", "200", "-"],
    );
    assert.match(body.upstream!, /^203\.0\.113\.\d+:80$/);
    assert.deepEqual([resource["service.name"], resource["k8s.namespace.name"]], ["egress-gateway", "istio-egress"]);
    assert.ok(!JSON.stringify(collector.records()).includes(secret));
  });

  it("sends what was allowed over https, by identity and name", async () => {
    assert.equal(curl(appA, "https://github.com").status, 200);
    const { body } = await recordOf(
      collector,
      "https",
      ({ protocol, host }) => protocol === "https" && host === "github.com",
    );
    assert.deepEqual([body.identity, body.stage, body.inner], [identity("app-a"), "forward", "github.com"]);
  });

  it("sends what was refused, with the identity that was", async () => {
    thief = startThief("thief-o", "app-b");
    started.push(thief);
    const [refused, allowed] = [`/${word()}`, `/${word()}`];
    assert.equal(thief.http("github.com", refused).status, 403);
    assert.equal(thief.tls({ outer: "github.com", inner: "github.com" }), "refused");
    const { body } = await recordOf(collector, "a refusal", ({ path }) => path === refused);
    assert.deepEqual(
      [body.identity, body.host, body.status, body.upstream],
      [identity("app-b"), "github.com", "403", "-"],
    );
    assert.match(body.reason!, /^rbac_access_denied/);
    const over = await recordOf(collector, "a refusal over https", (each) => each.stage === "policies");
    assert.deepEqual([over.body.identity, over.body.host], [identity("app-b"), "github.com"]);
    // The twin, with the same certificate on the same way.
    assert.equal(thief.http("www.google.com", allowed).status, 200);
    const twin = await recordOf(collector, "its twin", ({ path }) => path === allowed);
    assert.deepEqual([twin.body.identity, twin.body.status], [identity("app-b"), "200"]);
  });

  it("sends nothing of what a sidecar refuses", async () => {
    const path = `/${word()}`;
    assert.equal(curl(appB, `http://github.com${path}`).status, 502);
    await delay(3000);
    assert.deepEqual(heard(path), []);
  });

  /** What the doctor finds about the collector. */
  const found = () => {
    const { stdout } = egress(["doctor", "lab", "--json"], { cwd: checkout.folder, seconds: 600 });
    const { findings } = JSON.parse(stdout) as { findings: { check: string; problem: string }[] };
    return findings.filter(({ check }) => check === "collector").map(({ problem }) => problem);
  };

  it("costs no call while the collector is away, and opens nothing; the doctor says so", async () => {
    assert.deepEqual(found(), []);
    collector.stop();
    const allowed = { caller: appB, urls: ["http://www.google.com", "https://www.google.com"] };
    const { made, failed } = await underLoad(allowed, async () => {
      assert.equal(curl(appA, `http://httpbin.org/${word()}`).status, 200);
      assert.equal(thief.http("github.com", "/").status, 403);
      await until("the doctor says so", 90, () => /^The collector has no pod that answers/.test(found().join()));
    });
    assert.equal(failed, 0, `${failed} of ${made} failed`);
    assert.ok(made > 20, `${made} calls only`);
  });

  it("goes on when the collector is there again", async () => {
    collector.start();
    const path = `/${word()}`;
    await until("a call is sent", 90, () => {
      assert.equal(curl(appA, `http://httpbin.org${path}`).status, 200);
      return heard(path).length > 0;
    });
  });

  it("sends nothing, and has no way left, after it is turned off", async () => {
    thief.remove();
    started.splice(started.indexOf(thief), 1);
    apply("up", pristine.folder);
    await until("the port is shut", 30, () => !reaches(podPort));
    const path = `/${word()}`;
    assert.equal(curl(appA, `http://httpbin.org${path}`).status, 200);
    await delay(3000);
    assert.deepEqual(heard(path), []);
  });
});
