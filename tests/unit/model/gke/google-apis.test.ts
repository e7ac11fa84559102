// What Google's restricted address does not serve, as far as it is known, to check and explain.
// Does not prove: what Google serves there on the day; the table has its source and the day on which it was read.
import assert from "node:assert/strict";
import { googleApiWarnings, parseConfig } from "../../../../model";
import { explain, readCall } from "../../../../model/explain";
import { unservedByRestrictedVip, googleDomains } from "../../../../model/ground/gke/restricted-vip";
import { soundGke } from "./gke-config";

const now = new Date();
const config = (destination: object, cluster: object = soundGke) =>
  parseConfig(
    {
      cluster,
      namespaces: { shop: {} },
      workloads: { cart: { namespace: "shop", image: "i" } },
      destinations: { google: destination },
      allow: [{ from: "shop/cart", to: "google", owner: "o", reason: "r" }],
    },
    { now },
  );
const warned = (destination: object, cluster?: object) =>
  googleApiWarnings(config(destination, cluster)).map(({ problem }) => problem);

describe("Google's APIs on a cluster that the stack makes", () => {
  it("are warned of by name where the restricted address does not serve them, and taken where it does", () => {
    assert.match(warned({ hosts: ["maps.googleapis.com"] })[0]!, /an API of Google Maps/);
    assert.match(warned({ hosts: ["gmail.googleapis.com"] })[0]!, /Workspace/);
    assert.deepEqual(warned({ hosts: ["storage.googleapis.com", "api.example.com"] }), []);
    // Elsewhere names lead where they lead.
    assert.deepEqual(warned({ hosts: ["maps.googleapis.com"] }, { kind: "existing" }), []);
  });

  it("are warned of below a wildcard, and on ports that nothing answers there", () => {
    assert.match(warned({ hosts: ["*.googleapis.com"] })[0]!, /Workspace, Maps and Ads/);
    assert.deepEqual(warned({ hosts: ["*.example.com"] }), []);
    assert.match(warned({ hosts: ["pubsub.googleapis.com"], ports: ["8883/tcp"] })[0]!, /no other/);
    assert.deepEqual(warned({ hosts: ["mqtt.example.com"], ports: ["8883/tcp"] }), []);
  });

  it("are explained so", () => {
    const asked = (host: string, cluster?: object) => {
      const read = readCall(`https://${host}`);
      assert.ok("call" in read);
      return explain(config({ hosts: [host] }, cluster), "shop/cart", read.call);
    };
    assert.match(asked("maps.googleapis.com").unreachable!, /does not serve it/);
    assert.equal(asked("storage.googleapis.com").unreachable, undefined);
    assert.equal(asked("maps.googleapis.com", { kind: "existing" }).unreachable, undefined);
  });

  it("are in the table once each, below a domain that leads there", () => {
    const names = unservedByRestrictedVip.flatMap((row) => row.names);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.every((name) => googleDomains.some((domain) => name.endsWith(`.${domain}`))));
  });
});
