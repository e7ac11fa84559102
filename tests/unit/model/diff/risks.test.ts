// What a reviewer is asked to look at.
// Does not prove: that nothing else about a change is risky.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { diffStacks, riskNotes } from "../../../../model/diff";
import { now, soundConfig, soundExemption as exemption } from "../config/sound-config";

const said = { owner: "team-a", reason: "fetches releases" };
const rule = { from: "test-app/app-a", to: "github", ...said };
const safe = { destinations: { github: { hosts: ["github.com"], protocols: ["https"] } }, allow: [rule], deny: [] };

type Change = Record<string, unknown>;

/** Notes on a change of a configuration that has nothing to note. */
function notes(after: Change, before: Change = {}, options?: { isNew: boolean }): string[] {
  const config = (change: Change) => parseConfig({ ...soundConfig(), ...safe, ...change }, { now });
  const diff = diffStacks(config(before), config(after));
  return riskNotes(diff, options).map(({ about, risk }) => `${about}: ${risk}`);
}

const destinations = (hosts: string[], protocols = ["https"]) => ({ destinations: { github: { hosts, protocols } } });
const about = "test-app/app-a → github.com";
const nobody = {
  owner: "nobody says who answers for it (owner)",
  reason: "nobody says what it is for (reason)",
  both: "nobody says who answers for it (owner) or what it is for (reason)",
};
const plainHttp = "plain HTTP: anybody on the way can read it, and answer in the host's place";

const granted = { from: "istio-workload/hammer", to: "svc-foo", ...said };
const beside = "istio-workload/hammer → svc-foo.istio-workload.svc.cluster.local";

/** A service beside the mesh, past the sidecar unless it says otherwise, and its rule. */
function service(change: Change, rule: Change = granted): Change {
  const sound = { namespace: "istio-workload", addresses: ["10.10.0.4"], via: "bypass", ports: { https: 443 } };
  return { outside: { "svc-foo": { ...sound, ...change } }, allow: [...safe.allow, rule] };
}

