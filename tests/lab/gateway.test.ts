// What a gateway does for callers that it should not serve, and with objects of others that mean it.
// Does not prove: what an admission policy would have to stop; there is none yet.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { LogEntry, parseEntry } from "../../model/access-log";
import { apply, inLab, kubectl, kubectlAside, kubectlJson } from "./support/commands";
import { appA, curl, execIn, seenOutside } from "./support/requests";
import { lookedUp, lookUps, startThief, Thief } from "./support/thief";
import { until } from "./support/until";

const github = "203.0.113.10";
const httpbin = "203.0.113.11";

/** A name that nobody has looked up yet, and that the outside's resolver knows. */
function freshName(): string {
  return `x${randomBytes(6).toString("hex")}.bulk.example`;
}

/** What the gateways' pods have logged of calls, in no order; one that ends may be gone before it is read. */
function gatewayLog(): LogEntry[] {
  const { items } = kubectlJson<{ items: { metadata: { name: string; deletionTimestamp?: string } }[] }>(
    ...["get", "pods", "--namespace=istio-egress", "--selector=istio=egress-gateway"],
  );
  return items.flatMap(({ metadata: { name, deletionTimestamp } }) => {
    const logs = ["logs", name, "--namespace=istio-egress", "--tail=-1", "--container=istio-proxy"];
    const text = deletionTimestamp === undefined ? kubectl(...logs) : inLab(["kubectl", ...logs]).stdout;
    return text.split("\n").flatMap((line) => parseEntry(line) ?? []);
  });
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

    it("can tell a look-up when there is one", async () => {
      const name = freshName();
      execIn({ ...appA, container: "istio-proxy" }, "python3", "-c", `import socket; socket.gethostbyname("${name}")`);
      await lookedUp(name);
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
    const names = ["rebound.example", "x.wild.example"];
    const refusal = "rbac_access_denied_matched_policy[private-answer]";
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
            to: [{ operation: { ports: ["8080"], hosts: names } }],
          },
          {
            from: [{ source: { principals: ["cluster.local/ns/test-app/sa/app-a"] } }],
            to: [{ operation: { ports: ["8443"] } }],
            when: [{ key: "connection.sni", values: names }],
          },
        ],
      },
    };

    /** Waits for a line of the gateways' log that tells of the refusal over this protocol. */
    const logged = (protocol: string) =>
      until(`the log says why over ${protocol}`, 90, () =>
        gatewayLog().some(
          (entry) => entry.host === "rebound.example" && entry.protocol === protocol && entry.reason === refusal,
        ),
      );

    before(async () => {
      apply(policy);
      // The same policy's other name shows when it is in force.
      await until("the policy is in force", 90, () => appAs.http("x.wild.example", "/").status === 200);
    });
    after(() => void kubectl("delete", "authorizationpolicy", "test-rebound", "--namespace=istio-egress"));

    it("refuses at once over http, and says why in its log", async () => {
      const { status, seconds } = appAs.http("rebound.example", "/private");
      assert.equal(status, 403);
      assert.ok(seconds < 5, `${seconds} s`);
      await logged("http");
    });

    it("refuses at once over https, and says why in its log", async () => {
      const [open, rebound] = ["x.wild.example", "rebound.example"].map((name) => ({ outer: name, inner: name }));
      await until("the policy is in force over https", 90, () => appAs.tls(open!) === "served");
      const { outcome, seconds } = appAs.timedTls(rebound!);
      assert.equal(outcome, "refused");
      assert.ok(seconds < 5, `${seconds} s`);
      await logged("https");
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

  // The last one: it ends the pods that the thieves call.
  describe("after a restart", () => {
    it("serves every first call, many at once, and takes none for another's", async () => {
      kubectl("rollout", "restart", "deployment/egress-gateway", "--namespace=istio-egress");
      kubectl("rollout", "status", "deployment/egress-gateway", "--namespace=istio-egress", "--timeout=240s");
      const begun = new Date().toISOString();
      const calls = (hosts: string[]) =>
        `for round in 1 2 3 4 5 6; do for host in ${hosts.join(" ")}; do ` +
        'curl --silent --output /dev/null --max-time 60 --write-out "%{exitcode}\\n" "https://$host/" & ' +
        "done; done; wait";
      const exits = await Promise.all(
        [
          { workload: "app-a", hosts: ["github.com", "httpbin.org"] },
          { workload: "app-b", hosts: ["google.com", "www.google.com"] },
        ].map(({ workload, hosts }) =>
          kubectlAside(
            ...["exec", "--namespace=test-app", `deployment/${workload}`, `--container=${workload}`, "--"],
            ...["sh", "-c", calls(hosts)],
          ),
        ),
      );
      assert.deepEqual(
        exits.map((text) => text.trim().split("\n")),
        [1, 2].map(() => Array.from({ length: 12 }, () => "0")),
      );
      const served = () =>
        gatewayLog().filter(
          ({ protocol, time, upstream }) => protocol === "https" && time >= begun && upstream !== null,
        );
      await until("all calls are logged", 90, () => served().length >= 24);
      const callers = new Set(served().map(({ host, identity }) => `${identity?.split("/").at(-1)} ${host}`));
      assert.deepEqual([...callers].sort(), [
        ...["app-a github.com", "app-a httpbin.org", "app-b google.com", "app-b www.google.com"],
      ]);
    });
  });
});
