// Which hosts are known by their names to be out of any gateway's reach, and where that is said.
// Does not prove: what a name resolves to; a gateway refuses what resolves into the inside, as the lab's tests show.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { explain, Explanation, readCall } from "../../../../model/explain";
import { unreachable } from "../../../../model/config/unreachable";
import { unreachableHosts } from "../../../../model/config/unreachable-hosts";
import { now, soundConfig } from "./sound-config";

const inside: [host: string, reason: RegExp][] = [
  ["metadata.google.internal", /metadata server/],
  ["metadata.azure.internal", /metadata server/],
  ["ip-10-0-0-1.eu-west-1.compute.internal", /private network/],
  ["vm.europe-west1-b.c.acme-prod.internal", /private network/],
  ["nas.home.arpa", /public DNS/],
  ["wiki.corp", /public DNS/],
  ["printer.lan", /public DNS/],
  ["nobody.invalid", /no such names/],
  ["duckduckgo.onion", /no such names/],
  ["1.0.0.10.in-addr.arpa", /name of an address/],
  ["app.lvh.me", /127\.0\.0\.1/],
  ["169.254.169.254.nip.io", /169\.254\.169\.254/],
  ["app-10-0-0-1.sslip.io", /10\.0\.0\.1/],
];

const outside = [
  "github.com",
  "internal.example.com",
  "corp.example.com",
  "notinternal",
  "my-internal.com",
  "8.8.8.8.nip.io",
  "nip.io",
  "10-0-0-1.example.com",
  "svc.example.com",
];

const configOf = (hosts: string[]) =>
  parseConfig(
    { ...soundConfig(), destinations: { it: { hosts } }, allow: [{ from: "test-app/app-a", to: "it" }] },
    { now },
  );

function ask(hosts: string[], url: string): Explanation {
  const check = readCall(url);
  assert.ok("call" in check, url);
  return explain(configOf(hosts), "test-app/app-a", check.call);
}

describe("a host that no gateway reaches", () => {
  for (const [host, reason] of inside) {
    it(`is ${host}, by its name`, () => {
      assert.match(unreachable(host)?.reason ?? "", reason);
      const warnings = unreachableHosts(configOf([host, "github.com"]));
      assert.deepEqual(
        warnings.map(({ path, value }) => [path, value]),
        [["istio-egress:destinations.it.hosts", host]],
      );
    });
  }

  for (const host of outside) {
    it(`is not ${host}`, () => assert.equal(unreachable(host), undefined));
  }

  it("is explained as allowed where it is, and as never reached", () => {
    const { allowed, unreachable: reason } = ask(["metadata.google.internal"], "http://metadata.google.internal");
    assert.equal(allowed, true);
    assert.match(reason!, /metadata server/);
    assert.equal(ask(["github.com"], "https://github.com").unreachable, undefined);
  });

  it("is suggested to no rule, as another host is", () => {
    const { refusal, unreachable: reason, suggestion } = ask(["github.com"], "https://vault.internal");
    assert.equal(refusal, "host");
    assert.match(reason!, /private network/);
    assert.equal(suggestion, undefined);
    assert.notEqual(ask(["github.com"], "https://vault.example.com").suggestion, undefined);
  });

  it("is an address of the inside, however it is written in a URL", () => {
    for (const url of [
      "http://169.254.169.254",
      "http://0xa9fea9fe",
      "http://10.1",
      "http://167837697",
      "http://192.168.1.1",
    ]) {
      const { refusal, unreachable: reason } = ask(["github.com"], url);
      assert.equal(refusal, "address", url);
      assert.match(reason!, /no external address/, url);
    }
    const itself = ask(["github.com"], "http://2130706433");
    assert.deepEqual([itself.allowed, itself.unreachable], [true, undefined], "127.0.0.1 is the pod itself");
    assert.match(ask(["github.com"], "https://[fe80::1]").unreachable!, /IPv6/);
    assert.equal(ask(["github.com"], "https://140.82.121.3").unreachable, undefined);
  });
});
