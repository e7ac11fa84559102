// Does not prove that anything listens on these addresses: it only looks at the table.
import assert from "node:assert/strict";
import * as net from "node:net";
import { echo, echo6, outsideAddresses, outsideHosts } from "../../../../lab/outside/hosts";
import { network } from "../../../../lab/topology";

describe("lab/outside/hosts", () => {
  it("gives every host an address of its own, in the range for documentation, inside the company or a cloud's own", () => {
    const addresses = outsideAddresses();
    assert.equal(new Set(addresses).size, addresses.length);
    for (const address of addresses) {
      assert.ok(
        net.isIPv6(address)
          ? /^(2001:db8|64:ff9b|fd00:20|fd20:ce|fd00:ec2)::/.test(address)
          : /^(203[.]0[.]113|10[.]10[.]0|10[.][23]0[.]0|172[.]16[.]0|169[.]254[.]169)[.]/.test(address),
        address,
      );
    }
  });

  it("gives every name to one host, in lower case", () => {
    const names = outsideHosts.flatMap((host) => host.names);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/);
  });

  it("has the hosts of both walkthroughs, http and https", () => {
    for (const name of ["github.com", "httpbin.org", "google.com", "cnn.com"]) {
      const host = outsideHosts.find(({ names }) => names.includes(name));
      assert.ok(host?.httpPorts.includes(80) && host.httpsPorts.includes(443), name);
    }
  });

  it("sends callers of a host's own name on to a name and scheme that some host answers without another redirect", () => {
    for (const { names, redirects = {} } of outsideHosts) {
      for (const [name, redirect] of Object.entries(redirects)) {
        assert.ok(names.includes(name), name);
        for (const target of Object.values(redirect)) {
          const { protocol, hostname, origin } = new URL(target);
          assert.equal(target, origin);
          const host = outsideHosts.find((each) => each.names.includes(hostname));
          assert.ok(host !== undefined, `nobody answers to ${hostname}, where ${name} leads`);
          assert.equal(host.redirects?.[hostname]?.[protocol === "https:" ? "https" : "http"], undefined, target);
        }
      }
    }
  });

  it("lists the resolver's and the echo's address beside the hosts'", () => {
    const addresses = outsideAddresses();
    const ofHosts = outsideHosts.flatMap(({ moreAddresses = [] }) => [0, ...moreAddresses]);
    assert.equal(addresses.length, ofHosts.length + 4);
    for (const one of [network.outsideDns, network.outsideDns6, echo.address, echo6.address]) {
      assert.ok(addresses.includes(one), one);
    }
  });
});
