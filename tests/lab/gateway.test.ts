// What a gateway does for callers that it should not serve, and with objects of others that mean it.
// Does not prove: what an admission policy would have to stop; there is none yet.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { apply, kubectl } from "./support/commands";
import { appA, curl, execIn, seenOutside } from "./support/requests";
import { lookUps, startThief, Thief } from "./support/thief";
import { until } from "./support/until";

const github = "203.0.113.10";
const httpbin = "203.0.113.11";

/** A name that nobody has looked up yet, and that the outside's resolver knows. */
function freshName(): string {
  return `x${randomBytes(6).toString("hex")}.bulk.example`;
}

describe("a gateway", () => {
  let appAs: Thief;
  let appBs: Thief;

  before(() => {
    appAs = startThief("thief-a", "app-a");
    appBs = startThief("thief-b", "app-b");
  });

  after(() => {
    appAs.remove();
    appBs.remove();
  });

  describe("over TLS, past every sidecar", () => {
    it("serves the certificate that is granted the name", () => {
      assert.equal(appAs.tls({ outer: "github.com", inner: "github.com" }), "served");
      assert.equal(appBs.tls({ outer: "www.google.com", inner: "www.google.com" }), "served");
    });

    it("looks nothing up for a caller without a certificate", () => {
      const name = freshName();
      assert.equal(appAs.tls({ outer: name, inner: name }, "none"), "refused");
      assert.equal(lookUps(name), 0);
    });

    it("looks nothing up for a real certificate that is not granted the name", () => {
      const name = freshName();
      assert.equal(appBs.tls({ outer: name, inner: name }), "refused");
      assert.equal(lookUps(name), 0);
    });

    it("refuses a real certificate what another one is granted", () => {
      assert.equal(appBs.tls({ outer: "github.com", inner: "github.com" }), "refused");
    });

    it("holds the application's own name to the one that was granted", () => {
      const name = freshName();
      assert.equal(appAs.tls({ outer: "github.com", inner: name }), "refused");
      assert.equal(lookUps(name), 0);
      assert.equal(appAs.tls({ outer: "github.com", inner: "cnn.com" }), "refused");
    });

    it("can tell a look-up when there is one", () => {
      const name = freshName();
      execIn({ ...appA, container: "istio-proxy" }, "python3", "-c", `import socket; socket.gethostbyname("${name}")`);
      assert.ok(lookUps(name) > 0);
    });
  });

  describe("over http, past every sidecar", () => {
    it("serves the certificate that is granted the name, and no other", () => {
      const path = `/${freshName()}`;
      assert.equal(appAs.http("httpbin.org", path).status, 200);
      assert.equal(appBs.http("httpbin.org", path).status, 403);
      assert.equal(appAs.http("httpbin.org", path, "none").status, 0);
      assert.equal(seenOutside(path).length, 1);
    });

    it("looks nothing up for a real certificate that is not granted the name", () => {
      const name = freshName();
      assert.equal(appBs.http(name, "/").status, 403);
      assert.equal(lookUps(name), 0);
    });
  });

  describe("for a name that is granted and leads inside", () => {
    const policy = {
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { name: "test-rebound", namespace: "istio-egress" },
      spec: {
        selector: { matchLabels: { istio: "egress-gateway" } },
        action: "ALLOW",
        rules: [
          {
            from: [{ source: { principals: ["cluster.local/ns/test-app/sa/app-a"] } }],
            to: [{ operation: { ports: ["8080"], hosts: ["rebound.example", "x.wild.example"] } }],
          },
        ],
      },
    };

    before(() => apply(policy));
    after(() => void kubectl("delete", "authorizationpolicy", "test-rebound", "--namespace=istio-egress"));

    it("refuses at once, and says why in its log", async () => {
      // The same policy's other name shows when it is in force.
      await until("the policy is in force", 20, () => appAs.http("x.wild.example", "/").status === 200);
      const { status, seconds } = appAs.http("rebound.example", "/private");
      assert.equal(status, 403);
      assert.ok(seconds < 5, `${seconds} s`);
      await until("the log says why", 20, () =>
        /"host":"rebound\.example".*"reason":"rbac_access_denied_matched_policy\[private-answer\]"/.test(
          kubectl(
            ...["logs", "--namespace=istio-egress", "--selector=istio=egress-gateway", "--tail=100"],
            "--container=istio-proxy",
          ),
        ),
      );
    });
  });

  describe("with objects of others that mean it", () => {
    const inTestApp = (name: string) => ({ name, namespace: "test-app" });
    const virtualService = {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: inTestApp("test-foreign"),
      spec: {
        hosts: ["*"],
        gateways: ["istio-egress/egress-gateway"],
        http: [
          {
            rewrite: { authority: "github.com" },
            route: [{ destination: { host: "any-allowed-host.egress-gateway.local", port: { number: 80 } } }],
          },
        ],
      },
    };
    const gateway = {
      apiVersion: "networking.istio.io/v1",
      kind: "Gateway",
      metadata: inTestApp("test-foreign"),
      spec: {
        selector: { istio: "egress-gateway" },
        servers: [{ port: { number: 9099, name: "http-foreign", protocol: "HTTP" }, hosts: ["*"] }],
      },
    };

    before(() => {
      apply(virtualService);
      apply(gateway);
    });
    after(() => {
      kubectl("delete", "virtualservice", "test-foreign", "--namespace=test-app");
      kubectl("delete", "gateway", "test-foreign", "--namespace=test-app");
    });

    it("lets no route of theirs lead on what a policy has let pass", async () => {
      // istiod tells proxies of a change within a second; the calls go on for longer.
      const path = `/${freshName()}`;
      for (let round = 0; round < 8; round++) {
        assert.equal(curl(appA, `http://httpbin.org${path}`).status, 200);
        await delay(500);
      }
      assert.deepEqual(new Set(seenOutside(path).map(({ address }) => address)), new Set([httpbin]));
      assert.equal(seenOutside(path).filter(({ address }) => address === github).length, 0);
    });

    it("opens no port by their Gateway's selector", () => {
      const pod = kubectl("get", "pods", "--namespace=istio-egress", "--output=jsonpath={.items[0].metadata.name}");
      const listeners = kubectl(
        ...["exec", pod, "--namespace=istio-egress", "--container=istio-proxy", "--"],
        ...["pilot-agent", "request", "GET", "listeners"],
      );
      assert.match(listeners, /:8080\b/);
      assert.doesNotMatch(listeners, /:9099\b/);
    });
  });
});
