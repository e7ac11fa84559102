// What is offered in the place of a host that is written otherwise: applied, it is taken, and opens what was written.
// Does not prove: what the mesh opens.
import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError, ConfigProblem, parseConfig, StackConfig } from "../../../../model";
import { explain, readCall } from "../../../../model/explain";
import { now, soundConfig } from "./sound-config";

type Raw = Record<string, unknown>;
type Read = { config: StackConfig } | { problems: readonly ConfigProblem[] };

function read(change: Raw): Read {
  try {
    return { config: parseConfig({ ...soundConfig(), ...change }, { now }) };
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return { problems: error.problems };
  }
}

const destination = (host: string, protocols: string[], ports: string[] = []) => ({
  destinations: { it: { hosts: [host], protocols, ...(ports.length === 0 ? {} : { ports }) } },
  allow: [{ from: "test-app/app-a", to: "it" }],
});

function problemsOf(read: Read): readonly ConfigProblem[] {
  return "problems" in read ? read.problems : [];
}

interface Offer {
  problem: ConfigProblem;
  host?: string;
  protocols: string[];
  ports: string[];
}

/** The one problem of a host, and the host, the protocols and the port that are offered in its place. */
function offered(read: Read, protocols: string[]): Offer {
  const [problem, ...others] = problemsOf(read);
  assert.ok(problem !== undefined && others.length === 0, JSON.stringify(problemsOf(read)));
  const [, host, added, port] =
    /^write "([^"]*)"(?:, and add (\S+) to the protocols|, and add "(\S+)" to the ports)?$/.exec(problem.fix ?? "") ??
    [];
  assert.ok(host !== undefined || !problem.fix?.includes('"'), `an offer of another form: ${problem.fix}`);
  return {
    problem,
    host,
    protocols: added === undefined ? protocols : [...protocols, added],
    ports: port === undefined ? [] : [port],
  };
}

function isOpen(read: Read, url: string): boolean {
  assert.ok("config" in read, JSON.stringify(problemsOf(read)));
  const check = readCall(url);
  assert.ok("call" in check, url);
  return explain(read.config, "test-app/app-a", check.call).allowed;
}

const protocolOfPort: Record<string, string> = { ":80": "http", ":443": "https" };

const ways = fc.record({
  scheme: fc.constantFrom("", "//", "http://", "https://", "ws://", "wss://", "smtp://", "HTTPS://"),
  user: fc.constantFrom("", "me@", "me:hush@"),
  name: fc.constantFrom("smtp.sendgrid.net", "Example.COM", "bücher.example", "a-b.example.org"),
  dot: fc.constantFrom("", "."),
  port: fc.constantFrom("", ":80", ":443", ":587", ":8443", ":https"),
  path: fc.constantFrom("", "/", "/v1", "?q=1", "#top"),
  protocols: fc.constantFrom<string[]>(["http"], ["https"], ["http", "https"]),
});

describe("the fix that is offered for a host", () => {
  it("is taken and opens what was written; without one, no rule could open that", () => {
    const seen = { fixed: 0, plain: 0 };
    fc.assert(
      fc.property(ways, ({ scheme, user, name, dot, port, path, protocols }) => {
        const written = `${scheme}${user}${name}${dot}${port}${path}`;
        const before = read(destination(written, protocols));
        if ("config" in before) {
          assert.match(written, /^[a-z0-9.-]+$/i);
          return;
        }
        const { problem, host, protocols: spoken, ports } = offered(before, protocols);
        if (host === undefined) {
          seen.plain += 1;
          assert.match(`${problem.problem} ${problem.fix}`, /cannot be opened |under ports the port of smtp/, written);
          return;
        }
        seen.fixed += 1;
        const after = read(destination(host, spoken, ports));
        // What was written, as a client would call it; without a scheme by what the port means, or by what is spoken.
        const meant = ports.length === 0 ? (protocolOfPort[port] ?? spoken[0]!) : "tcp";
        const said = /^(http|https|ws|wss):/i.exec(scheme)?.[1] ?? meant;
        const ascii = new URL(`https://${name}`).hostname;
        assert.ok(isOpen(after, `${said}://${ascii}${port}`), `${written} → ${host}, ${spoken.join()}`);
      }),
      { numRuns: 600 },
    );
    assert.ok(seen.fixed > 50 && seen.plain > 50, JSON.stringify(seen));
  });

  it("of a name with port 587 is that port, in a destination; and the name, where it is to be denied", () => {
    const { host, ports } = offered(read(destination("smtp.sendgrid.net:587", ["https"])), []);
    assert.deepEqual([host, ports], ["smtp.sendgrid.net", ["587/tcp"]]);
    const managed = { mesh: { kind: "existing", envoyFilters: false } };
    const refused = offered(read({ ...destination("smtp.sendgrid.net:587", ["https"]), ...managed }), []);
    assert.equal(refused.host, undefined);
    assert.match(refused.problem.problem, /port 587 cannot be opened$/);
    assert.equal(offered(read({ deny: ["smtp.sendgrid.net:587"] }), []).host, "smtp.sendgrid.net");
    assert.deepEqual(problemsOf(read({ deny: ["smtp.sendgrid.net"] })), []);
    assert.equal(offered(read(destination("github.com:443", ["http"])), ["http"]).protocols.join(), "http,https");
  });

  it("comes with what would be wrong then", () => {
    const both = problemsOf(read({ destinations: { it: { hosts: ["https://github.com", "github.com"] } }, allow: [] }));
    assert.deepEqual(
      both.map(({ path, fix }) => [path, fix]),
      [
        ["istio-egress:destinations.it.hosts[0]", 'write "github.com"'],
        ["istio-egress:destinations.it.hosts[1]", "remove one of the two"],
      ],
    );
  });

  it("in the place of a destination names the one that has the host, or how to add one", () => {
    const to = (written: string) => {
      const [problem] = problemsOf(read({ allow: [{ from: "test-app/app-a", to: written }] }));
      return problem?.fix;
    };
    for (const written of ["github.com", "https://GitHub.com/x", "github.com:443"]) {
      assert.equal(to(written), 'write "github", the destination that the host belongs to');
    }
    for (const written of ["github.com:22", "https://pypi.org"]) {
      assert.match(to(written)!, /^add a destination for it to istio-egress:destinations, and write the name/);
    }
    assert.equal(to("pypi"), "add it to istio-egress:destinations");
    assert.equal(to("github"), undefined);
  });

  it("in the place of a URL is one that can be asked about", () => {
    for (const [written, fix] of [
      ["github.com", 'write "https://github.com"'],
      ["https://github.com.:8443/x", 'write "https://github.com:8443"'],
      ["https://me@github.com:8443", 'write "https://github.com:8443"'],
      ["me:hush@github.com", undefined],
      ["two words", undefined],
    ] as const) {
      const check = readCall(written);
      assert.ok("problem" in check);
      assert.equal(/^write "/.test(check.fix ?? "") ? check.fix : undefined, fix, written);
      assert.ok(fix === undefined || "call" in readCall(fix.slice(7, -1)));
    }
  });
});
