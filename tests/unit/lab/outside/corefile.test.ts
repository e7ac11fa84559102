// Does not prove that CoreDNS reads the file: its templates are played by a few lines below.
import assert from "node:assert/strict";
import fc from "fast-check";
import { outsideCorefile } from "../../../../lab/outside/corefile";
import { outsideHosts } from "../../../../lab/outside/hosts";
import { answersTo } from "../../../../lab/outside/names";

interface Template {
  type: string;
  match: RegExp;
  answer?: string | undefined;
  rcode?: string | undefined;
  fallthrough: boolean;
}

const templates = readTemplates(outsideCorefile());

describe("lab/outside/corefile", () => {
  it("answers a host's name with the host's address", () => {
    assert.deepEqual(resolve("github.com", "A"), { answer: "203.0.113.10" });
    assert.deepEqual(resolve("www.google.com", "A"), { answer: "203.0.113.12" });
    assert.deepEqual(resolve("h17.bulk.example", "A"), { answer: "203.0.113.19" });
    assert.deepEqual(resolve("y.z.wild.example", "A"), { answer: "203.0.113.18" });
  });

  it("answers a host's name with nothing for other types", () => {
    assert.deepEqual(resolve("github.com", "AAAA"), { rcode: "NOERROR" });
    assert.deepEqual(resolve("x.wild.example", "TXT"), { rcode: "NOERROR" });
  });

  it("knows no other name", () => {
    for (const name of [
      "evil.github.com",
      "xgithub.com",
      "githubxcom",
      "wild.example",
      "nobody.test",
      "com",
      "10.10.0.4",
    ]) {
      assert.deepEqual(resolve(name, "A"), { rcode: "NXDOMAIN" }, name);
    }
  });

  it("resolves a name to the one host that answers to it, or to none", () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?$/);
    const ending = fc.constantFrom(
      ...outsideHosts.flatMap(({ names }) => names).map((name) => name.replace(/^\*\./, "")),
      "test",
    );
    const name = fc.tuple(fc.array(label, { maxLength: 3 }), ending).map(([labels, end]) => [...labels, end].join("."));
    fc.assert(
      fc.property(name, (asked) => {
        const hosts = outsideHosts.filter((host) => host.names.length > 0 && answersTo(host, asked));
        const expected = hosts.map(({ address }) => ({ answer: address }))[0] ?? { rcode: "NXDOMAIN" };
        assert.deepEqual(resolve(asked, "A"), expected);
      }),
    );
  });

  it("does not turn to any other resolver", () => {
    assert.doesNotMatch(outsideCorefile(), /forward/);
  });
});

/** What CoreDNS's template plugin does with these templates: the first that matches answers. */
function resolve(name: string, type: string): { answer?: string; rcode?: string } {
  for (const template of templates) {
    if (template.type !== "ANY" && template.type !== type) continue;
    if (!template.match.test(`${name}.`)) {
      assert.ok(template.fallthrough, `${template.match} would end in SERVFAIL for ${name}`);
      continue;
    }
    return template.answer === undefined ? { rcode: template.rcode ?? "" } : { answer: template.answer };
  }
  return assert.fail(`no template answers ${type} ${name}`);
}

function readTemplates(corefile: string): Template[] {
  return [...corefile.matchAll(/template IN (\w+) \{\n([^]*?)\n {4}\}/g)].map(([, type = "", body = ""]) => ({
    type,
    match: new RegExp(/match (\S+)/.exec(body)?.[1] ?? ".*"),
    answer: /answer "\{\{ \.Name \}\} \d+ IN A ([\d.]+)"/.exec(body)?.[1],
    rcode: /rcode (\w+)/.exec(body)?.[1],
    fallthrough: /^\s*fallthrough$/m.test(body),
  }));
}
