// Presets, from the table to a stack's configuration and what is said of them.
// Does not prove: that a service needs no other hosts; the pages in the table say that.
import assert from "node:assert/strict";
import { ConfigError, parseConfig, planStack } from "../../../model";
import { checkHost } from "../../../model/config/host";
import { presetSteps } from "../../../model/config/preset";
import { wildcardWarnings } from "../../../model/config/sections/wildcards";
import { diffStacks } from "../../../model/diff";
import { explain, readCall } from "../../../model/explain";
import { newestPresets, presetNamed, Service, services } from "../../../model/ground/presets";
import { checkPort } from "../../../model/ground/ports";

type Raw = Record<string, unknown>;

const raw = (code: Raw, change: Raw = {}): Raw => ({
  namespaces: { shop: {} },
  workloads: { orders: { namespace: "shop", image: "i" }, cart: { namespace: "shop", image: "i" } },
  destinations: { code },
  allow: [{ from: "shop/orders", to: "code", owner: "o", reason: "r" }],
  ...change,
});

const now = new Date();
const config = (code: Raw, change?: Raw, table?: readonly Service[]) =>
  parseConfig(raw(code, change), { now, ...(table === undefined ? {} : { services: table }) });

function problems(code: Raw, change?: Raw) {
  try {
    config(code, change);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return [...error.problems];
  }
}

/** A table with two editions of one service. */
const table: Service[] = [
  {
    name: "forge",
    group: "code hosts",
    what: "a forge",
    editions: [
      {
        read: "2026-06-01",
        sources: ["https://forge.example/hosts"],
        hosts: ["api.forge.example", "forge.example"],
        protocols: ["https"],
      },
      {
        read: "2026-01-01",
        sources: ["https://forge.example/hosts"],
        hosts: ["forge.example", "old.forge.example"],
        protocols: ["https"],
      },
    ],
  },
];

describe("the table of presets", () => {
  const entries = services.flatMap((service) => service.editions.map((edition) => ({ ...service, ...edition })));

  for (const { name, read, hosts, protocols = [], ports = [], sources, editions } of entries) {
    it(`${name} of ${read} is sound`, () => {
      assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
      assert.match(read, /^\d{4}-\d\d-\d\d$/);
      assert.ok(!Number.isNaN(Date.parse(read)));
      assert.ok(sources.length > 0 && sources.every((source) => new URL(source).protocol === "https:"));
      assert.deepEqual([...hosts], [...new Set(hosts)].sort());
      hosts.forEach((host) => assert.deepEqual(checkHost(host), { host }));
      ports.forEach((port) => assert.ok("port" in checkPort(port), port));
      assert.ok(protocols.length + ports.length > 0);
      assert.deepEqual(
        editions.map((edition) => edition.read),
        editions
          .map((edition) => edition.read)
          .sort()
          .reverse(),
      );
    });
  }

  it("has each name, host and domain once, so that any presets may be in one stack", () => {
    const all = newestPresets();
    const once = (texts: string[]) => assert.deepEqual(texts, [...new Set(texts)]);
    once(services.map(({ name }) => name));
    once(all.flatMap(({ hosts }) => [...hosts]));
    once(services.flatMap(({ domains = [] }) => [...domains]));
    const destinations = Object.fromEntries(all.map(({ name }) => [name, { preset: name }]));
    const names = parseConfig({ destinations }, { now }).destinations.map(({ name }) => name);
    assert.deepEqual(names.sort(), all.map(({ name }) => name).sort());
  });
});

