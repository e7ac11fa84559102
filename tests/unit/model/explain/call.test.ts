// Which URLs can be asked about.
// Does not prove: that a client makes of a URL what this reading does.
import assert from "node:assert/strict";
import { readCall } from "../../../../model/explain";

function problemOf(url: string): string {
  const check = readCall(url);
  assert.ok("problem" in check, `${url} is taken`);
  assert.notEqual(check.fix, "");
  return check.problem;
}

describe("a URL to be explained", () => {
  it("is read as scheme, host and port", () => {
    const github = { host: "github.com", isAddress: false };
    for (const [written, call] of [
      ["https://github.com", { ...github, url: "https://github.com", protocol: "https", port: 443 }],
      ["HTTPS://GitHub.com/a/path?q#h", { ...github, url: "https://github.com", protocol: "https", port: 443 }],
      ["https://github.com:443/", { ...github, url: "https://github.com", protocol: "https", port: 443 }],
      ["http://github.com:8080", { ...github, url: "http://github.com:8080", protocol: "http", port: 8080 }],
      ["http://1.2.3.4", { host: "1.2.3.4", isAddress: true, url: "http://1.2.3.4", protocol: "http", port: 80 }],
      ["https://[::1]", { host: "::1", isAddress: true, url: "https://[::1]", protocol: "https", port: 443 }],
    ] as const) {
      assert.deepEqual(readCall(written), { call }, written);
    }
  });

  it("is refused without a scheme, and with another one", () => {
    assert.deepEqual(readCall("github.com:443/x"), {
      problem: "A URL begins with its scheme: http://, https://, or tcp:// of any other port",
      fix: 'write "https://github.com:443/x"',
    });
    assert.match(problemOf("ftp://github.com"), /^ftp is neither http nor https: /);
    assert.match(problemOf("grpc://github.com:443"), /^grpc is neither http nor https: /);
  });

  it("is refused where its host or port cannot be read", () => {
    for (const url of ["https://", "https://github.com:99999", "https://github .com", "http://:80"]) {
      assert.match(problemOf(url), /cannot be read$/);
    }
  });

  it("is refused with a user name, and no password is repeated", () => {
    const check = JSON.stringify(readCall("https://me:hush@github.com"));
    assert.match(check, /user name stands before the host, which is github\.com/);
    assert.doesNotMatch(check, /hush/);
    assert.match(problemOf("https://github.com@evil.example/"), /which is evil\.example$/);
  });

  it("takes a Service's full name, a pod's behind it, and WebSockets by the protocol that they begin with", () => {
    for (const url of [
      "http://app-b.test-app.svc.cluster.local",
      "http://ledger-0.ledger.payments.svc.cluster.local:8080",
    ]) {
      assert.ok("call" in readCall(url), url);
    }
    const ports = ["ws://github.com", "wss://github.com"].map((url) => {
      const check = readCall(url);
      return "call" in check ? [check.call.protocol, check.call.port] : check.problem;
    });
    assert.deepEqual(ports, [
      ["http", 80],
      ["https", 443],
    ]);
  });

  it("is refused for a name that no allowlist could hold", () => {
    assert.match(problemOf("http://app-b"), /without a dot/);
    assert.match(problemOf("http://app-b.svc"), /inside the cluster/);
    assert.match(problemOf("https://github.com./"), /ends without a dot/);
    assert.match(problemOf("https://my_host.example.com/"), /underscore/);
  });
});
