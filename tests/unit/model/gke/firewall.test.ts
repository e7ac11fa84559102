// The firewall of a cluster that the stack makes opens exactly what its rules grant, kind by kind.
// Does not prove: what Google's firewall makes of the rules.
import assert from "node:assert/strict";
import {
  addressDestinations,
  grantedExternalPorts,
  parseConfig,
  planGke,
  privateDestinations,
  servicesBeside,
} from "../../../../model";
import { soundGke } from "./gke-config";

const destinations = {
  web: { hosts: ["api.example.com"], protocols: ["https"] },
  db: { hosts: ["db.example.com"], ports: ["5432/tcp"] },
  wiki: { hosts: ["wiki.corp.example"], ports: ["8443/https"], private: ["10.20.0.0/16"] },
  partner: { addresses: ["198.51.100.0/24", "10.30.0.5"], ports: ["5433/tcp"] },
  proxied: { hosts: ["api.partner.example"], via: { proxy: "proxy.corp.example:3128", private: ["10.40.0.0/24"] } },
  outer: { hosts: ["b.partner.example"], via: { proxy: "proxy.example.com:3129" } },
  billing: { hosts: ["billing.example.com"], originate: {} },
  "api-server": { kind: "kubernetes-api" },
  tokens: { kind: "google-metadata" },
};

/** What the gateways' nodes may call beside the inside, the control plane and Google's APIs, where these are granted. */
function opened(...granted: (keyof typeof destinations)[]): Record<string, [ranges: string, ports: string]> {
  const config = parseConfig(
    {
      cluster: soundGke,
      namespaces: { shop: {} },
      workloads: { cart: { namespace: "shop", image: "i" } },
      destinations,
      allow: granted.map((to) => ({ from: "shop/cart", to, reason: "needed" })),
    },
    { now: new Date("2026-12-01") },
  );
  assert.ok(config.cluster.kind === "gke");
  const { firewall } = planGke(config.cluster, {
    externalPorts: grantedExternalPorts(config),
    servicesBeside: servicesBeside(config),
    privateDestinations: privateDestinations(config),
    addressDestinations: addressDestinations(config),
  });
  const always = ["to-inside", "control-plane", "google-apis"];
  return Object.fromEntries(
    firewall
      .filter(({ direction, allows, key }) => direction === "EGRESS" && allows !== undefined && !always.includes(key))
      .map(({ key, destinationRanges, allows }) => [
        key,
        [destinationRanges!.join(), allows!.flatMap(({ ports }) => ports ?? ["any"]).join()],
      ]),
  );
}

describe("the firewall of a cluster that the stack makes", () => {
  it("opens a name's port to every public address, as nobody knows where the name leads", () => {
    assert.deepEqual(opened("web"), { "gateways-out": ["0.0.0.0/0", "443"] });
    assert.deepEqual(opened("db", "web"), { "gateways-out": ["0.0.0.0/0", "443,5432"] });
    assert.deepEqual(opened("billing"), { "gateways-out": ["0.0.0.0/0", "443"] });
    assert.deepEqual(opened("outer"), { "gateways-out": ["0.0.0.0/0", "3129"] });
  });

  it("opens what is inside, and what is called by its addresses, to these and to nothing else", () => {
    assert.deepEqual(opened("wiki"), { "private-wiki": ["10.20.0.0/16", "8443"] });
    assert.deepEqual(opened("proxied"), { "private-proxied": ["10.40.0.0/24", "3128"] });
    assert.deepEqual(opened("partner"), {
      "addresses-partner": ["198.51.100.0/24", "5433"],
      "private-partner": ["10.30.0.5/32", "5433"],
    });
    assert.deepEqual(opened("wiki", "web"), {
      "gateways-out": ["0.0.0.0/0", "443"],
      "private-wiki": ["10.20.0.0/16", "8443"],
    });
  });

  it("opens nothing for what the cluster has itself, and nothing where nothing is granted", () => {
    assert.deepEqual(opened("api-server", "tokens"), {});
    assert.deepEqual(opened(), {});
  });
});