describe("a destination with a preset", () => {
  const { preset: github } = presetNamed("github") as Extract<ReturnType<typeof presetNamed>, { preset: unknown }>;

  it("means what its hosts mean, written out", () => {
    const { hosts, protocols } = github;
    const byName = planStack(config({ preset: "github" }));
    assert.deepEqual(byName, planStack(config({ hosts: [...hosts], protocols: [...protocols!] })));
    assert.deepEqual(
      diffStacks(config({ preset: "github" }), config({ hosts: [...hosts], protocols: [...protocols!] })).grants,
      [],
    );
  });

  it("has hosts of its own beside it, and replaces protocols and ports where it says them", () => {
    const [own] = config({ preset: "github", hosts: ["git.corp.example"] }).destinations;
    assert.deepEqual(own!.hosts, [...github.hosts, "git.corp.example"].sort());
    assert.deepEqual(own!.protocols, ["https"]);
    const called = (code: Raw) => {
      const { protocols, ports } = config(code).destinations[0]!;
      return [protocols, ports.map(({ port }) => port)];
    };
    assert.deepEqual(called({ preset: "github", protocols: ["http", "https"] }), [["http", "https"], []]);
    assert.deepEqual(called({ preset: "github", ports: ["22/tcp"] }), [["https"], [22]]);
    assert.deepEqual(called({ preset: "sendgrid-smtp" }), [[], [465, 587, 2525]]);
    assert.deepEqual(called({ preset: "sendgrid-smtp", ports: ["587/tcp"] }), [[], [587]]);
    assert.deepEqual(called({ preset: "anthropic", originate: { methods: ["POST"] } }), [["http"], []]);
  });

  it("is told by explain with all that came with it, granted or not, and a host of its own is not", () => {
    const stack = config({ preset: "github", hosts: ["git.corp.example"] });
    const asked = (from: string, url: string) => {
      const check = readCall(url);
      assert.ok("call" in check);
      return explain(stack, from, check.call);
    };
    const { name, read, hosts, sources } = github;
    assert.deepEqual(asked("shop/orders", "https://api.github.com").preset, { name, read, hosts, sources });
    assert.equal(asked("shop/orders", "https://api.github.com").allowed, true);
    const refused = asked("shop/cart", "https://api.github.com");
    assert.deepEqual([refused.allowed, refused.preset?.name], [false, "github"]);
    assert.equal(asked("shop/orders", "https://git.corp.example").preset, undefined);
  });

  const refusals: [what: string, code: Raw, change: Raw, path: string, problem: RegExp, fix: RegExp][] = [
    ["is no preset", { preset: "gihub" }, {}, "code.preset", /^No preset "gihub"$/, /^did you mean "github"\?$/],
    [
      "is a part of some names",
      { preset: "google" },
      {},
      "code.preset",
      /^No preset/,
      /"google-artifact-registry" or "google-apis"/,
    ],
    ["is near nothing", { preset: "zzzzzzz" }, {}, "code.preset", /^No preset/, /under hosts$/],
    [
      "is of a day without an edition",
      { preset: "github@2020-01-01" },
      {},
      "code.preset",
      /no edition of that day/,
      /^write "github@/,
    ],
    ["is no text", { preset: ["github"] }, {}, "code.preset", /^Not a text, but a list$/, /^/],
    [
      "is beside one of its hosts",
      { preset: "github", hosts: ["github.com"] },
      {},
      "code.hosts[0]",
      /stands at istio-egress:destinations\.code\.preset already/,
      /^remove/,
    ],
    [
      "is beside a destination with one of its hosts",
      { preset: "github" },
      { destinations: { a: { hosts: ["github.com"] }, code: { preset: "github" } } },
      "code.preset",
      /^github\.com is one of its hosts, and stands at istio-egress:destinations\.a\.hosts\[0\] already$/,
      /in the place of the preset/,
    ],
    [
      "has wildcards in a mesh that takes no EnvoyFilter",
      { preset: "google-apis" },
      { mesh: { kind: "existing", envoyFilters: false } },
      "code.preset",
      /^A wildcard, and this mesh takes no EnvoyFilters/,
      /in the place of the preset/,
    ],
    [
      "has ports in a mesh that takes no EnvoyFilter",
      { preset: "gmail-smtp" },
      { mesh: { kind: "existing", envoyFilters: false } },
      "code.preset",
      /this mesh takes none$/,
      /^remove it/,
    ],
  ];
  for (const [what, code, change, place, says, fix] of refusals) {
    it(`is refused where it ${what}`, () => {
      const found = problems(code, change);
      assert.deepEqual(
        found.map(({ path }) => path),
        [`istio-egress:destinations.${place}`],
      );
      assert.match(found[0]!.problem, says);
      assert.match(found[0]!.fix ?? "", fix);
    });
  }

  it("is taken in a mesh that takes no EnvoyFilter where it has neither wildcards nor ports", () => {
    assert.deepEqual(problems({ preset: "github" }, { mesh: { kind: "existing", envoyFilters: false } }), []);
  });

  it("is refused with a host that is denied, and taken without", () => {
    const [problem] = problems({ preset: "github" }, { deny: ["codeload.github.com"] });
    assert.equal(problem!.path, "istio-egress:deny[0]");
    assert.match(problem!.problem, /destinations\.code\.preset is it/);
    assert.deepEqual(problems({ preset: "github" }, { deny: ["gist.github.com"] }), []);
  });

  it("is required to have hosts of its own only without one", () => {
    const [missing] = problems({});
    assert.deepEqual(
      [missing!.path, missing!.problem],
      ["istio-egress:destinations.code.hosts", "Required, but missing"],
    );
    assert.match(problems({ preset: "github", hosts: [] })[0]!.problem, /Needs at least 1/);
  });

  it("needs a reason in rules where it has wildcards, which are warned of at the preset", () => {
    const allow = [{ from: "shop/orders", to: "code", owner: "o" }];
    assert.match(problems({ preset: "google-apis" }, { allow })[0]!.problem, /\*\.googleapis\.com/);
    assert.deepEqual(problems({ preset: "github" }, { allow }), []);
    const [warning] = wildcardWarnings(
      config({}, { destinations: { code: { preset: "google-apis" }, gemini: { preset: "gemini" } } }),
    );
    assert.equal(warning!.path, "istio-egress:destinations.code.preset");
  });
});

describe("editions of a preset", () => {
  const code = (preset: string) => config({ preset }, {}, table);

  it("are the newest where none is named, and that of its day where one is", () => {
    assert.deepEqual(code("forge").destinations[0]!.hosts, ["api.forge.example", "forge.example"]);
    assert.deepEqual(code("forge@2026-01-01").destinations[0]!.hosts, ["forge.example", "old.forge.example"]);
    assert.deepEqual(diffStacks(code("forge"), code("forge@2026-06-01")).grants, []);
  });

  it("are told apart by diff, host by host", () => {
    const { grants } = diffStacks(code("forge@2026-01-01"), code("forge"));
    assert.deepEqual(
      grants.map(({ host, before, after }) => [host, before !== undefined, after !== undefined]),
      [
        ["api.forge.example", false, true],
        ["old.forge.example", true, false],
      ],
    );
  });

  it("are named by check: what is not pinned, and where there is a newer one", () => {
    const said = (preset: string) => presetSteps(code(preset))[1];
    assert.match(said("forge")!, /as of 2026-06-01: another version may change them; preset: forge@2026-06-01 keeps/);
    assert.match(said("forge@2026-06-01")!, /as of 2026-06-01, whatever version expands it/);
    assert.match(said("forge@2026-01-01")!, /as of 2026-01-01, and there is a newer edition, forge@2026-06-01/);
    assert.deepEqual(presetSteps(config({ hosts: ["forge.example"] })), []);
  });
});
