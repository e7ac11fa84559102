// Ports beside 80 and 443, from the stack's file to the plan and what is said of it.
// Does not prove: what the mesh makes of it; tests/lab/ports.test.ts does.
import assert from "node:assert/strict";
import { neededAnnotations, Manifest, parseConfig, planStack, stackArgs, verdicts } from "../../../model";
import { decider, parseEntry } from "../../../model/access-log";
import { diffStacks } from "../../../model/diff";
import { explain, readCall } from "../../../model/explain";
import { graphOf } from "../../../model/graph";
import { plainProxyConfig } from "../../../model/ground/admission";
import { withDnsCapture } from "../../../model/ground/pods/proxy-config";
import { ConfigError } from "../../../model";
import { now } from "./config/sound-config";

type Raw = Record<string, unknown>;

const raw = (): Raw => ({
  namespaces: { shop: {}, payments: { existing: true } },
  workloads: {
    orders: {
      namespace: "shop",
      image: "i",
      pod: { metadata: { annotations: { "proxy.istio.io/config": "concurrency: 2" } } },
    },
    cart: { namespace: "shop", image: "i" },
    ledger: { namespace: "payments", existing: { serviceAccount: "ledger-sa", selector: { app: "ledger" } } },
  },
  destinations: {
    db: { hosts: ["db-1.example.com", "db-2.example.com"], ports: ["8443/https", "5432/tcp"] },
    mail: { hosts: ["smtp.example.com"], protocols: ["https"], ports: ["587/tcp"] },
    web: { hosts: ["www.example.com"] },
    unused: { hosts: ["unused.example.com"], ports: ["9999/tcp"] },
  },
  allow: [
    { from: "shop/orders", to: "db", owner: "o", reason: "r" },
    { from: "payments/ledger", to: "mail", owner: "o", reason: "r" },
    { from: "shop/cart", to: "web", owner: "o", reason: "r" },
  ],
});

const config = (change: Raw = {}) => parseConfig({ ...raw(), ...change }, { now });

function problems(destination: Raw, change: Raw = {}): { path: string; problem: string; fix?: string }[] {
  try {
    config({
      destinations: { ...(raw().destinations as Raw), db: { hosts: ["db.example.com"], ...destination } },
      ...change,
    });
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return [...error.problems];
  }
}

const plan = planStack(config());
const all = [
  ...plan.egress,
  ...[...plan.gateways, ...plan.namespaces, ...plan.workloads, ...plan.destinations].flatMap(
    ({ manifests }) => manifests,
  ),
];

const find = (kind: string, name: string): any => all.find((each) => each.kind === kind && each.metadata.name === name);
const ask = (from: string, url: string, change: Raw = {}) => {
  const check = readCall(url);
  assert.ok("call" in check, url);
  return explain(config(change), from, check.call);
};

