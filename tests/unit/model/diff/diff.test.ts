// What tells two configurations apart, case by case.
// Does not prove: that a command finds the two sides; tests/unit/cli/diff.test.ts does.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { diffStacks, groupGrants, isEmptyDiff, StackDiff } from "../../../../model/diff";
import { now, soundConfig } from "../config/sound-config";

const noDifference: StackDiff = { grants: [], callers: [], denied: [], namespaces: [], workloads: [], settings: [] };

/** What changes when these keys of the sound configuration are set otherwise. */
function changing(after: Record<string, unknown>, before: Record<string, unknown> = {}): StackDiff {
  const config = (change: Record<string, unknown>) => parseConfig({ ...soundConfig(), ...change }, { now });
  return diffStacks(config(before), config(after));
}

const appA = "test-app/app-a";
const both = { protocols: ["http", "https"] };
const github = { from: appA, to: "github" };

describe("a diff of two configurations", () => {
  it("is empty for the same one", () => {
    assert.deepEqual(changing({}), noDifference);
    assert.ok(isEmptyDiff(changing({})));
  });

  it("tells which hosts a rule that is new or gone gives and takes", () => {
    const added = changing({ allow: [github, { from: "istio-workload/hammer", to: "httpbin", owner: "team-h" }] });
    assert.deepEqual(added, {
      ...noDifference,
      grants: [{ from: "istio-workload/hammer", host: "httpbin.org", after: { ...both, owner: "team-h" } }],
    });
    assert.ok(!isEmptyDiff(added));
    assert.deepEqual(changing({ allow: [] }).grants, [{ from: appA, host: "github.com", before: both }]);
  });

  it("tells which hosts a destination gains and loses, for those who are allowed it", () => {
    const destinations = {
      github: { hosts: ["api.github.com"] },
      httpbin: { hosts: ["httpbin.org", "eu.httpbin.org"] },
    };
    assert.deepEqual(changing({ destinations }), {
      ...noDifference,
      grants: [
        { from: appA, host: "api.github.com", after: both },
        { from: appA, host: "github.com", before: both },
      ],
    });
  });

  it("tells a workload's own rule from its namespace's, by which it reaches the same", () => {
    const everyone = { from: "test-app/*", to: "github" };
    const own = { from: appA, host: "github.com" };
    const [byAll, one] = changing({ allow: [everyone] }).grants;
    assert.deepEqual(byAll, { from: "test-app/*", host: "github.com", after: both });
    assert.deepEqual(one, { ...own, before: both, byNamespace: "test-app/*" });
    assert.deepEqual(changing({ allow: [github, everyone] }, { allow: [everyone] }).grants, [
      { ...own, after: both, byNamespace: "test-app/*" },
    ]);
    // Another namespace's rule, or one for less, takes nothing from what is lost.
    const destinations = { github: { hosts: ["github.com"] }, httpbin: { hosts: ["httpbin.org"] } };
    assert.deepEqual(changing({ destinations, allow: [{ ...everyone, from: "istio-workload/*" }] }).grants.at(-1), {
      ...own,
      before: both,
    });
    const less = { ...destinations, github: { hosts: ["github.com"], protocols: ["https"] } };
    const [, lost] = changing({ destinations: less, allow: [everyone] }).grants;
    assert.deepEqual(lost, { ...own, before: both });
  });

  it("tells names below a granted wildcard that are denied from now on, or no longer", () => {
    const wild = {
      destinations: { apis: { hosts: ["*.apis.example"], protocols: ["https"] } },
      allow: [{ from: appA, to: "apis", reason: "apis" }],
    };
    const grant = { protocols: ["https"], reason: "apis" };
    const denied = { ...wild, deny: ["storage.apis.example"] };
    const open = { ...wild, deny: [] };
    assert.deepEqual(changing(denied, open).grants, [{ from: appA, host: "storage.apis.example", before: grant }]);
    assert.deepEqual(changing(open, denied).grants, [{ from: appA, host: "storage.apis.example", after: grant }]);
    const elsewhere = { ...wild, deny: ["storage.other.example"] };
    assert.deepEqual(changing(elsewhere, open).grants, []);
  });

  it("tells which protocols are gained and lost", () => {
    const destinations = { github: { hosts: ["github.com"], protocols: ["https"] } };
    const https = { protocols: ["https"] };
    assert.deepEqual(changing({ destinations }).grants, [
      { from: appA, host: "github.com", before: both, after: https },
    ]);
    assert.deepEqual(changing({}, { destinations, deny: ["cnn.com"] }).grants, [
      { from: appA, host: "github.com", before: https, after: both },
    ]);
  });

  it("tells which conditions of a rule change", () => {
    const rule = { ...github, owner: "team-a", reason: "fetches releases", expires: "2027-06-30" };
    assert.deepEqual(changing({ allow: [{ ...rule, expires: "2028-01-31" }] }, { allow: [rule] }).grants, [
      {
        from: appA,
        host: "github.com",
        before: { ...both, owner: "team-a", reason: "fetches releases", expires: "2027-06-30" },
        after: { ...both, owner: "team-a", reason: "fetches releases", expires: "2028-01-31" },
      },
    ]);
  });

  it("takes no notice of how hosts are put together into destinations", () => {
    const apart = {
      destinations: { one: { hosts: ["github.com"] }, two: { hosts: ["api.github.com"] } },
      allow: [
        { from: appA, to: "one", owner: "team-a" },
        { from: appA, to: "two", owner: "team-a" },
      ],
    };
    const together = {
      destinations: { github: { hosts: ["api.github.com", "github.com"] }, unused: { hosts: ["example.com"] } },
      allow: [{ ...github, owner: "team-a" }],
    };
    assert.deepEqual(changing(together, apart), noDifference);
  });

  it("takes no notice of defaults that are written out", () => {
    const spelled = {
      cluster: undefined,
      mesh: { version: "1.31.1", mtls: "STRICT", values: {} },
      gateway: { namespace: "istio-egress", replicas: 2 },
      namespaces: { "test-app": { labels: {} }, "istio-workload": null },
      destinations: {
        github: { hosts: ["GitHub.com"], protocols: ["https", "http"] },
        httpbin: { hosts: ["httpbin.org"] },
      },
    };
    assert.deepEqual(changing(spelled), noDifference);
  });

  it("tells of namespaces, workloads and denied hosts that come and go, and not of their settings too", () => {
    const after = {
      namespaces: { "test-app": {}, shop: { labels: { team: "s" } } },
      workloads: {
        "app-a": { namespace: "test-app", image: "example.com/app:1", port: 8080 },
        cart: { namespace: "shop", image: "example.com/cart:1" },
      },
      deny: ["example.net"],
    };
    assert.deepEqual(changing(after), {
      ...noDifference,
      // Nothing says who may call the pods of either.
      callers: [
        { into: "istio-workload", from: "anybody", before: {} },
        { into: "shop", from: "anybody", after: {} },
      ],
      denied: [
        { name: "cnn.com", change: "removed", host: "cnn.com", below: true, elsewhere: "nothing" },
        { name: "example.net", change: "added", host: "example.net", below: true, elsewhere: "nothing" },
      ],
      namespaces: [
        { name: "istio-workload", change: "removed" },
        { name: "shop", change: "added" },
      ],
      workloads: [
        { name: "istio-workload/hammer", change: "removed" },
        { name: "shop/cart", change: "added" },
      ],
    });
  });

  it("tells a name that is denied by itself from one that is denied with all names below it", () => {
    const entries = (deny: unknown[]) => changing({ deny }).denied.map(({ name, change }) => `${change} ${name}`);
    assert.deepEqual(entries([{ host: "CNN.com" }]), []);
    assert.deepEqual(entries([{ host: "cnn.com", below: false }]), ["removed cnn.com", "added cnn.com only"]);
  });

  it("takes a workload in another namespace for another one, which has what it had there", () => {
    const workloads = {
      ...(soundConfig().workloads as object),
      "app-a": { namespace: "istio-workload", image: "example.com/app:2", port: 8080 },
    };
    const diff = changing({ workloads, allow: [{ from: "istio-workload/app-a", to: "github" }] });
    assert.deepEqual(diff.workloads, [
      { name: "istio-workload/app-a", change: "added" },
      { name: "test-app/app-a", change: "removed" },
    ]);
    assert.deepEqual(
      diff.grants.map(({ from, after }) => [from, after !== undefined]),
      [
        ["istio-workload/app-a", true],
        [appA, false],
      ],
    );
    assert.deepEqual(diff.settings, []);
  });

  it("tells of every other setting by its path", () => {
    const after = {
      cluster: { kind: "existing", context: "prod" },
      mesh: { version: "1.31.2", values: { pilot: { env: { A: "1" } } } },
      gateway: { replicas: 3 },
      namespaces: { "test-app": { labels: { "example.com/team": "a" } }, "istio-workload": {} },
      workloads: {
        hammer: { namespace: "istio-workload", image: "example.com/hammer:2", command: ["sleep", "1d"] },
        "app-a": { namespace: "test-app", image: "example.com/app:1" },
      },
    };
    assert.deepEqual(changing(after), {
      ...noDifference,
      settings: [
        { path: "istio-egress:cluster.context", after: "prod" },
        { path: "istio-egress:gateway.replicas", before: 2, after: 3 },
        { path: "istio-egress:mesh.values.pilot.env.A", after: "1" },
        { path: "istio-egress:mesh.version", before: "1.31.1", after: "1.31.2" },
        { path: 'istio-egress:namespaces.test-app.labels["example.com/team"]', after: "a" },
        { path: "istio-egress:workloads.app-a.port", before: 8080 },
        { path: "istio-egress:workloads.hammer.command", after: ["sleep", "1d"] },
        { path: "istio-egress:workloads.hammer.image", before: "example.com/hammer:1", after: "example.com/hammer:2" },
      ],
    });
  });

  it("tells of gateways of destinations' own by their paths, new and gone ones too", () => {
    const gateways = (change: object) => ({ gateways: { "egress-own": { destinations: ["github"], ...change } } });
    const path = "istio-egress:gateways.egress-own";
    assert.deepEqual(changing(gateways({ replicas: 3 })), {
      ...noDifference,
      settings: [
        { path: `${path}.destinations`, after: ["github"] },
        { path: `${path}.replicas`, after: 3 },
      ],
    });
    assert.deepEqual(changing({}, gateways({})).settings, [{ path: `${path}.destinations`, before: ["github"] }]);
    const both = { destinations: ["httpbin", "github"] };
    assert.deepEqual(changing(gateways(both), gateways({})).settings, [
      { path: `${path}.destinations`, before: ["github"], after: ["github", "httpbin"] },
    ]);
  });

  it("tells of another kind of mesh by what either says", () => {
    assert.deepEqual(
      changing({ mesh: { kind: "existing", revision: "1-31" } }).settings.map(({ path }) => path),
      ["charts", "clientMtls", "envoyFilters", "kind", "revision", "trustDomain", "version"].map(
        (key) => `istio-egress:mesh.${key}`,
      ),
    );
    assert.deepEqual(changing({ mesh: { clientMtls: "forced" } }).settings, [
      { path: "istio-egress:mesh.clientMtls", before: "auto", after: "forced" },
    ]);
  });

  it("takes lists of a cluster's for sets", () => {
    const gke = (zones: string[], tags: string[]) => ({
      cluster: { kind: "gke", project: "acme-prod", name: "prod", location: "europe-west1", zones, nodes: { tags } },
    });
    const [b, c] = ["europe-west1-b", "europe-west1-c"];
    assert.deepEqual(changing(gke([b, c], ["ssh", "web"]), gke([c, b], ["web", "ssh"])), noDifference);
    assert.deepEqual(
      changing(gke([b, c], ["ssh"]), gke([b, c], [])).settings.map(({ path }) => path),
      ["istio-egress:cluster.nodes.tags"],
    );
  });

  it("minds the order of a command's arguments", () => {
    const hammer = (args: string[]) => ({
      workloads: { hammer: { namespace: "istio-workload", image: "i", args } },
      allow: [],
    });
    assert.equal(changing(hammer(["a", "b"]), hammer(["b", "a"])).settings.length, 1);
  });
});

