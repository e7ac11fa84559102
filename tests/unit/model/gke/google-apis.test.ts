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

  it("are looked up by the proxy, where there is one", () => {
    const via = { proxy: "proxy.corp.example:3128" };
    assert.deepEqual(warned({ hosts: ["maps.googleapis.com"], via }), []);
    const read = readCall("https://maps.googleapis.com");
    assert.ok("call" in read);
    assert.equal(
      explain(config({ hosts: ["maps.googleapis.com"], via }), "shop/cart", read.call).unreachable,
      undefined,
    );
  });

  it("are in the table once each, below a domain that leads there", () => {
    const names = unservedByRestrictedVip.flatMap((row) => row.names);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.every((name) => googleDomains.some((domain) => name.endsWith(`.${domain}`))));
  });
});

describe("port 25 on a cluster that the stack makes", () => {
  const asked = (destination: object, url: string, cluster?: object) => {
    const read = readCall(url);
    assert.ok("call" in read);
    return explain(config(destination, cluster), "shop/cart", read.call).unreachable;
  };

  it("is warned of and explained, as Google lets no connection to it out, and others are not", () => {
    const mail = { hosts: ["smtp.example.com"], ports: ["25/tcp", "587/tcp"] };
    assert.match(warned(mail)[0]!, /^Rules may allow port 25, and it is not reached: Google Cloud lets/);
    assert.match(asked(mail, "tcp://smtp.example.com:25")!, /port 25/);
    assert.equal(asked(mail, "tcp://smtp.example.com:587"), undefined);
    assert.deepEqual(warned({ ...mail, ports: ["587/tcp"] }), []);
    assert.match(warned({ addresses: ["198.51.100.7"], ports: ["25/tcp"] })[0]!, /port 25/);
  });

  it("is not, where the connection stays inside, a proxy makes it, or the cluster is another", () => {
    const inside = { hosts: ["smtp.corp.example"], ports: ["25/tcp"], private: ["10.20.0.0/16"] };
    assert.deepEqual(warned(inside), []);
    assert.equal(asked(inside, "tcp://smtp.corp.example:25"), undefined);
    assert.deepEqual(warned({ addresses: ["10.20.0.7"], ports: ["25/tcp"] }), []);
    const proxied = { hosts: ["smtp.example.com"], ports: ["25/tcp"], via: { proxy: "proxy.corp.example:3128" } };
    assert.deepEqual(warned(proxied), []);
    const existing = { kind: "existing" };
    assert.deepEqual(warned({ hosts: ["smtp.example.com"], ports: ["25/tcp"] }, existing), []);
  });
});
