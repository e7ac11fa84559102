// What is wrong with a destination has a fix, whatever is wrong with it; and where the fix says what to write, that is sound:
// the same stack with it has nothing wrong in that place.
// Does not prove: that fixes in other words are understood; nor that what is sound is what was meant.
import assert from "node:assert/strict";
import { ConfigProblem, parseConfig } from "../../../../model";
import { problemsOf } from "./refused";

const cluster = { kind: "existing", ranges: ["10.244.0.0/16", "10.96.0.0/12"] };

/** What is wrong with a destination, in a stack that has no rule for it. */
function problems(destination: unknown, mesh: unknown = undefined): readonly ConfigProblem[] {
  return problemsOf({ cluster, mesh, destinations: { tried: destination }, allow: [], deny: [] });
}

/** Ways in which an item of a list is wrong, by the rest of the destination. */
const items: { key: string; below?: string; of: Record<string, unknown>; wrong: unknown[] }[] = [
  {
    key: "hosts",
    of: {},
    wrong: [
      ..."*|*.com|*.co.uk|a.*.com|*foo.com|foo.*|*.*.example.com|**.example.com|*.bücher.example|bücher.example".split(
        "|",
      ),
      ..."*.internal|*.nip.io|*.10.0.0.1.nip.io|*.svc.cluster.local|localhost|10.0.0.1|198.51.100.7:5432|[::1]".split(
        "|",
      ),
      ..."http://x.example|x.example:8443|x.example:443|x.example/a|x.example.|.x.example|x_y.example|x..example".split(
        "|",
      ),
      ..."postgres://db.example:5432/x|redis://r.example|*:443|x.example:15000|x.example:0|*.x.example:8443".split("|"),
      ..."user:hunter2@x.example|x.example y.example|".split("|"),
      ...[443, true, null, { a: 1 }, ["x.example"]],
    ],
  },
  {
    key: "ports",
    of: { hosts: ["x.example"] },
    wrong: [
      ..."0/tcp|65536/tcp|15000/tcp|15090/https|-1/tcp|5432|5432/udp|tcp/5433|5434:tcp|5435/TCP|5436 tcp|5438/postgres".split(
        "|",
      ),
      ..."443/tcp|443/https|80/http|80/tcp|443/http|53/tcp|5443-5450/tcp|*/tcp|any|5460/|/tcp|5461/tcp/udp|5462/tpc|".split(
        "|",
      ),
      ..."21/http|22/https|23/http|25/http|110/http|143/http|587/http|2525/http|3306/http|4190/http".split("|"),
      ...[5432, 65536, 5433.5, true, null, { port: 5432 }, ["5432/tcp"]],
    ],
  },
  {
    key: "private",
    of: { hosts: ["x.example"] },
    wrong: [
      ..."10.244.3.0/24|10.0.0.0/8|10.96.0.1|127.0.0.1|169.254.169.254|0.0.0.0/0|8.8.8.0/24|224.0.0.0/4|fd00::/8".split(
        "|",
      ),
      ..."10.20.1.0/16|172.16.0.0/11|192.168.0.0/15|10.20.0.0/33|10.20|wiki.corp.example|010.20.0.0/16|".split("|"),
      ...[10.2, null, {}],
    ],
  },
  {
    key: "addresses",
    of: { ports: ["5432/tcp"] },
    wrong: [
      ..."0.0.0.0/0|8.8.8.8/8|8.8.0.0/15|127.0.0.1|169.254.169.254|224.0.0.1|255.255.255.255|2001:db8::1|1.2.3.4:443".split(
        "|",
      ),
      ..."1.2.3.4/33|1.2.3.5/24|api.example.org|https://1.2.3.4/x|1.2.3|10.244.0.1|10.96.0.1|10.0.0.0/8|198.18.0.1|".split(
        "|",
      ),
      ...[1.1, null, []],
    ],
  },
  {
    key: "originate",
    below: "methods",
    of: { hosts: ["x.example"] },
    wrong: [..."get|Post|FETCH|*|GETT|CONNECT|TRACE|".split("|"), 1, null],
  },
  {
    key: "originate",
    below: "paths",
    of: { hosts: ["x.example"] },
    wrong: [
      ..."v1|/v1/*/x|/v1*|*|/a//b|/a/../b|/a?x=1|/a#b|/a b|/a%2fb|/ä|/..;/x|https://x.example/y|/v1/**|^/v1|/{id}|/%zz|/a\\b|".split(
        "|",
      ),
      1,
      null,
    ],
  },
];