describe("a diff of services beside the mesh", () => {
  const from = "istio-workload/hammer";
  const host = "svc-foo.istio-workload.svc.cluster.local";
  const said = { from, to: "svc-foo", owner: "team-h" };
  const addresses = ["10.10.0.4"];
  const sound = { namespace: "istio-workload", addresses, via: "service" };
  const granted = (change: object = {}, rule: object = said) => ({
    outside: { "svc-foo": { ...sound, ...change } },
    allow: [github, rule],
  });
  const grant = { ...both, addresses, ports: { http: 80, https: 443 }, via: "service", owner: "team-h" };

  it("tells who may reach one, by which way, as it does of external hosts", () => {
    assert.deepEqual(changing(granted(), { allow: [github] }), {
      ...noDifference,
      grants: [{ from, host, after: grant }],
    });
    assert.deepEqual(changing({ allow: [github] }, granted()).grants, [{ from, host, before: grant }]);
  });

  it("takes no notice of one that nobody is granted, nor of defaults that are written out", () => {
    assert.deepEqual(changing({ outside: { "svc-foo": sound } }), noDifference);
    const spelled = { addresses: ["10.10.0.4/32"], ports: { https: 443, http: 80 }, clientMtls: "disabled" };
    assert.deepEqual(changing(granted(spelled), granted()), noDifference);
  });

  it("tells what changes about one: its way, its addresses, its ports, mutual TLS, and what its rule says", () => {
    const changes: [string, ReturnType<typeof granted>, object][] = [
      ["way", granted({ via: "bypass" }), { via: "bypass" }],
      ["addresses", granted({ addresses: ["10.10.0.4", "10.10.0.5"] }), { addresses: ["10.10.0.4", "10.10.0.5"] }],
      ["ports", granted({ ports: { https: 8443 } }), { ports: { https: 8443 }, protocols: ["https"] }],
      ["mutual TLS", granted({ clientMtls: "mesh" }), { clientMtls: "mesh" }],
      ["rule", granted({}, { ...said, owner: "team-b" }), { owner: "team-b" }],
    ];
    for (const [what, after, change] of changes) {
      assert.deepEqual(
        changing(after, granted()),
        { ...noDifference, grants: [{ from, host, before: grant, after: { ...grant, ...change } }] },
        what,
      );
    }
  });
});

describe("changes of grants", () => {
  it("are put together where they differ by nothing but the host", () => {
    const destinations = { github: { hosts: ["a.example.com", "b.example.com", "github.com"] } };
    assert.deepEqual(groupGrants(changing({ destinations, allow: [{ ...github, owner: "team-a" }] }).grants), [
      { from: appA, hosts: ["a.example.com", "b.example.com"], after: { ...both, owner: "team-a" } },
      { from: appA, hosts: ["github.com"], before: both, after: { ...both, owner: "team-a" } },
    ]);
  });
});
