// Which texts are host names of an allowlist, and what is said of those that are not.
// Does not prove: that a host exists, or what its name resolves to.
import assert from "node:assert/strict";
import { checkHost } from "../../../../model/config/host";

describe("checkHost", () => {
  for (const host of [
    "github.com",
    "a.b.c.example",
    "xn--bcher-kva.de",
    "1.example.com",
    "a-b.example",
    "*.github.com",
    `${"l".repeat(63)}.example`,
  ]) {
    it(`takes ${host}`, () => assert.deepEqual(checkHost(host), { host }));
  }

  it("puts upper case right", () => assert.deepEqual(checkHost("GitHub.COM"), { host: "github.com" }));

  it("tells how a host would be called, and which protocols that may be", () => {
    for (const [written, called] of [
      ["github.com:443", { protocols: ["https"], way: "port 443" }],
      ["http://github.com", { protocols: ["http"], way: "http" }],
      ["wss://github.com:443/x", { protocols: ["https"], way: "wss to port 443" }],
      ["//github.com", undefined],
      ["github.com.", undefined],
      ["smtp.sendgrid.net:587", { protocols: [], port: "587/tcp", way: "port 587" }],
      ["https://github.com:80", { protocols: [], way: "https to port 80" }],
      ["postgres://me:hush@db.example.com/shop", { protocols: [], way: "postgres" }],
    ] as const) {
      const check = checkHost(written);
      assert.ok("problem" in check);
      assert.deepEqual(check.called, called, written);
    }
  });

  const refused: [string, RegExp, RegExp?][] = [
    ["", /empty/],
    [" github.com", /blank/],
    ["https://github.com", /URL/, /write "github\.com"/],
    ["HTTPS://GitHub.com/a?b#c", /URL/, /write "github\.com"/],
    ["github.com/releases", /no path/, /write "github\.com"/],
    ["github.com:443", /no port/, /write "github\.com"/],
    ["user@github.com", /no user name/, /write "github\.com"/],
    ["github.com.", /without a dot/, /write "github\.com"/],
    ["my_host.example.com", /underscore/],
    ["*.com", /public suffix/, /domains that are meant/],
    ["*", /every host there is/],
    ["203.0.113.10", /IP address/],
    ["203.0.113.10:443", /IP address/],
    ["127.1", /IP address/],
    ["0x7f000001", /IP address/],
    ["2130706433", /IP address/],
    ["::1", /IP address/],
    ["2001:db8::1", /IP address/],
    ["[2001:db8::1]", /IP address/],
    ["[2001:db8::1]:443", /IP address/],
    ["github", /without a dot/, /full name/],
    ["//github.com/x", /URL/, /write "github\.com"/],
    ["https://bücher.de./x", /URL/, /write "xn--bcher-kva\.de"/],
    ["10.1.2.3", /IP address/, /istio-egress:outside/],
    ["github.com:", /no port/, /write "github\.com"/],
    ["bü cher.de", /blank/],
    ["https://", /URL/],
    ["localhost", /without a dot/],
    ["-a.example.com", /"-a" cannot be a part/],
    ["a-.example.com", /"a-" cannot be a part/],
    ["a..example.com", /"" cannot be a part/],
    [".example.com", /begins without a dot/, /"\*\.example\.com" for all names below it/],
    ["a..example.com", /"" cannot be a part/],
    ["a!b.example.com", /cannot be a part/],
    [`${"l".repeat(64)}.example.com`, /63 between two dots/],
    [`${"a.".repeat(126)}ab`, /253 characters/],
    ["bücher.de", /ASCII/, /write "xn--bcher-kva\.de"/],
    ["app-a.test-app.svc.cluster.local", /inside the cluster/],
    ["app-a.test-app.svc", /inside the cluster/],
    ["printer.local", /inside the cluster/],
  ];
  for (const [written, problem, fix] of refused) {
    it(`refuses ${JSON.stringify(written.length > 40 ? `${written.slice(0, 40)}…` : written)}`, () => {
      const check = checkHost(written);
      assert.ok("problem" in check, `${written} was taken`);
      assert.match(check.problem, problem);
      assert.match(check.name === undefined ? (check.advice ?? "") : `write "${check.name}"`, fix ?? /^/);
    });
  }
});
