// What holds for the TLS table of any allowlist: whose names are in it, and that one caller stands for all.
// Does not prove: that the mesh does what the plan says; the lab's tests do.
import assert from "node:assert/strict";
import fc from "fast-check";
import { forwardingOf, meshTraits, parseConfig, planStack, StackConfig, verdicts } from "../../model";
import { TlsRow, tlsRows } from "../../model/tls";
import { ruleInForce } from "../../model/tls/client";
import { ofKind } from "../../model/tls/objects";
import { manifestsOf, rawConfig, wideAllowlists } from "./allowlists";

const configs = fc
  .tuple(wideAllowlists, fc.constantFrom("auto", "forced"))
  .map(([allowlist, clientMtls]) =>
    parseConfig(
      { ...rawConfig(allowlist), ...((allowlist.mesh ?? "istio") === "istio" ? { mesh: { clientMtls } } : {}) },
      { now: new Date("2026-11-22") },
    ),
  );

/** The namespace in which its callers know a host: their own, for an external host of a gateway that lists its hosts. */
function homeOf({ mesh }: StackConfig, { way, callers }: Pick<TlsRow, "way" | "callers">): string {
  return way === "gateway" && forwardingOf(meshTraits(mesh)).hostsKnownIn === "caller"
    ? callers[0]!.split("/")[0]!
    : "istio-egress";
}

const portOf = { "http:": 80, "https:": 443 } as const;

describe("the TLS table of any allowlist", () => {
  it("has exactly the calls that the allowlist grants, each name and port once, to gateways in mutual TLS", () => {
    fc.assert(
      fc.property(configs, (config) => {
        const rows = tlsRows(config);
        const granted = verdicts(config).flatMap(({ from, expected, url }) => {
          const { hostname, port, protocol } = new URL(url);
          return expected === "allow" ? [`${from} ${hostname}:${port || portOf[protocol as "http:"]}`] : [];
        });
        const inTable = rows.flatMap(({ host, port, callers }) => callers.map((from) => `${from} ${host}:${port}`));
        assert.deepEqual(inTable.sort(), granted.sort());
        assert.equal(new Set(rows.map((row) => `${row.host}:${row.port} ${homeOf(config, row)}`)).size, rows.length);
        assert.ok(rows.every(({ way, client }) => way !== "gateway" || client === "mTLS"));
        assert.ok(rows.every(({ callers }) => callers.length > 0));
      }),
    );
  });

  it("says of one caller what holds for all of them", () => {
    fc.assert(
      fc.property(configs, (config) => {
        const rules = ofKind(manifestsOf(planStack(config)), "DestinationRule");
        for (const row of tlsRows(config)) {
          const { host, callers, way, destinationRule } = row;
          const inForce = callers.map((caller) => {
            const rule = ruleInForce(rules, { host, registeredIn: homeOf(config, row) }, caller.split("/")[0]!);
            return rule === undefined ? null : `${rule.metadata.name}/${rule.metadata.namespace}`;
          });
          if (way !== "bypass") {
            assert.deepEqual([...new Set(inForce)], [destinationRule]);
          }
        }
      }),
    );
  });
});
