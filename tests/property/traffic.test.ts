// What holds for any stack and any recorded calls: a proposal, once added, grants what it says, and no more.
// Does not prove: that proxies log what they did; tests/lab holds that.
import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { parseConfig, StackConfig, verdicts } from "../../model";
import { withAdditions } from "../../model/config/file/additions";
import { parseStackFile } from "../../model/config/file/stack";
import { explain, readCall } from "../../model/explain";
import { additionsOf, CountedCall, Outcome, Proposal, propose, replay } from "../../model/traffic";
import { Allowlist, rawConfig, wideAllowlists, trustDomainOf } from "./allowlists";

const options = { now: new Date("2026-11-22") };
const deny = ["denied.example", { host: "only.example.com", below: false }];
const strangers = ["api.stripe.com", "a.new.example", "b.new.example", "github.com", "x.co.uk", "wiki.corp", ""];
const refusedByAll = ["denied.example", "x.denied.example", "only.example.com"];

/** An allowlist, and calls of its workloads and of others: to its hosts, to new ones, and to those that deny holds. */
const worlds = wideAllowlists.chain((allowlist) => {
  const hosts = Object.values(allowlist.destinations).flatMap((destination) => destination.hosts);
  const callers = [...Object.entries(allowlist.workloads), ["stranger", allowlist.namespaces[0]!]];
  const identities = callers.map(
    ([name, namespace]) => `spiffe://${trustDomainOf(allowlist)}/ns/${namespace}/sa/${name}`,
  );
  const calls = fc.array(
    fc.record({
      identity: fc.constantFrom(...identities, undefined),
      protocol: fc.constantFrom("http", "https", "tcp"),
      host: fc.constantFrom(...hosts, ...strangers, ...refusedByAll),
      port: fc.constantFrom(undefined, undefined, undefined, 8443, 5432),
      outcome: fc.constantFrom<Outcome[]>("passed", "refused", "would be denied", "unclear"),
      calls: fc.integer({ min: 1, max: 1000 }),
      first: fc.constant(options.now.getTime() - 1000),
      last: fc.constant(options.now.getTime()),
    }),
    { maxLength: 30 },
  );
  return calls.map((counted): { allowlist: Allowlist; counted: CountedCall[] } => ({ allowlist, counted }));
});

function textOf(allowlist: Allowlist): string {
  const raw = { ...rawConfig(allowlist), deny };
  const config = Object.fromEntries(Object.entries(raw).map(([key, value]) => [`istio-egress:${key}`, value]));
  return `# Ours.\n${stringify({ config }, { aliasDuplicateObjects: false })}`;
}

function read(text: string): { config: StackConfig; raw: Record<string, unknown> } {
  const { raw } = parseStackFile(text, "Pulumi.any.yaml");
  return { config: parseConfig(raw, options), raw };
}

function learn({ allowlist, counted }: { allowlist: Allowlist; counted: CountedCall[] }) {
  const text = textOf(allowlist);
  const before = read(text);
  const proposal = propose(before.config, counted);
  const additions = additionsOf(proposal, before.raw);
  return { before: before.config, proposal, after: read(withAdditions(text, "Pulumi.any.yaml", additions)).config };
}

function allows(config: StackConfig, from: string, url: string): boolean {
  const check = readCall(url);
  return "call" in check && explain(config, from, check.call).allowed;
}

/** Every call that the model allows, as texts. */
function allowed(config: StackConfig): string[] {
  return verdicts(config)
    .filter(({ expected }) => expected === "allow")
    .map(({ from, url }) => `${from} ${url}`);
}

describe("any recorded calls of any stack", () => {
  it("are all allowed once their proposal is added, and what deny holds is not", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { proposal, after } = learn(world);
        for (const { from, protocol, host, port } of proposal.learnt) {
          assert.ok(allows(after, from, `${protocol}://${host}:${port}`), `${from} → ${host}:${port}`);
        }
        for (const { name: from, namespace } of after.workloads) {
          refusedByAll.forEach((host) => assert.ok(!allows(after, `${namespace}/${from}`, `https://${host}`)));
        }
        const hosts = proposal.destinations.flatMap((destination) => destination.hosts);
        assert.ok(!hosts.some((host) => refusedByAll.includes(host)));
      }),
      { numRuns: 150 },
    );
  });

  it("lead to nothing that was not called, but for what shares a destination of the stack or a host", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { before, proposal, after } = learn(world);
        const known = new Set(allowed(before));
        const called = new Set(proposal.learnt.map(({ from, host }) => `${from} ${host}`));
        for (const call of allowed(after).filter((each) => !known.has(each))) {
          const [from, url] = call.split(" ") as [string, string];
          const host = url.replace(/^\w+:\/\//, "").replace(/:\d+$/, "");
          const isExplained = called.has(`${from} ${host}`) || isSaid(proposal, from, host);
          assert.ok(isExplained, call);
        }
        assert.deepEqual(
          [...known].filter((call) => !allowed(after).includes(call)),
          [],
        );
      }),
      { numRuns: 150 },
    );
  });

  it("break by nothing that is replayed on the stack with the proposal, but for what is not proposed", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { proposal, after } = learn(world);
        const { broken } = replay(after, world.counted);
        const urls = proposal.learnt.map(
          ({ from, protocol, host, port }) => [`${from} ${protocol}://${host}`, port] as const,
        );
        const learnt = new Set(
          urls.flatMap(([url, port]) => [`${url}:${port}`, ...(port === 80 || port === 443 ? [url] : [])]),
        );
        assert.deepEqual(
          broken.filter(({ from, url }) => learnt.has(`${from} ${url}`)),
          [],
        );
        assert.deepEqual(propose(after, world.counted).learnt, []);
      }),
      { numRuns: 150 },
    );
  });

  it("are replayed as they are explained", () => {
    fc.assert(
      fc.property(worlds, ({ allowlist, counted }) => {
        const { config } = read(textOf(allowlist));
        const passed = counted.map((call): CountedCall => ({ ...call, outcome: "passed" }));
        for (const { from, url } of replay(config, passed).broken) {
          const isWorkload = config.workloads.some(({ name, namespace }) => from === `${namespace}/${name}`);
          assert.ok(!isWorkload || !allows(config, from, url), `${from} ${url}`);
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Whether the proposal says that a caller gains a host without having called it. */
function isSaid({ rules, ways }: Proposal, from: string, host: string): boolean {
  return rules.some((rule) => rule.from === from && rule.also.includes(host)) || ways.length > 0;
}
