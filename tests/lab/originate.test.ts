// TLS that the gateway opens: requests in plain HTTP, held to identity, host, method and path, go on in TLS to a host whose
// certificate has the name. Each refusal stands beside a call that is allowed on the same way.
// Does not prove: what public authorities sign; the lab's own has signed the external world's certificates.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { worldAuthorityFolder } from "../../lab/boot/parts/world";
import { turningNames } from "../../lab/outside/corefile";
import { editStackDocument, grantToAppA, scratchCheckout } from "./support/checkout";
import { egress, kubectl } from "./support/commands";
import { Decision, loggedDecisions } from "./support/decisions";
import { workloadCells } from "./support/matrix";
import { apply, putBack } from "./support/pulumi";
import { startPretender } from "./support/pretender";
import { appA, appB, curl, hammer, seenOutside } from "./support/requests";
import { grpc } from "./support/streams";
import { startThief, Thief } from "./support/thief";
import { until } from "./support/until";

const billing = "billing.partner.example";
const unique = (): string => randomBytes(6).toString("hex");

/** A name that leads to an address at which nobody is. */
const silent = (name: string): string => `${name}-host.turning.example`;

describe("TLS that the gateway opens", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const thieves: Thief[] = [];
  let appAs: Thief;
  let appBs: Thief;

  before(async () => {
    const ca = fs.readFileSync(path.join(worldAuthorityFolder, "ca.crt"), "utf8");
    const destinations = {
      billing: { hosts: [billing], originate: { methods: ["GET", "POST"], paths: ["/v1/*", "/health"], ca } },
      broken: { hosts: ["expired.partner.example", "renamed.partner.example"], originate: { ca } },
      unsigned: { hosts: ["example.com"], originate: {} },
      both: { hosts: ["example.org", "www.example.org"], protocols: ["http", "https"], originate: { ca } },
      grpc: { hosts: ["grpc.partner.example"], originate: { ca } },
      slow: { hosts: ["partner.example"], protocols: ["http", "https"], timeouts: { request: "2s" } },
      opened: { hosts: ["api.partner.example"], originate: { ca }, timeouts: { request: "2s" } },
      hasty: { hosts: [silent("hasty")], protocols: ["http"], timeouts: { connect: "1s" } },
      patient: { hosts: [silent("patient")], protocols: ["http"] },
    };
    grantToAppA(checkout.folder, destinations, "a test of TLS");
    apply("up", checkout.folder);
    appAs = startThief("thief-a", "app-a");
    appBs = startThief("thief-b", "app-b");
    thieves.push(appAs, appBs);
    await until("the host is reached", 90, () => curl(appA, `http://${billing}/health`).status === 200);
  });

  after(() => {
    fs.writeFileSync(turningNames, "");
    putBack({ checkout, pristine }, thieves);
  });

  it("brings a plain request to the host in TLS, under its name, and tells it nothing of the caller", () => {
    const asked = `/v1/${unique()}`;
    const answer = curl(appA, `http://${billing}${asked}?card=1`);
    assert.equal(answer.status, 200);
    // Without the name in the handshake that host has no certificate.
    const seen = JSON.parse(answer.body) as { scheme: string; host: string; headers: object };
    assert.deepEqual([seen.scheme, seen.host], ["https", billing]);
    assert.deepEqual(
      Object.keys(seen.headers).filter((name) => /^x-(envoy|forwarded)/.test(name)),
      [],
    );
  });

  it("knows each host by its own certificate, however many of a destination one server has", () => {
    // By turns, on connections of their own: the server would take up a session that another of its hosts has begun.
    for (const host of ["example.org", "www.example.org", "example.org", "www.example.org"]) {
      for (let each = 0; each < 3; each++) {
        const answer = curl(appA, `http://${host}/${unique()}`, "--header", "Connection: close");
        assert.equal(answer.status, 200, host);
        assert.equal((JSON.parse(answer.body) as { host: string }).host, host);
      }
    }
  });

  it("keeps gRPC what it is, trailers and all", () => {
    const { messages, headers } = grpc(appA, "http", "Say", "hello");
    assert.deepEqual(
      [messages, headers["grpc-status"], headers["said-by"]],
      [["hello"], "0", "grpc.partner.example:443"],
    );
  });

  describe("lets pass the granted methods and paths only", () => {
    const tag = unique();
    const calls: [path: string, options: string[], status: number, arrivesAs?: string][] = [
      [`/v1/${tag}-get`, [], 200, `/v1/${tag}-get`],
      [`/v1/${tag}-post`, ["--request", "POST"], 200, `/v1/${tag}-post`],
      [`/v1/${tag}-put`, ["--request", "PUT"], 403],
      [`/v1/${tag}-delete`, ["--request", "DELETE"], 403],
      [`/v1/${tag}-odd`, ["--request", "BREW"], 400],
      [`/admin/${tag}`, [], 403],
      [`/v2/${tag}`, [], 403],
      [`/V1/${tag}`, [], 403],
      [`/health/${tag}`, [], 403],
      [`/v1`, [], 403],
      [`//v1//${tag}-slashes`, [], 200, `/v1/${tag}-slashes`],
      [`/v1/./${tag}-dot`, [], 200, `/v1/${tag}-dot`],
      [`/v1/a%20${tag}`, [], 200, `/v1/a%20${tag}`],
      [`/v1/../admin/${tag}`, [], 403],
      [`/v1/%2e%2e/admin/${tag}`, [], 403],
      [`/v1/%2E./admin/${tag}`, [], 403],
      [`/v1/..%2fadmin/${tag}`, [], 400],
      [`/v1/..%5cadmin/${tag}`, [], 400],
      [`/v1/%252e%252e/admin/${tag}`, [], 403],
      [`/v1/..;/admin/${tag}`, [], 403],
      [`/admin/${tag}?x=/v1/`, [], 403],
    ];
    for (const [asked, options, status, arrivesAs] of calls) {
      it(`${options[1] ?? "GET"} ${asked.replace(tag, "…")} is ${status}`, () => {
        assert.equal(curl(appA, `http://${billing}${asked}`, "--path-as-is", ...options).status, status);
        const [bare] = asked.split("?") as [string];
        if (arrivesAs === undefined) {
          assert.deepEqual(seenOutside(bare), []);
        } else {
          assert.deepEqual(
            seenOutside(arrivesAs).map(({ scheme }) => scheme),
            ["https"],
          );
        }
      });
    }

    it("whatever port stands in the Host header, and no other name", () => {
      for (const [host, status] of [
        [`${billing}:80`, 200],
        [`${billing}:443`, 200],
        ["cnn.com", 502],
      ] as const) {
        assert.equal(curl(appA, `http://${billing}/health`, "--header", `Host: ${host}`).status, status, host);
      }
    });
  });

  it("cannot be skipped by the application's own TLS, which passes where the protocols say https too", () => {
    assert.equal(curl(appA, `https://${billing}/health`).exit, 35);
    assert.equal(curl(appA, "https://example.org/").status, 200);
    assert.equal(curl(appA, "http://example.org/").status, 200);
    assert.equal(appAs.tls({ outer: billing, inner: billing }), "refused");
    assert.equal(appAs.tls({ outer: "example.org", inner: "example.org" }), "served");
  });

  it("cannot be skipped by another port of the gateway", () => {
    assert.equal(appAs.http(billing, "/health", "own", 8080).status, 403);
    assert.equal(appAs.http(billing, "/health", "own", 8081).status, 200);
  });

  it("turns away from a host whose certificate has expired, is of another name or of an authority that is not trusted", () => {
    for (const host of ["expired.partner.example", "renamed.partner.example", "example.com"]) {
      const asked = `/${unique()}`;
      assert.equal(curl(appA, `http://${host}${asked}`).status, 503, host);
      assert.deepEqual(seenOutside(asked), [], host);
    }
    assert.equal(curl(appA, `http://${billing}/health`).status, 200);
  });

  describe("is for those who are granted it", () => {
    for (const caller of [appB, hammer]) {
      it(`and refused to ${caller.workload}`, () => {
        const asked = `/v1/${unique()}`;
        assert.ok([502, 404].includes(curl(caller, `http://${billing}${asked}`).status));
        assert.deepEqual(seenOutside(asked), []);
        assert.equal(curl(appA, `http://${billing}${asked}`).status, 200);
      });
    }

    it("and refused to another identity whose sidecar knows the host", async () => {
      const pretender = startPretender("originate-pretender");
      try {
        assert.equal(await pretender.answered(`http://${billing}/health`), "403");
        assert.equal(curl(appA, `http://${billing}/health`).status, 200);
      } finally {
        pretender.remove();
      }
    });

    it("and refused to a stolen certificate that is not granted it, and without one", () => {
      const asked = `/v1/${unique()}`;
      assert.equal(appBs.http(billing, asked, "own", 8081).status, 403);
      assert.equal(appAs.http(billing, asked, "none", 8081).status, 0);
      assert.deepEqual(seenOutside(asked), []);
      assert.equal(appAs.http(billing, asked, "own", 8081).status, 200);
      assert.equal(appAs.http(billing, `/admin/${unique()}`, "own", 8081).status, 403);
    });
  });

  describe("waits as long as it is told", () => {
    it("for a whole request, in plain HTTP and where it opens TLS; a host that is soon enough is not cut off", () => {
      for (const host of ["partner.example", "api.partner.example"]) {
        const port = host === "partner.example" ? 8080 : 8081;
        const late = appAs.http(host, "/delay/10000", "own", port);
        assert.equal(late.status, 504, host);
        // The host itself would have answered after 10 s.
        assert.ok(late.seconds > 1.5 && late.seconds < 8, `${host}: ${late.seconds} s`);
        assert.equal(appAs.http(host, "/delay/500", "own", port).status, 200, host);
      }
      // Who says nothing waits.
      assert.equal(appAs.http("example.org", "/delay/3000", "own", 8081).status, 200);
      assert.equal(curl(appA, "https://partner.example/delay/3000").status, 200);
    });

    it("for a host to accept a connection: 1 s, and longer by itself", async () => {
      const names = ["hasty", "patient"].map((name) => `203.0.113.250 ${silent(name)}`);
      fs.writeFileSync(turningNames, `${names.join("\n")}\n`);
      await until("the names lead somewhere", 90, () => appAs.http(silent("hasty"), "/", "own", 8080).seconds > 2.5);
      const [hasty, patient] = ["hasty", "patient"].map((name) => appAs.http(silent(name), "/", "own", 8080));
      assert.deepEqual([hasty!.status, patient!.status], [503, 503]);
      // The gateway tries three times, as Istio has it do; a busy machine may take longer, but not as long as the patient one.
      assert.ok(hasty!.seconds > 2.7 && hasty!.seconds < 7, `${hasty!.seconds} s`);
      assert.ok(patient!.seconds > 8, `${patient!.seconds} s`);
    });
  });

  it("is told by explain as the mesh has it", () => {
    const explain = (...args: string[]) =>
      egress(["explain", "lab", "test-app/app-a", ...args], { cwd: checkout.folder }).exitCode;
    assert.equal(explain(`http://${billing}/v1/charges`), 0);
    assert.equal(explain(`http://${billing}/v1/charges`, "--method", "PUT"), 1);
    assert.equal(explain(`http://${billing}/v1/../admin`), 1);
    assert.equal(explain(`https://${billing}/v1/charges`), 1);
  });

  it("is in the log with method, path, and the rule or what was refused", async () => {
    const asked = `/admin/${unique()}`;
    assert.equal(curl(appA, `http://${billing}${asked}`).status, 403);
    const read = () => loggedDecisions([], checkout.folder);
    let entries: Decision[] = [];
    await until("it is logged", 90, () => {
      entries = read();
      return entries.some((entry) => entry.path === asked);
    });
    const refused = entries.find((entry) => entry.path === asked)!;
    assert.deepEqual([refused.allowed, refused.ok, refused.method], [false, true, "GET"]);
    assert.match(refused.because!, /is none of its paths/);
    const granted = entries.find((entry) => entry.path === "/health" && entry.allowed)!;
    assert.deepEqual([granted.ok, granted.upstream, granted.owner], [true, "203.0.113.41:443", "team-a"]);
  });

  it("is asked for by the live matrix with a request that may pass", () => {
    const { stdout } = egress(["matrix", "lab", "--live", "--json"], { cwd: checkout.folder });
    const cells = workloadCells<{ from: string; url: string; seen: string; ok: boolean }>(stdout);
    const ofBilling = cells.filter(({ url }) => url === `http://${billing}`);
    assert.equal(ofBilling.length, 3);
    assert.ok(
      ofBilling.every(({ ok }) => ok),
      JSON.stringify(ofBilling),
    );
  });

  // Behind all others, which ask the gateway that all share.
  describe("goes on behind a gateway that", () => {
    it("is younger than the destination, over http and the application's own https", async () => {
      const own = () => kubectl("get", "deployment", "egress-own", "--namespace=istio-egress", "--ignore-not-found");
      assert.equal(own(), "");
      editStackDocument(checkout.folder, "lab", (set) =>
        set(["gateways"], { "egress-own": { destinations: ["both"] } }),
      );
      apply("up", checkout.folder);
      assert.notEqual(own(), "");
      for (const url of ["http://example.org", "https://example.org", `http://${billing}/health`]) {
        await until(`${url} is reached`, 90, () => curl(appA, url).status === 200);
      }
      assert.equal(curl(appA, `http://${billing}/admin`).status, 403);
    });
  });
});
