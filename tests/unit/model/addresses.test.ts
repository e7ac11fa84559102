// Addresses without a name, from the stack's file to the plan and what is said of them.
// Does not prove: what the mesh makes of it; tests/lab/addresses.test.ts does.
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ArgumentError,
  ConfigError,
  Manifest,
  parseConfig,
  planDestination,
  planStack,
  privateDestinations,
  stackArgs,
  verdicts,
} from "../../../model";
import { diffStacks, riskNotes } from "../../../model/diff";
import { explain, readCall } from "../../../model/explain";
import { grantsOf } from "../../../model/grants";
import {
  addressesRegex,
  anyAddressRegex,
  anyOfAddresses,
  authorityPrefixes,
  beginningRegex,
  holdsAddress,
} from "../../../model/ground/addresses";
import { formatCidr, parseCidr } from "../../../model/ground/cidr";

type Raw = Record<string, unknown>;

const now = new Date();
const partner = { addresses: ["198.51.100.0/24"], ports: ["5432/tcp"] };

const raw = (of: Raw = partner, change: Raw = {}): Raw => ({
  cluster: { kind: "existing", ranges: ["10.244.0.0/16", "10.96.0.0/12"] },
  namespaces: { shop: {} },
  workloads: { orders: { namespace: "shop", image: "i" }, cart: { namespace: "shop", image: "i" } },
  destinations: { partner: of, web: { hosts: ["www.example.com"] } },
  allow: [
    { from: "shop/orders", to: "partner", owner: "o", reason: "the partner's database" },
    { from: "shop/cart", to: "web", owner: "o", reason: "r" },
  ],
  ...change,
});

const config = (of?: Raw, change?: Raw) => parseConfig(raw(of, change), { now });

function problems(of?: Raw, change?: Raw): { path: string; problem: string; fix?: string }[] {
  try {
    config(of, change);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return [...error.problems];
  }
}

const asked = (of: Raw | undefined, from: string, url: string) => {
  const read = readCall(url);
  assert.ok("call" in read, url);
  return explain(config(of), from, read.call);
};

function objects(of?: Raw, change?: Raw): Manifest[] {
  const plan = planStack(config(of, change));
  return [...plan.gateways, ...plan.destinations, ...plan.workloads].flatMap(({ manifests }) => manifests);
}

const spec = (all: Manifest[], kind: string, name: string) =>
  all.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)?.spec as Record<string, any>;