describe("ports of a destination", () => {
  it("stand beside its protocols, which go without saying only where there are no ports", () => {
    const [db, mail, , web] = config().destinations;
    assert.deepEqual(
      [db!.protocols, db!.ports],
      [
        [],
        [
          { port: 5432, protocol: "tcp" },
          { port: 8443, protocol: "https" },
        ],
      ],
    );
    assert.deepEqual([mail!.protocols, mail!.ports], [["https"], [{ port: 587, protocol: "tcp" }]]);
    assert.deepEqual([web!.protocols, web!.ports], [["http", "https"], []]);
  });

  const refused: [ports: unknown[], says: RegExp, fix: RegExp | undefined][] = [
    [["0/tcp"], /No such port/, undefined],
    [["65536/tcp"], /No such port/, undefined],
    [["99999999/tcp"], /No such port/, undefined],
    [["15006/tcp"], /Istio keeps/, /^remove it/],
    [["15090/https"], /Istio keeps/, undefined],
    [["443/https"], /https's own/, /have https among the protocols/],
    [["80/http"], /http's own/, /have http among the protocols/],
    [["443/tcp"], /for https/, /have https/],
    [["53/tcp"], /port 53/, /remove it/],
    [["587/http"], /SMTP, where the server speaks first/, /write "587\/tcp"/],
    [["3306/https"], /MySQL/, /write "3306\/tcp"/],
    [["22/http"], /SSH/, /write "22\/tcp"/],
    [["5432/tcp", "5432/https"], /ports\[0\] says tcp of the same port/, /5432\/tcp lets pass/],
    [["5432/tcp", "5432/tcp"], /stands at .*ports\[0\] already/, /remove one/],
    [["tcp/5432"], /Not a port/, /write "5432\/tcp"/],
    [["5432"], /Not a port/, /write "5432\/tcp"/],
    [["5432/tpc"], /No protocol "tpc"/, /did you mean "5432\/tcp"\?/],
    [["5432/postgres"], /No protocol "postgres"/, /write "5432\/tcp"/],
    [["4433/quic"], /Nothing but TCP/, /remove it/],
    [[5432], /Not a port/, /write "5432\/tcp"/],
    [["443"], /for https/, /have https/],
    [[], /at least 1/, undefined],
    [Array.from({ length: 255 }, (_, index) => `${2000 + index}/tcp`), /255 ports/, /another destination/],
  ];
  for (const [ports, says, fix] of refused) {
    it(`are refused, all at once and each with its place: ${JSON.stringify(ports).slice(0, 40)}`, () => {
      const [problem, ...others] = problems({ ports });
      assert.deepEqual(others, []);
      assert.match(problem!.path, /^istio-egress:destinations\.db\.ports/);
      assert.match(problem!.problem, says);
      if (fix !== undefined) {
        assert.match(problem!.fix!, fix);
      }
    });
  }

  it("are taken at the ends of what is allowed", () => {
    for (const port of ["1/tcp", "65535/tcp", "14999/tcp", "15091/tcp", "8080/http", "465/https", "587/tcp"]) {
      assert.deepEqual(problems({ ports: [port] }), [], port);
    }
  });

  it("are refused in a mesh that takes no EnvoyFilter, with the reason", () => {
    const mesh = { kind: "existing", envoyFilters: false };
    assert.ok(problems({ ports: ["5432/tcp"] }, { mesh }).every(({ problem }) => problem.includes("EnvoyFilter")));
    assert.equal(problems({ ports: ["5432/tcp"] }, { mesh }).length, 3);
  });
});

describe("the plan of ports", () => {
  it("lets exactly these identities CONNECT to these hosts and ports", () => {
    assert.deepEqual(find("AuthorizationPolicy", "allow-db").spec.rules, [
      {
        from: [{ source: { principals: ["cluster.local/ns/shop/sa/orders"] } }],
        to: [
          {
            operation: {
              ports: ["8445"],
              hosts: [
                "db-1.example.com:5432",
                "db-1.example.com:8443",
                "db-2.example.com:5432",
                "db-2.example.com:8443",
              ],
              methods: ["CONNECT"],
            },
          },
        ],
      },
    ]);
  });

  it("leads each port of each host into a tunnel of its own, in HTTP/2", () => {
    const { subsets } = find("DestinationRule", "db-1.example.com").spec;
    assert.deepEqual(
      subsets.map(({ name, trafficPolicy: { tunnel, connectionPool } }: Raw & { trafficPolicy: Raw }) => [
        name,
        tunnel,
        connectionPool,
      ]),
      [5432, 8443].map((targetPort) => [
        `tcp-${targetPort}`,
        { protocol: "CONNECT", targetHost: "db-1.example.com", targetPort },
        { http: { h2UpgradePolicy: "UPGRADE" } },
      ]),
    );
    const routes = find("VirtualService", "db-1.example.com").spec;
    assert.deepEqual(routes.exportTo, ["shop"]);
    assert.deepEqual(routes.tcp[0], {
      match: [{ port: 5432 }],
      route: [{ destination: { host: "db-1.example.com", port: { number: 5432 }, subset: "tcp-5432" } }],
    });
  });

  it("gives each host a ServiceEntry of its own, as Istio asks of ports of bytes", () => {
    const entry = find("ServiceEntry", "smtp.example.com").spec;
    assert.deepEqual(entry.hosts, ["smtp.example.com"]);
    assert.deepEqual(
      entry.ports.map(({ number, protocol, targetPort }: Raw) => [number, protocol, targetPort]),
      [
        [443, "TLS", 8443],
        [587, "TCP", 8445],
      ],
    );
  });

  it("opens the gateway's way out on granted ports and no others", () => {
    const policy = find("NetworkPolicy", "egress-gateway-to-ports").spec;
    assert.deepEqual(
      policy.egress[0].ports.map(({ port }: Raw) => port),
      [587, 5432, 8443],
    );
    assert.ok(policy.egress[0].to[0].ipBlock.except.includes("10.0.0.0/8"));
  });

  it("has none of it where no port is granted", () => {
    const { allow } = raw() as { allow: Raw[] };
    const web = planStack(config({ allow: allow.slice(2) }));
    const manifests: Manifest[] = web.gateways.flatMap((gateway) => gateway.manifests);
    assert.equal(
      manifests.find(({ metadata }) => metadata.name === "egress-gateway-to-ports"),
      undefined,
    );
    assert.doesNotMatch(JSON.stringify(manifests), /8445|"CONNECT"/);
    assert.match(JSON.stringify(plan.gateways), /8445/);
  });

  it("has the sidecars of its own workloads answer DNS, beside what their pods say themselves", () => {
    assert.equal(
      find("Deployment", "orders").spec.template.metadata.annotations["proxy.istio.io/config"],
      'concurrency: 2\nproxyMetadata:\n  ISTIO_META_DNS_CAPTURE: "true"\n',
    );
    assert.equal(find("Deployment", "cart").spec.template.metadata.annotations, undefined);
  });

  it("warns of workloads of others, whose owners see to that", () => {
    assert.deepEqual(
      neededAnnotations(config()).map(({ path }) => path),
      ["istio-egress:allow[1]"],
    );
  });

  it("tells owners an annotation that admission takes, in one line as in several", () => {
    const told = /proxy\.istio\.io\/config: '(.+)', or/.exec(neededAnnotations(config())[0]!.problem)![1]!;
    const taken = new RegExp(plainProxyConfig);
    for (const text of [told, JSON.stringify(JSON.parse(told)), withDnsCapture(), withDnsCapture("concurrency: 2")]) {
      assert.match(text, taken);
    }
    for (const text of [
      told.replace("ISTIO_META_DNS_CAPTURE", "ISTIO_META_CLUSTER_ID"),
      told.replace('"true"', '"true", "PROXY_XDS_VIA_AGENT": "false"'),
      told.replace(/\}$/, ', "discoveryAddress": "evil.example:15012"}'),
      `${told}\n${told}`,
    ]) {
      assert.doesNotMatch(text, taken);
    }
  });

  it("grows by as much with each host", () => {
    const sized = (hosts: number) =>
      planStack(
        config({
          destinations: {
            db: { hosts: Array.from({ length: hosts }, (_, index) => `db-${index}.example.com`), ports: ["5432/tcp"] },
          },
          allow: [{ from: "shop/orders", to: "db" }],
        }),
      );
    const [one, two, three] = [100, 200, 300].map((hosts) => JSON.stringify(sized(hosts).destinations).length);
    assert.ok(Math.abs(three! - two! - (two! - one!)) < 1000);
    assert.equal(JSON.stringify(sized(100).gateways), JSON.stringify(sized(300).gateways));
  });

  it("tells a program what it has forgotten", () => {
    const { destinations } = stackArgs(config());
    assert.deepEqual(destinations.find(({ name }) => name === "db")!.gateway.ports, [587, 5432, 8443]);
  });
});

describe("what is said of ports", () => {
  it("is allowed for whatever is spoken there, and only there", () => {
    for (const url of [
      "tcp://db-1.example.com:5432",
      "db-1.example.com:5432",
      "http://db-1.example.com:5432",
      "https://db-2.example.com:8443",
    ]) {
      const explanation = ask("shop/orders", url);
      assert.equal(explanation.allowed, true, url);
      assert.match(
        explanation.because,
        /allows port (5432 \(5432\/tcp\)|8443 \(8443\/https\)), and whatever is spoken there,/,
      );
    }
    for (const [from, url, refusal] of [
      ["shop/orders", "tcp://db-1.example.com:5433", "port"],
      ["shop/orders", "https://db-1.example.com", "protocol"],
      ["shop/cart", "tcp://db-1.example.com:5432", "rule"],
      ["shop/orders", "tcp://db-3.example.com:5432", "host"],
    ] as const) {
      assert.equal(ask(from, url).refusal, refusal, url);
    }
  });

  it("names objects that are all in the plan", () => {
    const keys = new Set(all.map(({ kind, metadata: { namespace, name } }) => `${kind}/${namespace}/${name}`));
    for (const [from, url] of [
      ["shop/orders", "tcp://db-1.example.com:5432"],
      ["payments/ledger", "tcp://smtp.example.com:587"],
      ["payments/ledger", "https://smtp.example.com"],
      ["shop/cart", "tcp://db-1.example.com:5432"],
    ] as const) {
      const by = ask(from, url).way.flatMap((step) => step.by);
      assert.deepEqual(
        by.filter((key) => !keys.has(key)),
        [],
        url,
      );
      assert.ok(by.length > 3);
    }
  });

  it("tells where a server may speak first, and what pods of others need", () => {
    const text = JSON.stringify(ask("payments/ledger", "tcp://smtp.example.com:587").way);
    assert.match(text, /a server may speak first/);
    assert.match(text, /ISTIO_META_DNS_CAPTURE/);
  });

  it("suggests what would open a port, and that does", () => {
    for (const [from, url] of [
      ["shop/orders", "tcp://db-1.example.com:5433"],
      ["shop/cart", "tcp://db-1.example.com:5432"],
      ["shop/cart", "tcp://smtp.example.com:465"],
      ["shop/cart", "tcp://new.example.com:6379"],
      ["shop/cart", "https://www.example.com:8443"],
      ["shop/cart", "http://new.example.com:8080"],
    ] as const) {
      const { add } = ask(from, url).suggestion!;
      const { destinations, allow } = raw() as { destinations: Raw; allow: Raw[] };
      const change = {
        destinations: { ...destinations, ...add.destinations },
        allow: [...allow, ...(add.allow ?? [])],
      };
      assert.equal(ask(from, url, change).allowed, true, url);
    }
  });

  it("is in the matrix: each port of each host, for each workload", () => {
    const urls = verdicts(config())
      .filter(({ port }) => port !== undefined)
      .map(({ from, url, expected }) => `${from} ${url} ${expected}`);
    assert.ok(urls.includes("shop/orders tcp://db-1.example.com:5432 allow"));
    assert.ok(urls.includes("shop/cart tcp://db-1.example.com:5432 deny"));
    assert.ok(urls.includes("shop/orders https://db-2.example.com:8443 allow"));
    assert.equal(urls.length, 3 * (4 + 1 + 1));
  });

  it("is what an access log's line is held to", () => {
    const entry = (identity: string, status: number, host = "db-1.example.com:5432") =>
      parseEntry(
        JSON.stringify({
          ...{
            time: "2026-11-22T10:15:30.123Z",
            identity: `spiffe://cluster.local/ns/shop/sa/${identity}`,
            flags: "-",
          },
          ...{
            upstream: status === 200 ? "203.0.113.30:5432" : null,
            tried: null,
            client: "10.244.0.21:1",
            received: 1,
            sent: 1,
          },
          ...{ milliseconds: 4, protocol: "tcp", host, method: "CONNECT", status },
          reason: status === 200 ? "via_upstream" : "rbac_access_denied_matched_policy[none]",
        }),
      )!;
    const decide = decider(config());
    const at = { gateway: "egress-gateway", namespace: "istio-egress", pod: "p" };
    const allowed = decide(entry("orders", 200), at);
    assert.deepEqual(
      [allowed.allowed, allowed.ok, allowed.rule?.to, allowed.upstream],
      [true, true, "db", "203.0.113.30:5432"],
    );
    const denied = decide(entry("cart", 403), at);
    assert.deepEqual([denied.allowed, denied.ok], [false, true]);
    assert.match(denied.because!, /"db"/);
    assert.equal(decide(entry("orders", 200, "db-1.example.com:6000"), at).ok, false);
  });

  it("is in a review and in the picture", () => {
    const before = config({
      destinations: {
        ...(raw().destinations as Raw),
        db: { hosts: ["db-1.example.com", "db-2.example.com"], ports: ["5432/tcp"] },
      },
    });
    const { grants } = diffStacks(before, config());
    assert.deepEqual(
      grants.map(({ host, before: old, after }) => [host, old?.protocols, after?.protocols]),
      ["db-1.example.com", "db-2.example.com"].map((host) => [host, ["5432/tcp"], ["5432/tcp", "8443/https"]]),
    );
    const edge = graphOf(config()).edges.find(({ to }) => to === "destination:mail")!;
    assert.deepEqual(edge.protocols, ["https", "587/tcp"]);
  });
});
