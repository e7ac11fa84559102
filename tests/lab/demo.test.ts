// The second seed's four goals, by real requests from inside the pods.
// Does not prove: anything about the real github.com; the outside world is the lab's.
import assert from "node:assert/strict";
import { inLab, kubectl, kubectlJson } from "./support/commands";
import { appA, appB, Caller, curl, hammer, seenOutside } from "./support/requests";
import { until } from "./support/until";

interface PodList {
  items: { metadata: { name: string }; status: { podIP: string } }[];
}

/** Who may reach which URL, and the host's own answer: a status, and where it sends its callers on. */
const allowed: [Caller, url: string, status: number, origin?: string][] = [
  [appA, "http://github.com", 301, "https://github.com"],
  [appA, "https://github.com", 200],
  [appA, "http://httpbin.org", 200],
  [appA, "https://httpbin.org", 200],
  [appB, "http://google.com", 301, "http://www.google.com"],
  [appB, "https://google.com", 301, "https://www.google.com"],
  [appB, "http://www.google.com", 200],
  [appB, "https://www.google.com", 200],
];

const refused: [Caller, string][] = [
  [appA, "cnn.com"],
  [appA, "google.com"],
  [appB, "cnn.com"],
  [appB, "github.com"],
  [appB, "httpbin.org"],
  [hammer, "github.com"],
  [hammer, "cnn.com"],
];

function gatewayPods(): PodList["items"] {
  return kubectlJson<PodList>("get", "pods", "--namespace=istio-egress", "--selector=istio=egress-gateway").items;
}

describe("the external demo", () => {
  for (const [caller, url, status, origin] of allowed) {
    it(`${caller.workload} reaches ${url}, through a gateway pod`, () => {
      const path = `/allowed-${caller.workload}-${url.replace("://", "-")}`;
      const answer = curl(caller, `${url}${path}`);
      assert.equal(answer.exit, 0);
      assert.equal(answer.status, status);
      assert.equal(answer.headers["location"], origin && `${origin}${path}`);
      const seen = seenOutside(path);
      assert.equal(seen.length, 1);
      const addresses = gatewayPods().map((pod) => pod.status.podIP);
      assert.ok(
        addresses.includes(seen[0]!.from.split(":")[0]!),
        `${seen[0]!.from} is none of ${addresses.join(", ")}`,
      );
    });
  }

  it("lets callers follow a redirect as long as it leads to hosts that they may reach", () => {
    for (const [caller, url] of [
      [appA, "http://github.com/follow"],
      [appB, "http://google.com/follow"],
    ] as const) {
      assert.equal(curl(caller, url, "--location").status, 200, url);
    }
  });

  for (const [caller, host] of refused) {
    it(`${caller.workload} gets 502 from its sidecar for http://${host}`, () => {
      const path = `/refused-${caller.workload}-${host}`;
      const answer = curl(caller, `http://${host}${path}`);
      assert.equal(answer.status, 502);
      assert.equal(answer.headers["server"], "envoy");
      assert.deepEqual(seenOutside(path), []);
    });

    it(`${caller.workload} has TLS reset for https://${host}`, () => {
      const answer = curl(caller, `https://${host}/`);
      assert.equal(answer.status, 0);
      assert.equal(answer.exit, 35);
    });
  }

  it("has two gateway pods, one of them at least kept at every disruption", async () => {
    assert.equal(gatewayPods().length, 2);
    const budget = () =>
      kubectlJson<{ status: { disruptionsAllowed: number; desiredHealthy: number } }>(
        ...["get", "poddisruptionbudget", "egress-gateway", "--namespace=istio-egress"],
      ).status;
    await until("both are ready", 90, () => budget().disruptionsAllowed === 1);
    assert.equal(budget().desiredHealthy, 1);
  });

  it("is strict about mutual TLS in the whole mesh", () => {
    const mode = kubectl(
      "get",
      "peerauthentication",
      "--namespace=istio-system",
      "--output=jsonpath={.items[*].spec.mtls.mode}",
    );
    assert.equal(mode, "STRICT");
    // From the node, which no NetworkPolicy holds and which has no identity in the mesh, a plain request is cut.
    const pod = kubectl(
      "get",
      "pods",
      "--namespace=test-app",
      "--selector=app=app-a",
      "--output=jsonpath={.items[0].status.podIP}",
    );
    const ask = `require("http").get("http://${pod}:8080/", (r) => console.log(r.statusCode)).on("error", (e) => console.log(e.code))`;
    assert.equal(inLab(["node", "-e", ask]).stdout.trim(), "ECONNRESET");
  });

  it("lets workloads of the mesh call each other", () => {
    assert.equal(curl(appB, "http://app-a.test-app.svc.cluster.local/").status, 200);
    assert.equal(curl(hammer, "http://app-a.test-app.svc.cluster.local/").status, 200);
  });

  it("shows the outside nothing of the mesh in its headers", () => {
    const { body } = curl(appA, "http://httpbin.org/headers-of-the-mesh");
    const { headers } = JSON.parse(body) as { headers: Record<string, string> };
    const leaked = Object.keys(headers).filter((name) => /^x-(forwarded-client-cert|envoy|b3)/i.test(name));
    assert.deepEqual(leaked, []);
  });
});