describe("addresses of a destination", () => {
  const wrong: [addresses: string[], problem: RegExp, fix: RegExp][] = [
    [["198.51.100.7/24"], /middle of a range/, /"198\.51\.100\.0\/24"/],
    [["198.51"], /Not an IPv4 address/, /under hosts/],
    [["github.com"], /Not an IPv4 address/, /under hosts/],
    [["2001:db8::1"], /IPv6/, /./],
    [["198.0.0.0/8"], /Too wide: 16777216/, /ranges that are called/],
    [["0.0.0.0/0"], /Too wide/, /./],
    [["169.254.169.254"], /metadata server/, /remove it/],
    [["127.0.0.1"], /neither public nor/, /remove it/],
    [["224.0.0.0/16"], /neither public nor/, /remove it/],
    [["10.244.3.0/24"], /cluster itself: istio-egress:cluster\.ranges\[0\]/, /Service's name/],
    [["10.96.0.1"], /cluster itself/, /Service's name/],
  ];
  for (const [addresses, problem, fix] of wrong) {
    it(`are refused: ${addresses.join()}`, () => {
      const [found, ...more] = problems({ ...partner, addresses });
      assert.equal(found?.path, "istio-egress:destinations.partner.addresses[0]");
      assert.match(found.problem, problem);
      assert.match(found.fix!, fix);
      assert.deepEqual(more, []);
      assert.deepEqual(problems(), []);
    });
  }

  it("are in one place only, in destinations and beside the mesh", () => {
    const twice = { ...raw(partner), destinations: { partner, other: { ...partner, addresses: ["198.51.100.7"] } } };
    assert.match(problems(undefined, { destinations: twice.destinations, allow: [] })[0]!.problem, /as well/);
    const inside = { addresses: ["10.30.0.0/24"], ports: ["5432/tcp"] };
    const outside = (address: string) => ({ ldap: { namespace: "shop", addresses: [address], via: "bypass" } });
    assert.match(problems(inside, { outside: outside("10.30.0.4") })[0]!.problem, /leads it to a gateway/);
    assert.deepEqual(problems(inside, { outside: outside("10.31.0.4") }), []);
  });

  it("have ports and nothing that is a name's", () => {
    assert.match(problems({ addresses: partner.addresses })[0]!.problem, /Missing: an address by itself/);
    for (const key of [
      { hosts: ["a.example.com"] },
      { protocols: ["https"] },
      { originate: {} },
      { private: ["10.0.0.0/16"] },
    ]) {
      const found = problems({ ...partner, ...key });
      assert.equal(found[0]?.path, `istio-egress:destinations.partner.${Object.keys(key)[0]}`);
    }
    assert.match(problems({ ...partner, ports: ["443/https"] })[0]!.fix!, /"443\/tcp"/);
    assert.deepEqual(problems({ ...partner, ports: ["443/tcp", "80/tcp"] }), []);
    // Of a name the same port is https's.
    assert.match(problems({ hosts: ["a.example.com"], ports: ["443/tcp"] })[0]!.problem, /https/);
    assert.match(problems({})[0]!.problem, /Required, but missing/);
  });

  it("need a reason where they are public, and the cluster's ranges where they are not", () => {
    const allow = [{ from: "shop/orders", to: "partner", owner: "o" }];
    assert.deepEqual(
      problems(partner, { allow }).map(({ path }) => path),
      ["istio-egress:allow[0].reason"],
    );
    const inside = { ...partner, addresses: ["10.30.0.0/24"] };
    assert.deepEqual(problems(inside, { allow }), []);
    assert.deepEqual(
      problems(inside, { cluster: { kind: "existing" } }).map(({ path }) => path),
      ["istio-egress:cluster.ranges"],
    );
  });

  it("are refused in a mesh that takes no EnvoyFilter", () => {
    const mesh = { kind: "existing", envoyFilters: false };
    const found = problems(partner, { mesh });
    assert.ok(found.some(({ path, problem }) => path.endsWith("partner.addresses") && /EnvoyFilter/.test(problem)));
  });
});

describe("the plan of addresses", () => {
  it("lets an identity pass to addresses and ports, and nowhere else", () => {
    const rules = spec(
      objects({ addresses: ["198.51.100.0/24", "10.30.0.5"], ports: ["5432/tcp", "443/tcp"] }),
      "AuthorizationPolicy",
      "allow-partner",
    ).rules;
    assert.deepEqual(rules, [
      {
        from: [{ source: { principals: ["cluster.local/ns/shop/sa/orders"] } }],
        to: [{ operation: { ports: ["8445"], methods: ["CONNECT"], hosts: ["10.30.0.5:*", "198.51.100.*"] } }],
        when: [{ key: "request.headers[:authority]", values: ["*:443", "*:5432"] }],
      },
    ]);
  });

  it("leads sidecars of the clients' namespaces there, and tells the way to those only that are granted it", () => {
    const all = objects();
    const hosts = (name: string) => spec(all, "Sidecar", name).egress[0].hosts as string[];
    assert.ok(hosts("orders").includes("istio-egress/partner.addresses.internal"));
    assert.ok(!hosts("cart").some((host) => host.includes("addresses")));
    const patches = spec(all, "EnvoyFilter", "addresses-partner").configPatches as Record<string, any>[];
    assert.deepEqual(
      patches.map(({ match }) => match.listener.name),
      ["virtualOutbound", "0.0.0.0_5432"],
    );
    assert.deepEqual(patches[0]!.patch.value.filter_chain_match, {
      prefix_ranges: [{ address_prefix: "198.51.100.0", prefix_len: 24 }],
    });
  });

  it("asks for no DNS of the sidecar's, and gives the resolver no name", () => {
    const args = stackArgs(config());
    assert.ok(args.workloads.every(({ tunnels }) => tunnels === undefined));
    const dns = { mode: "allowed-only", address: "10.96.0.53" };
    assert.deepEqual(stackArgs(config(partner, { dns })).dns?.hosts, ["www.example.com"]);
  });

  it("opens private ones to the gateway, and the firewall of a cloud likewise", () => {
    const of = { addresses: ["10.30.0.5", "198.51.100.7"], ports: ["5432/tcp"] };
    const opened = spec(objects(of), "NetworkPolicy", "egress-gateway-to-private").egress;
    assert.deepEqual(opened, [
      { to: [{ ipBlock: { cidr: "10.30.0.5/32" } }], ports: [{ protocol: "TCP", port: 5432 }] },
    ]);
    assert.deepEqual(privateDestinations(config(of)), [{ name: "partner", ranges: ["10.30.0.5/32"], ports: [5432] }]);
    assert.deepEqual(privateDestinations(config()), []);
  });

  it("is refused to a program whose gateway does not know of it", () => {
    const client = { namespace: "shop", serviceAccount: "orders" };
    const of = (gateway: object, change: object = {}) =>
      planDestination({
        ...{ name: "partner", hosts: [], protocols: [], ports: [{ port: 5432, protocol: "tcp" }], clients: [client] },
        addresses: ["198.51.100.0/24"],
        gateway: { name: "g", namespace: "out", ports: [5432], ...gateway },
        ...change,
      });
    assert.ok(of({ addresses: ["198.51.100.0/24"] }).length > 0);
    assert.throws(
      () => of({}),
      (error: unknown) => error instanceof ArgumentError && /does not know/.test(error.message),
    );
    const disorder = ["198.51.100.0/24", "198.51.100.1/24"];
    assert.throws(() => of({ addresses: disorder }), /gateway\.addresses\[1\]/);
    assert.throws(() => of({ addresses: disorder }), /gateway\.addresses\[1\]/, "and again");
    assert.throws(() => of({ addresses: ["198.51.100.0/24"] }, { hosts: ["a.example.com"] }), /and not both/);
    assert.throws(() => of({ addresses: ["198.51.100.0/24"] }, { ports: undefined }), ArgumentError);
    assert.throws(() => of({ addresses: ["169.254.0.0/16"] }, { addresses: ["169.254.0.0/16"] }), /metadata server/);
    assert.throws(() => of({ addresses: ["10.30.0.5"] }, { addresses: ["10.30.0.5"] }), /privateHosts/);
  });
});

describe("what is said of addresses", () => {
  it("is the same by explain and by verdicts", () => {
    for (const { from, url, expected } of verdicts(config({ ...partner, ports: ["5432/tcp", "443/tcp"] }))) {
      const { allowed } = asked({ ...partner, ports: ["5432/tcp", "443/tcp"] }, from, url);
      assert.equal(allowed, expected === "allow", `${from} ${url}`);
    }
    assert.ok(
      verdicts(config()).some(({ url, expected }) => url === "tcp://198.51.100.1:5432" && expected === "allow"),
    );
  });

  it("names the range, the rule and every object of the way", () => {
    const found = asked(undefined, "shop/orders", "tcp://198.51.100.77:5432");
    assert.ok(found.allowed);
    assert.match(found.because, /198\.51\.100\.0\/24 holds the address/);
    const plan = planStack(config());
    const planned = new Set(
      [...plan.gateways, ...plan.destinations, ...plan.workloads, ...plan.namespaces]
        .flatMap(({ manifests }) => manifests)
        .map(({ kind, metadata: { namespace, name } }) => `${kind}/${namespace}/${name}`),
    );
    assert.deepEqual(
      found.way.flatMap(({ by }) => by).filter((key) => !planned.has(key)),
      [],
    );
  });

  it("offers a fix that works: a rule, a port, a destination", () => {
    for (const [from, url] of [
      ["shop/cart", "tcp://198.51.100.77:5432"],
      ["shop/orders", "tcp://198.51.100.77:5433"],
      ["shop/orders", "https://198.51.100.77"],
      ["shop/cart", "tcp://203.0.113.9:22"],
    ] as const) {
      const { allowed, suggestion } = asked(undefined, from, url);
      assert.equal(allowed, false);
      const before = raw();
      const { destinations = {}, allow = [] } = suggestion!.add;
      const after = parseConfig(
        {
          ...before,
          destinations: { ...(before.destinations as object), ...destinations },
          allow: [...(before.allow as object[]), ...allow],
        },
        { now },
      );
      const read = readCall(url);
      assert.ok("call" in read && explain(after, from, read.call).allowed, url);
    }
    // Of what no destination may hold none is offered.
    assert.equal(asked(undefined, "shop/orders", "tcp://169.254.169.254:80").suggestion, undefined);
  });

  it("is a risk to a reviewer", () => {
    const none = parseConfig(raw(partner, { allow: [] }), { now });
    const notes = riskNotes(diffStacks(none, config()));
    assert.ok(notes.some(({ risk }) => /addresses without a name/.test(risk)));
    assert.deepEqual(riskNotes(diffStacks(config(), config())), []);
  });
});

describe("the spelling of addresses", () => {
  const ranges = fc
    .tuple(fc.integer({ min: 16, max: 32 }), fc.nat(0xffffffff))
    .map(([prefix, number]) =>
      parseCidr(`${formatCidr({ first: number, prefix: 32, size: 1 }).split("/")[0]}/${prefix}`)!,
    )
    .map(formatCidr);
  const addresses = fc.nat(0xffffffff).map((first) => formatCidr({ first, prefix: 32, size: 1 }).replace("/32", ""));

  it("is told by prefixes and by an expression as the range says", () => {
    fc.assert(
      fc.property(ranges, addresses, (range, other) => {
        for (const address of [other, anyOfAddresses(range)]) {
          const held = holdsAddress(range, address);
          const prefixes = authorityPrefixes(range);
          assert.ok(prefixes.length <= 128);
          assert.equal(
            prefixes.some((prefix) => `${address}:5432`.startsWith(prefix)),
            held,
          );
          assert.equal(new RegExp(`^${addressesRegex(range)}$`).test(address), held);
          assert.ok(!held || new RegExp(`^${beginningRegex(range)}$`).test(`${address}:5432`));
        }
      }),
    );
  });

  it("is that of an address, and of nothing else", () => {
    const plain = new RegExp(`^${anyAddressRegex}:[0-9]+$`);
    assert.ok(plain.test("198.51.100.7:5432"));
    for (const other of [
      "198.51.100.07:5432",
      "198.51.100.256:1",
      "198.51.100.7.evil.example:5432",
      "198.51.100:5432",
    ]) {
      assert.ok(!plain.test(other), other);
    }
  });

  it("leads a name in a grant's index to no range", () => {
    const { meaning } = grantsOf(config());
    assert.equal(meaning("198.51.100.7").kind, "destination");
    assert.equal(meaning("198.51.101.7").kind, "unknown");
    assert.equal(meaning("198.51.100.7.evil.example").kind, "unknown");
  });
});
