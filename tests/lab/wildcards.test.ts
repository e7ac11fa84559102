// Names below a wildcard, by real calls: who reaches which over http and https, and what ends where, in all commands' words.
// Does not prove: names of the internet's, whose owners may lead them anywhere at any time.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { editStackDocument, scratchCheckout } from "./support/checkout";
import { egress } from "./support/commands";
import { Decision, loggedDecisions } from "./support/decisions";
import { apply, putBack } from "./support/pulumi";
import { appA, appB, Caller, curl, hammer, seenOutside } from "./support/requests";
import { lookedUp, lookUps, startThief, Thief } from "./support/thief";
import { until } from "./support/until";

const bulk = "203.0.113.19";
const schemes = ["http", "https"] as const;

/** A name below the wildcard that nobody has looked up yet. */
function freshName(labels = ""): string {
  return `x${randomBytes(6).toString("hex")}.${labels}bulk.example`;
}

describe("a wildcard", () => {
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  let appAs: Thief;
  let appBs: Thief;

  before(async () => {
    editStackDocument(checkout.folder, "lab", (set) => {
      set(["destinations", "bulk"], { hosts: ["*.bulk.example"] });
      set(["destinations", "exact"], { hosts: ["exact.bulk.example"] });
      set(["allow", 3], { from: "test-app/app-a", to: "bulk", owner: "tests", reason: "a test" });
      set(["allow", 4], { from: "test-app/app-b", to: "exact", owner: "tests", reason: "a test" });
      set(["deny", 1], "secret.bulk.example");
    });
    apply("up", checkout.folder);
    appAs = startThief("thief-a", "app-a");
    appBs = startThief("thief-b", "app-b");
    await until("it is open over http and https", 90, () =>
      schemes.every(
        (scheme) =>
          curl(appA, `${scheme}://${freshName()}/`).status === 200 &&
          curl(appB, `${scheme}://exact.bulk.example/`).status === 200,
      ),
    );
  });

  after(() => putBack({ checkout, pristine }, [appAs, appBs]));

  function reaches(caller: Caller, scheme: string, host: string): void {
    const path = `/${randomBytes(6).toString("hex")}`;
    assert.equal(curl(caller, `${scheme}://${host}${path}`).status, 200, `${scheme}://${host}`);
    assert.deepEqual(
      seenOutside(path).map((request) => [request.scheme, request.host, request.address]),
      [[scheme, host, bulk]],
    );
  }

  /** Refused at a place that says so: by a status over http, by a reset in the handshake over https. */
  function isRefused(caller: Caller, scheme: string, host: string, status: number): void {
    const path = `/${randomBytes(6).toString("hex")}`;
    const answer = curl(caller, `${scheme}://${host}${path}`);
    assert.deepEqual(
      [answer.status, answer.exit],
      scheme === "http" ? [status, 0] : [0, 35],
      `${scheme}://${host}: ${answer.body}`,
    );
    assert.deepEqual(seenOutside(path), []);
  }

  for (const scheme of schemes) {
    describe(`over ${scheme}`, () => {
      it("opens names of one label and of more to who is granted it", () => {
        reaches(appA, scheme, freshName());
        reaches(appA, scheme, freshName("a.b."));
      });

      it("opens nothing to another workload of the namespace, or of another one", () => {
        isRefused(appB, scheme, freshName(), 502);
        isRefused(hammer, scheme, freshName(), 502);
        reaches(appA, scheme, freshName());
      });

      it("leaves a name that another destination lists to those who are granted that", () => {
        reaches(appB, scheme, "exact.bulk.example");
        isRefused(appA, scheme, "exact.bulk.example", 403);
        reaches(appA, scheme, "x.exact.bulk.example");
        isRefused(appB, scheme, "x.exact.bulk.example", 502);
      });

      it("opens no name that is denied, nor one below it", () => {
        isRefused(appA, scheme, "secret.bulk.example", 403);
        isRefused(appA, scheme, freshName("secret."), 403);
        reaches(appA, scheme, "secrets.bulk.example");
      });
    });
  }

  it("takes a Host in upper case and with its port, and no other form of one that is not held", () => {
    const ask = (host: string) => curl(appA, `http://x.bulk.example/`, "--header", `Host: ${host}`).status;
    for (const host of ["x.bulk.example", "X.BULK.example", "x.bulk.example:80"]) {
      assert.equal(ask(host), 200, host);
    }
    for (const host of ["secret.bulk.example", "SECRET.Bulk.example", "secret.bulk.example:80", "EXACT.bulk.example"]) {
      assert.equal(ask(host), 403, host);
    }
    for (const host of ["x.bulk.example.", "evilbulk.example", "bulk.example"]) {
      assert.ok([403, 404, 502].includes(ask(host)), host);
    }
  });

  describe("past every sidecar, with a real certificate", () => {
    const outer = ".bulk.example";

    it("looks names up and serves them for the one that is granted it", async () => {
      const [one, two] = [freshName(), freshName("a.")];
      assert.equal(appAs.tls({ outer, inner: one }), "served");
      assert.equal(appAs.http(two, "/").status, 200);
      await lookedUp(one);
      await lookedUp(two);
    });

    it("looks nothing up for one that is not, or for none", () => {
      const names = Array.from({ length: 4 }, () => freshName());
      assert.equal(appBs.tls({ outer, inner: names[0]! }), "refused");
      assert.equal(appAs.tls({ outer, inner: names[1]! }, "none"), "refused");
      assert.equal(appBs.http(names[2]!, "/").status, 403);
      assert.equal(appAs.http(names[3]!, "/", "none").status, 0);
      assert.deepEqual(
        names.map((name) => lookUps(name)),
        [0, 0, 0, 0],
      );
    });

    it("looks up and forwards nothing that the wildcard does not hold", () => {
      const evil = `${randomBytes(6).toString("hex")}bulk.example`;
      const secret = freshName("secret.");
      const malformed = `under_score-${randomBytes(6).toString("hex")}.bulk.example`;
      for (const inner of [evil, secret, malformed, "exact.bulk.example", "github.com"]) {
        assert.equal(appAs.tls({ outer, inner }), "refused", inner);
      }
      for (const host of [evil, secret, malformed, "exact.bulk.example"]) {
        assert.equal(appAs.http(host, "/").status, 403, host);
      }
      assert.deepEqual(
        [evil, secret, malformed].map((name) => lookUps(name)),
        [0, 0, 0],
      );
      assert.equal(appAs.tls({ outer: "github.com", inner: "github.com" }), "served");
      assert.equal(appBs.tls({ outer: "exact.bulk.example", inner: "exact.bulk.example" }), "served");
    });
  });

  it("is told by the name that was called in the log, one line for each call", async () => {
    const [called, secret] = [freshName(), freshName("secret.")];
    for (const scheme of schemes) {
      curl(appA, `${scheme}://${called}/`);
      curl(appA, `${scheme}://${secret}/`);
    }
    const isOurs = ({ host }: Decision) => host === called || host === secret;
    let seen: Decision[] = [];
    await until("the four calls are logged", 90, () => {
      seen = loggedDecisions(["--since", "5m"], checkout.folder).filter(isOurs);
      return seen.length >= 4;
    });
    assert.deepEqual(
      seen.map(({ host, protocol, allowed, ok, owner }) => [host, protocol, allowed, ok, owner].join(" ")).sort(),
      [
        ...schemes.map((scheme) => `${called} ${scheme} true true tests`),
        ...schemes.map((scheme) => `${secret} ${scheme} false true `),
      ].sort(),
    );
    assert.match(
      seen.find(({ host, protocol }) => host === secret && protocol === "http")!.because!,
      /deny holds secret/,
    );
  });

  it("is in the live matrix as the model says, with all that is listed and denied below it", () => {
    const { exitCode, stdout, stderr } = egress(["matrix", "lab", "--live"], { cwd: checkout.folder });
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /test-app\/app-a +\*\.bulk\.example +✔ allow 200 +✔ allow 200/);
    assert.match(stdout, /test-app\/app-b +\*\.bulk\.example +✔ deny/);
  });
});
