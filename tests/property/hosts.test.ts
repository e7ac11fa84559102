// What holds for any text that is offered as a host.
// Does not prove: that a name which is taken exists.
import assert from "node:assert/strict";
import { isIP } from "node:net";
import fc from "fast-check";
import { checkHost } from "../../model/config/host";

const outsideDomains = fc.domain().filter((domain) => !/\.(local|localhost|svc)$/i.test(domain));

describe("any text offered as a host", () => {
  it("is either a name that a URL holds unchanged, or refused with none but a name that is taken", () => {
    const texts = fc.oneof(fc.string(), fc.domain(), fc.ipV4(), fc.ipV6(), fc.webUrl(), fc.webAuthority());
    fc.assert(
      fc.property(texts, (text) => {
        const check = checkHost(text);
        if ("host" in check) {
          assert.equal(new URL(`https://${check.host}/`).hostname, check.host);
          assert.equal(isIP(check.host), 0);
          assert.deepEqual(checkHost(check.host), check);
        } else {
          assert.ok(check.problem.length > 0);
          assert.ok(check.name === undefined || "host" in checkHost(check.name), check.name);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("is taken when it is a domain, in any case of letters", () => {
    fc.assert(
      fc.property(outsideDomains, (domain) => {
        assert.deepEqual(checkHost(domain.toUpperCase()), { host: domain.toLowerCase() });
      }),
    );
  });
});