describe("the notes on a change", () => {
  it("are none where nothing changes, nor where a grant comes with all that is asked for", () => {
    assert.deepEqual(notes({}), []);
    assert.deepEqual(notes({}, { allow: [] }), []);
    assert.deepEqual(notes({ allow: [] }), []);
  });

  it("name what nobody says of a new grant", () => {
    const allow = ({ owner, reason }: Partial<typeof said>) => ({ allow: [{ ...rule, owner, reason }] });
    assert.deepEqual(notes(allow({}), { allow: [] }), [`${about}: ${nobody.both}`]);
    assert.deepEqual(notes(allow({ owner: "team-a" }), { allow: [] }), [`${about}: ${nobody.reason}`]);
    assert.deepEqual(notes(allow({ reason: "r" }), { allow: [] }), [`${about}: ${nobody.owner}`]);
  });

  it("name an owner or a reason that is taken away, not one that was never there", () => {
    const { owner: _, ...unowned } = rule;
    assert.deepEqual(notes({ allow: [unowned] }), [`${about}: ${nobody.owner}`]);
    assert.deepEqual(notes({ allow: [{ ...unowned, reason: "another" }] }, { allow: [unowned] }), []);
  });

  it("name plain HTTP where it is new", () => {
    assert.deepEqual(notes(destinations(["github.com"], ["http", "https"])), [`${about}: ${plainHttp}`]);
    assert.deepEqual(notes(destinations(["github.com"]), destinations(["github.com"], ["http", "https"])), []);
  });

  it("name a last day that is given up, not one that moves", () => {
    const until = (expires: string) => ({ allow: [{ ...rule, expires }] });
    assert.deepEqual(notes({}, until("2027-06-30")), [`${about}: held until 2027-06-30 before, and has no end now`]);
    assert.deepEqual(notes(until("2028-06-30"), until("2027-06-30")), []);
  });

  it("name a workload that gains many hosts at once, and a few of them", () => {
    const hosts = (count: number) => [
      "github.com",
      ...Array.from({ length: count }, (_, index) => `h${index}.example.com`),
    ];
    assert.deepEqual(notes(destinations(hosts(9))), []);
    assert.deepEqual(notes(destinations(hosts(10))), [
      "test-app/app-a: may reach 10 more hosts at once: are all of them needed",
    ]);
    const { reason: _, ...unreasoned } = rule;
    assert.deepEqual(notes({ ...destinations(hosts(4)), allow: [unreasoned] }, { allow: [] }), [
      `test-app/app-a → github.com, h0.example.com, h1.example.com and 2 more: ${nobody.reason}`,
    ]);
  });

  it("name a host that is denied no more, and who is allowed it at once", () => {
    assert.deepEqual(notes({}, { deny: ["cnn.com"] }), [
      "cnn.com: was denied to everybody; from now on a rule may allow it",
    ]);
    assert.deepEqual(notes(destinations(["github.com", "cnn.com"]), { deny: ["cnn.com"] }), [
      "cnn.com: was denied to everybody; the same change allows it to test-app/app-a",
    ]);
    assert.deepEqual(notes({ deny: ["cnn.com"] }), []);
  });

  it("name what is denied no more of a host and the names below it, and nothing that another entry still denies", () => {
    const only = [{ host: "cnn.com", below: false }];
    assert.deepEqual(notes({ deny: only }, { deny: ["cnn.com"] }), [
      "cnn.com: names below it were denied to everybody; from now on a rule may allow them",
    ]);
    assert.deepEqual(notes({ ...destinations(["github.com", "www.cnn.com"]), deny: only }, { deny: ["cnn.com"] }), [
      "cnn.com: names below it were denied to everybody; the same change allows them to test-app/app-a",
    ]);
    assert.deepEqual(notes(destinations(["github.com", "www.cnn.com"]), { deny: ["cnn.com"] }), [
      "cnn.com: was denied to everybody; the same change allows it to test-app/app-a",
    ]);
    assert.deepEqual(notes({ deny: ["cnn.com"] }, { deny: [...only] }), []);
    assert.deepEqual(notes({ deny: ["cnn.com"] }, { deny: ["cnn.com", "www.cnn.com"] }), []);
  });

  it("name settings that mean more than they show", () => {
    const watched: [Change, string][] = [
      [{ cluster: { kind: "existing", context: "other" } }, "istio-egress:cluster.context"],
      [{ mesh: { version: "1.30.9" } }, "istio-egress:mesh.version"],
      [{ mesh: { charts: "https://charts.example.com" } }, "istio-egress:mesh.charts"],
      [{ mesh: { values: { a: { b: 1 } } } }, "istio-egress:mesh.values.a.b"],
      [{ gateway: { namespace: "way-out" } }, "istio-egress:gateway.namespace"],
    ];
    for (const [change, path] of watched) {
      assert.deepEqual(
        notes(change).map((note) => note.startsWith(`${path}: `)),
        [true],
        path,
      );
    }
    assert.deepEqual(
      notes({ cluster: { kind: "existing", context: "other", kubeconfig: "k" } }).map((note) => note.split(": ")[0]),
      ["istio-egress:cluster.context, istio-egress:cluster.kubeconfig"],
    );
    const existing = (more: object) => ({ mesh: { kind: "existing", ...more } });
    assert.deepEqual(notes(existing({ envoyFilters: false }), existing({})), [
      "istio-egress:mesh.envoyFilters: every host is led to its gateway anew: hosts are out of reach meanwhile",
    ]);
    assert.deepEqual(notes({ mesh: { version: "1.31.10" }, gateway: { replicas: 3 } }), []);
    const drain = (time?: string) => ({ gateway: time === undefined ? {} : { drain: time } });
    assert.deepEqual(notes(drain("10m"), drain()), [
      "istio-egress:gateway.drain: connections over https and on other ports go on for so long when their rule has gone",
    ]);
    assert.deepEqual(
      [notes(drain("10s"), drain()), notes(drain(), drain("10m")), notes(drain("45s"), drain())],
      [[], [], []],
    );
  });

  it("name what opens a cluster's hardening, of a new stack too, and not what closes it", () => {
    const gke = (relax: object) => ({
      cluster: { kind: "gke", project: "acme-prod", name: "prod", location: "europe-west1", relax },
    });
    const open = gke({ noSecureBoot: "drivers without a signature" });
    const note =
      "istio-egress:cluster.relax.noSecureBoot: CIS GKE Benchmark 1.8.0, item 5.5.7, would no longer hold: " +
      "nodes boot code that nobody has signed";
    assert.deepEqual(notes(open, gke({})), [note]);
    assert.deepEqual(notes(open, {}, { isNew: true }), [note]);
    assert.deepEqual(notes(gke({}), open), []);
    assert.deepEqual(notes(gke({ noSecureBoot: "another reason" }), open), []);
  });

  it("name what a change of the cluster means beyond itself", () => {
    const gke = (more: object) => ({
      cluster: { kind: "gke", project: "acme-prod", name: "prod", location: "europe-west1", ...more },
    });
    const paths = (more: object) => notes(gke(more), gke({})).map((note) => note.split(": ")[0]);
    assert.deepEqual(paths({ deletionProtection: false }), ["istio-egress:cluster.deletionProtection"]);
    assert.deepEqual(paths({ network: { natAddresses: 4 } }), ["istio-egress:cluster.network.natAddresses"]);
    assert.deepEqual(paths({ authorizedNetworks: { office: "10.1.0.0/24" } }), [
      "istio-egress:cluster.authorizedNetworks.office",
    ]);
    assert.deepEqual(notes(gke({}), gke({ deletionProtection: false })), []);
  });

  it("name a way past the gateways, and one past the sidecar, where it is new", () => {
    const [past, around] = [
      `${beside}: past its sidecar: no identity is asked for, and no log tells of it`,
      `${beside}: past the gateways: private addresses, told apart by pods' labels and not by identity`,
    ];
    assert.deepEqual(notes(service({ via: "bypass" })), [past]);
    assert.deepEqual(notes(service({ via: "service" })), [around]);
    assert.deepEqual(notes(service({ via: "bypass" }), service({ via: "service" })), [past]);
    assert.deepEqual(notes(service({ via: "service" }), service({ via: "bypass" })), [around]);
    assert.deepEqual(notes(service({}, { ...granted, owner: "team-b" }), service({})), []);
    assert.deepEqual(notes({}, service({ via: "bypass" })), []);
  });

  it("name addresses that a service beside the mesh gains, not those that it loses", () => {
    const addresses = (...list: string[]) => service({ via: "bypass", addresses: list });
    const [one, two] = [addresses("10.10.0.4"), addresses("10.10.0.4", "10.10.1.0/28")];
    const more = `${beside}: more private addresses than before`;
    assert.deepEqual(notes(two, one), [more]);
    assert.deepEqual(notes(one, two), []);
    assert.deepEqual(notes(addresses("10.10.0.5"), one), [more]);
  });

  it("name plain HTTP and what nobody says of a service beside the mesh as of any host", () => {
    const http = service({ ports: { http: 80, https: 443 } });
    assert.deepEqual(notes(http, service({})), [`${beside}: ${plainHttp}`]);
    const { owner: _, ...unowned } = granted;
    assert.deepEqual(notes(service({}, unowned), service({})), [`${beside}: ${nobody.owner}`]);
  });

  it("name another mesh, and how its sidecars call Services", () => {
    const existing = (more: object = {}) => ({ mesh: { kind: "existing", ...more } });
    const other = "all workloads would join another mesh";
    const prefix = "istio-egress:mesh.";
    assert.deepEqual(notes(existing()), [`${prefix}kind, ${prefix}trustDomain: ${other}`]);
    assert.deepEqual(notes({}, existing()), [`${prefix}kind, ${prefix}trustDomain: ${other}`]);
    assert.deepEqual(notes(existing({ revision: "1-31" }), existing()), [`${prefix}revision: ${other}`]);
    assert.deepEqual(notes(existing({ trustDomain: "b" }), existing()), [`${prefix}trustDomain: ${other}`]);
    const [forced, auto] = ["forced", "auto"].map((clientMtls) => ({ mesh: { clientMtls } }));
    assert.deepEqual(notes(forced!), [
      `${prefix}clientMtls: sidecars speak mutual TLS with Services that have no sidecar, too: calls to them fail`,
    ]);
    assert.deepEqual(notes(auto!, forced), []);
  });

  it("name hosts that move from one gateway to another", () => {
    const gateways = (names: object) => ({ gateways: names });
    const own = gateways({ own: { destinations: ["github"] } });
    const note = (...paths: string[]) =>
      `${paths.map((path) => `istio-egress:gateways.${path}.destinations`).join(", ")}: ` +
      "hosts move between gateways: they are out of reach until the new gateway's pods are ready";
    assert.deepEqual(notes(own), [note("own")]);
    assert.deepEqual(notes({}, own), [note("own")]);
    assert.deepEqual(notes(gateways({ other: { destinations: ["github"] } }), own), [note("other", "own")]);
    assert.deepEqual(notes(gateways({ own: { destinations: ["github"], replicas: 3 } }), own), []);
  });

  it("name what admission refuses no more, and whom, and what it refuses from now on", () => {
    const admission = (change: object) => ({ admission: { mode: "deny", ...change } });
    const kept = { ...exemption, serviceAccount: "other" };
    const cases: [string, object, object, RegExp][] = [
      ["mode", {}, { mode: "warn" }, /refused nothing any more/],
      ["mode", { mode: "warn" }, { mode: "off" }, /refused nothing any more/],
      ["mode", { mode: "warn" }, {}, /egress doctor lists it/],
      ["platform.users", {}, { platform: { users: ["deployer"] } }, /whoever is the platform is refused nothing/],
      ['owners["test-app/app-a"]', {}, { owners: { "test-app/app-a": { users: ["argocd"] } } }, /owners make pods/],
      ["exemptions", { exemptions: [kept] }, { exemptions: [kept, exemption] }, /held to one rule less/],
      ["registries", { registries: ["example.com", "registry.example.com"] }, {}, /a name can carry data out/],
      ["exec", { exec: "platform" }, {}, /has all that is granted to it/],
      ["audiences", {}, { audiences: ["vault"] }, /whoever trusts this audience/],
    ];
    for (const [path, before, after, says] of cases) {
      const found = notes(admission(after), admission(before));
      assert.equal(found.length, 1, `${path}: ${found.join("; ")}`);
      assert.ok(found[0]!.startsWith(`istio-egress:admission.${path}`), found[0]);
      assert.match(found[0]!, says);
    }
    assert.deepEqual(notes(admission({ exec: "platform" }), admission({})), []);
    assert.deepEqual(notes(admission({}), admission({ exemptions: [exemption] })), []);
  });

  it("name a whole namespace that gains a host, where a workload had it and lost nothing by that", () => {
    const everyone = { ...rule, from: "test-app/*" };
    const whole =
      "every ServiceAccount of the namespace, those that no workload has too: whoever may make pods there reaches it";
    assert.deepEqual(notes({ allow: [everyone] }), [`test-app/* → github.com: ${whole}`]);
    assert.deepEqual(notes({ allow: [everyone, rule] }), [`test-app/* → github.com: ${whole}`]);
    assert.deepEqual(notes({}, { allow: [everyone] }), []);
    // In report mode a rule that is gone takes nothing where the namespace has one.
    const reporting = { allow: [{ ...rule, mode: "report" }, everyone] };
    assert.deepEqual(notes({ allow: [everyone] }, reporting), []);
  });

  it("name a workload that becomes other pods, or somebody else's, and not one that stays what it is", () => {
    const till = (existing: Change) => ({
      workloads: { ...(soundConfig().workloads as Change), till: { namespace: "test-app", existing } },
    });
    const sound = { serviceAccount: "till-sa", selector: { app: "till", tier: "a" } };
    const others = /other pods, or another identity, have what is granted to the workload/;
    const only = (change: Change) => {
      const [note, ...rest] = notes(till(change), till(sound));
      assert.deepEqual(rest, []);
      return note;
    };
    assert.match(only({ ...sound, serviceAccount: "other-sa" })!, others);
    assert.match(only({ ...sound, selector: { app: "other", tier: "a" } })!, others);
    assert.match(only({ ...sound, selector: { app: "till" } })!, others);
    assert.equal(only(sound), undefined);
    const made = {
      workloads: { ...(soundConfig().workloads as Change), till: { namespace: "test-app", image: "till:1" } },
    };
    assert.match(
      notes(till(sound), made).join(),
      /the stack has made its Deployment and ServiceAccount, and deletes them/,
    );
    assert.match(notes(made, till(sound)).join(), /makes a Deployment and a ServiceAccount for it/);
  });

  it("name a longer break-glass, and ranges that are the cluster's no more, and not the ways back", () => {
    const longest = (hours: string) => ({ breakGlass: { longest: hours } });
    assert.deepEqual(notes(longest("24h"), longest("8h")), [
      "istio-egress:breakGlass.longest: access that egress grant gives may last longer, without a review of the stack's file",
    ]);
    assert.deepEqual(notes(longest("8h"), longest("24h")), []);
    const ranges = (...list: string[]) => ({ cluster: { kind: "existing", ranges: list } });
    assert.deepEqual(notes(ranges("10.0.0.0/16"), ranges("10.0.0.0/16", "10.1.0.0/16")), [
      "istio-egress:cluster.ranges: destinations inside may name addresses of ranges that are not the cluster's any more",
    ]);
    assert.deepEqual(notes(ranges("10.0.0.0/16", "10.1.0.0/16"), ranges("10.0.0.0/16")), []);
  });

  it("take the settings of a new stack for what they are", () => {
    const change = { cluster: { kind: "existing", context: "new" }, gateway: { namespace: "way-out" } };
    assert.deepEqual(notes(change, { deny: ["cnn.com"] }, { isNew: true }), []);
  });

  it("warn of a namespace that the stack would delete or make anew, and of walls that go up or down too early", () => {
    const namespaces = { "test-app": {}, "istio-workload": {} };
    const payments = (settings: Change) => ({ namespaces: { ...namespaces, payments: settings } });
    const change = (before: Change, after: Change) => notes(payments(after), payments(before)).map(firstWords);
    const firstWords = (note: string) => note.replace(/^istio-egress:namespaces\.payments\.(\w+: .*?)[:,;].*$/, "$1");
    const existing = { existing: true };
    assert.deepEqual(change({}, existing), ["existing: the stack has made the namespace"]);
    assert.deepEqual(change(existing, {}), ["existing: the stack would make a namespace that is there already"]);
    assert.deepEqual(change({ ...existing, guard: "inject" }, existing), [
      "guard: pods that still run without a sidecar lose every way out",
    ]);
    assert.deepEqual(change(existing, { ...existing, guard: "leave" }), ["guard: its NetworkPolicies go"]);
    assert.deepEqual(change({ ...existing, guard: "leave" }, { ...existing, guard: "inject" }), []);
    assert.match(
      notes(payments({ peers: ["legacy"] }), payments({}))[0] ?? "",
      /peers: nobody guards the pods of its peers/,
    );
    assert.deepEqual(notes(payments({}), payments({ peers: ["legacy"] })), []);
  });
});