describe("the fix of what is wrong with a destination", () => {
  for (const { key, below, of, wrong } of items) {
    const withItem = (item: unknown) => ({ ...of, [key]: below === undefined ? [item] : { [below]: [item] } });
    for (const item of wrong) {
      it(`is there, and does what it says: ${below ?? key} ${JSON.stringify(item)}`, () => {
        const found = problems(withItem(item));
        assert.notEqual(found.length, 0);
        for (const { path, problem, fix } of found) {
          assert.ok(fix !== undefined && fix !== "", `${path}: ${problem}`);
          const [, written] = /^write "([^"]*)"/.exec(fix) ?? [];
          if (written !== undefined) {
            const [, port] = /"([^"]+)" to the ports$/.exec(fix) ?? [];
            const mended = { ...withItem(written), ...(port === undefined ? {} : { ports: [port] }) };
            const left = problems(mended).filter((each) => each.path === path);
            assert.deepEqual(left, [], `${fix} → ${JSON.stringify(left)}`);
          }
          if (fix.includes("own: {addresses: [")) {
            const [, address, port] = /addresses: \[(.*)\], ports: \[(.*)\]\}/.exec(fix)!;
            assert.deepEqual(problems({ addresses: [address], ports: [port] }), []);
          }
        }
      });
    }
  }

  const shapes: unknown[] = [
    "api.example",
    [],
    ["api.example"],
    {},
    null,
    ...[
      "hosts",
      "ports",
      "addresses",
      "private",
      "protocols",
      "preset",
      "originate",
      "via",
      "timeouts",
      "kind",
    ].flatMap((key) =>
      [null, [], "", "a b", 5, true, { a: 1 }].map((value) => ({
        ...(["hosts", "addresses", "kind"].includes(key) ? {} : { hosts: ["x.example"] }),
        ...(key === "addresses" ? { ports: ["1/tcp"] } : {}),
        [key]: value,
      })),
    ),
    ...["idle", "connect", "request"].flatMap((kind) =>
      ["0s", "0.5s", "25h", "1d", "1h30m", "500ms", 3600, "5", "90 m", null, [], "never", "-1s"].map((time) => ({
        hosts: ["x.example"],
        timeouts: { [kind]: time },
      })),
    ),
    ...["proxy.example", "http://Proxy.example:3128", "10.0.0.1:3128", "u:p@proxy.example:3128", "*.example.org:1"].map(
      (proxy) => ({ hosts: ["x.example"], via: { proxy } }),
    ),
    ...["proxy.example:0", "proxy.example:1:2", "proxy:3128", 3128, null, "Proxy.example:3128"].map((proxy) => ({
      hosts: ["x.example"],
      via: { proxy },
    })),
    ...[
      "ns/secret",
      "Secret_Name",
      "kubernetes://x",
      "x-cacert",
      "a/x-cacert",
      { cert: "x", key: "y" },
      "",
      null,
      5,
    ].map((clientCertificate) => ({ hosts: ["x.example"], originate: { clientCertificate } })),
    { hosts: ["x.example"], methods: ["GET"], paths: ["/x"], ca: "x", clientCertificate: "x", http2: true },
    { hosts: ["x.example"], protocols: ["https"], originate: {} },
    { preset: "githb" },
    { preset: "github@2020-01-01" },
    { preset: "nothing-like-it" },
  ];
  for (const shape of shapes) {
    it(`is there: ${JSON.stringify(shape)}`, () => {
      const found = problems(shape);
      assert.notEqual(found.length, 0);
      for (const { path, problem, allowed, fix } of found) {
        assert.ok((fix ?? allowed) !== undefined, `${path}: ${problem}`);
        const [, written] = /^write "([^"]*)"$/.exec(fix ?? "") ?? [];
        if (written !== undefined) {
          const keys = path
            .replace("istio-egress:destinations.tried.", "")
            .split(/[.[\]]+/)
            .filter(Boolean);
          const mended = structuredClone(shape) as Record<string, unknown>;
          const last = keys.pop()!;
          const inner = keys.reduce<Record<string, unknown>>((at, each) => at[each] as Record<string, unknown>, mended);
          inner[last] = written;
          assert.deepEqual(
            problems(mended).filter((each) => each.path === path),
            [],
            fix,
          );
        }
      }
    });
  }

  it("does not widen what is meant: a path's own star, a range that only begins in the middle", () => {
    const [star] = problems({ hosts: ["x.example"], originate: { paths: ["/v1*"] } });
    assert.match(star!.fix!, /^write "\/v1\/\*", and "\/v1"/);
    const [range] = problems({ hosts: ["x.example"], private: ["172.16.0.0/11"] });
    assert.match(range!.problem, /^Not private/);
    const [many] = problems({ hosts: ["a.example.org", "b.example.org:22"] });
    assert.match(many!.fix!, /a destination of its own, as \{hosts: \[b\.example\.org\], ports: \[22\/tcp\]\}/);
    const [only] = problems({ hosts: ["b.example.org:22"] });
    assert.match(only!.fix!, /^write "b\.example\.org", and add "22\/tcp" to the ports/);
  });

  it("is told of every item, beside one that is no text", () => {
    const found = problems({
      hosts: [5, "*", null, "x.example:0"],
      ports: [null, "0/tcp"],
      originate: { methods: [7, "get"], paths: ["v1", {}] },
    });
    assert.deepEqual(
      found.map(({ path }) => path.replace("istio-egress:destinations.tried.", "")).sort(),
      [
        ...["hosts[0]", "hosts[1]", "hosts[2]", "hosts[3]", "ports[0]", "ports[1]"],
        ...["originate.methods[0]", "originate.methods[1]", "originate.paths[0]", "originate.paths[1]"],
      ].sort(),
    );
  });

  it("tells of a mesh without EnvoyFilters what to write there", () => {
    const mesh = { kind: "existing", envoyFilters: false };
    for (const host of ["x.example:8443", "198.51.100.7", "redis://x.example", "*.x.example"]) {
      for (const { fix } of problems({ hosts: [host] }, mesh)) {
        assert.ok(fix !== undefined, host);
        assert.doesNotMatch(fix, /under ports|addresses:/);
      }
    }
    for (const destination of [
      { hosts: ["x.example"], ports: ["1/tcp"] },
      { addresses: ["198.51.100.7"], ports: ["1/tcp"] },
      { hosts: ["x.example"], private: ["10.20.0.0/16"] },
      { hosts: ["x.example"], originate: {} },
      { hosts: ["x.example"], via: { proxy: "proxy.example:3128" } },
      { hosts: ["*.x.example"] },
    ]) {
      const found = problems(destination, mesh);
      assert.ok(
        found.some(({ problem }) => /this mesh takes n/.test(problem)),
        JSON.stringify(destination),
      );
      assert.deepEqual(problems(destination), [], "where it takes them");
    }
  });
});

describe("what a report does not repeat", () => {
  const key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----";
  const spoiled: [string, unknown][] = [
    ["a client certificate's key", { hosts: ["x.example"], originate: { clientCertificate: { key, cert: "x" } } }],
    ["a key under a key", { hosts: ["x.example"], originate: { key } }],
    ["a key in the place of authorities", { hosts: ["x.example"], originate: { ca: [key] } }],
    ["a key in the place of a host", { hosts: [key] }],
    ["a key in the place of a destination", key],
    ["a proxy's password", { hosts: ["x.example"], via: "http://user:MIIEvQIBADANBgkq@proxy.example:3128" }],
    [
      "a proxy's password under a key",
      { hosts: ["x.example"], via: { proxy: "p.example:1", password: "MIIEvQIBADANBgkq" } },
    ],
    ["a password in a URL", { hosts: ["https://user:MIIEvQIBADANBgkq@x.example/"] }],
    ["a token in a URL", { hosts: ["https://MIIEvQIBADANBgkq@x.example/"] }],
  ];
  for (const [what, destination] of spoiled) {
    it(`is ${what}`, () => {
      const found = problems(destination);
      assert.notEqual(found.length, 0);
      assert.doesNotMatch(JSON.stringify(found), /MIIEvQIBADANBgkq/);
    });
  }

  it("is nothing else: values are there to be read", () => {
    const [found] = problems({ hosts: ["x.example:0"] });
    assert.equal(found!.value, "x.example:0");
    assert.throws(() => parseConfig({ alow: "a: b@c" }, { now: new Date(0) }), /a: b@c/);
  });
});
