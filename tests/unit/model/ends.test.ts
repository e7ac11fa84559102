// How a rule's end comes by itself: whose access ends, what the gateway is told, and what every reader says of it.
// Does not prove: that Envoy takes the filter and keeps the time; the lab's ends test waits for a rule's end.
import assert from "node:assert/strict";
import { ArgumentError, parseConfig, planGateway, planStack, StackConfig } from "../../../model";
import { decider, parseEntry } from "../../../model/access-log";
import { explain, readCall } from "../../../model/explain";
import { endingsOf, grantsOf, lateEnds } from "../../../model/grants";
import { endedAccess } from "../../../model/plan/gateway-ends";
import { httpEntry, httpsEntry, refusedHttp, refusedHttps } from "./access-log/entries";
import { now, soundConfig } from "./config/sound-config";

const sound = soundConfig();
const appA = "test-app/app-a";
const appB = "test-app/app-b";
const everyone = "test-app/*";

function configOf(allow: Record<string, unknown>[], changes: Record<string, unknown> = {}): StackConfig {
  const image = "example.com/app:1";
  const workloads = { ...(sound.workloads as object), "app-b": { namespace: "test-app", image } };
  return parseConfig({ ...sound, workloads, allow, ...changes }, { now });
}

const rule = (from: string, expires?: string, to = "github") => ({
  ...{ from, to, reason: "a test" },
  ...(expires && { expires }),
});

const endings = (config: StackConfig, destination = "github") =>
  endingsOf(grantsOf(config), destination).map(({ client, but, until }) => [
    client.key,
    until,
    ...but.map(({ key }) => key),
  ]);

function ask(config: StackConfig, from: string, url = "https://github.com") {
  const check = readCall(url);
  assert.ok("call" in check);
  return explain(config, from, check.call);
}

interface Filter {
  name: string;
  typed_config: {
    rules: {
      action: string;
      policies: Record<string, { condition: object; principals: object[]; permissions: object[] }>;
    };
  };
}

interface Patch {
  match: { listener?: { portNumber: number } };
  patch: { value: Filter };
}

/** The filters that ask for the time, by their ports. */
function filters(config: StackConfig, gateway = "egress-gateway"): Map<number, Filter> {
  const { manifests } = planStack(config).gateways.find(({ name }) => name === gateway)!;
  const spec = manifests.find(({ kind }) => kind === "EnvoyFilter")?.spec as { configPatches: Patch[] } | undefined;
  const found = (spec?.configPatches ?? []).filter(({ patch }) => patch.value.name === "egress.ends");
  return new Map(found.map(({ match, patch }) => [match.listener!.portNumber, patch.value]));
}

const day = "2027-06-30";
const after = "2027-07-01T00:00:00Z";

describe("access that ends", () => {
  it("is that of rules with a last day, from midnight in UTC after it, or from the moment that they say", () => {
    const config = configOf([rule(appA, day), rule(appB, "2027-06-30T14:00:00Z"), rule("istio-workload/hammer")]);
    assert.deepEqual(endings(config), [
      [appA, after],
      [appB, "2027-06-30T14:00:00Z"],
    ]);
  });

  it("ends with the last of the rules that grant it", () => {
    assert.deepEqual(endings(configOf([rule(appA, day), rule(everyone)])), []);
    assert.deepEqual(endings(configOf([rule(appA, "2027-06-01"), rule(everyone, day)])), [[everyone, after]]);
    assert.deepEqual(endings(configOf([rule(appA, "2027-12-31"), rule(everyone, day)])), [
      [everyone, after, appA],
      [appA, "2028-01-01T00:00:00Z"],
    ]);
    assert.deepEqual(endings(configOf([rule(appA), rule(everyone, day)])), [[everyone, after, appA]]);
  });

  it("is refused to nobody who is observed", () => {
    const observed = { workloads: { ...(sound.workloads as Record<string, object>) } };
    observed.workloads["app-a"] = { ...observed.workloads["app-a"], mode: "observe" };
    const config = parseConfig({ ...sound, ...observed, allow: [rule(appA, day)] }, { now });
    assert.deepEqual(endings(config), []);
    const [late] = lateEnds(config);
    assert.match(late!.problem, /goes on until the first update of the stack after 2027-07-01T00:00:00Z.*observed/);
    assert.deepEqual(endings(parseConfig({ ...sound, ...observed, allow: [rule(everyone, day)] }, { now })), [
      [everyone, after],
    ]);
  });
});

describe("a gateway", () => {
  const ported = {
    destinations: { github: { hosts: ["github.com"] }, db: { hosts: ["db.example"], ports: ["5432/tcp"] } },
  };

  it("asks for the time on each of its ways, where something ends", () => {
    assert.deepEqual([...filters(configOf([rule(appA), rule(appB)])).keys()], []);
    assert.deepEqual([...filters(configOf([rule(appA, day)])).keys()].sort(), [8080, 8443]);
    const allow = [rule(appA, day), rule(appA, undefined, "db")];
    assert.deepEqual([...filters(configOf(allow, ported)).keys()].sort(), [8080, 8443, 8445]);
    const originated = { destinations: { github: { hosts: ["github.com"], originate: {} } } };
    assert.deepEqual([...filters(configOf([rule(appA, day)], originated)).keys()].sort(), [8080, 8081, 8443]);
  });

  it("is told once of what ends together", () => {
    const rules = [rule(appA, day), rule(appB, day), rule("istio-workload/hammer", "2027-12-31")];
    for (const [port, filter] of filters(configOf(rules))) {
      const { action, policies } = filter.typed_config.rules;
      assert.equal(action, "DENY", `${port}`);
      assert.deepEqual(Object.keys(policies), [`ended:github:${after}`, "ended:github:2028-01-01T00:00:00Z"]);
      assert.match(
        JSON.stringify(policies[`ended:github:${after}`]!.condition),
        /"_>=_".*"request".*"time".*2027-07-01T/,
      );
    }
  });

  it("refuses no narrower than it lets pass: names in any case and with any port, identities of any trust domain", () => {
    const all = filters(configOf([rule(appA, day)]));
    const [http] = Object.values(all.get(8080)!.typed_config.rules.policies);
    assert.match(JSON.stringify(http!.permissions), /"exact":"github.com","ignore_case":true.*"prefix":"github.com:"/);
    assert.match(JSON.stringify(http!.principals), /spiffe:\/\/\[\^\/\]\+\/ns\/test-app\/sa\/app-a/);
    const [https] = Object.values(all.get(8443)!.typed_config.rules.policies);
    assert.deepEqual(https!.permissions, [{ requested_server_name: { exact: "github.com", ignore_case: true } }]);
  });

  it("leaves names below a wildcard to those that list them, and accounts whose own rule lasts longer", () => {
    const destinations = { bulk: { hosts: ["*.bulk.example"] }, exact: { hosts: ["exact.bulk.example"] } };
    const rules = [rule(everyone, day, "bulk"), rule(appA, undefined, "bulk"), rule(appB, undefined, "exact")];
    const all = filters(configOf(rules, { destinations }));
    const [http] = Object.values(all.get(8080)!.typed_config.rules.policies);
    const names = JSON.stringify(http!.permissions);
    assert.match(names, /and_rules.*\(\?i\)\.\*\[\.\]bulk\[\.\]example.*not_rule.*exact\.bulk\.example/);
    assert.match(JSON.stringify(http!.principals), /and_ids.*sa\/\[\^\/\]\+.*not_id.*sa\/app-a/);
    const [https] = Object.values(all.get(8443)!.typed_config.rules.policies);
    assert.deepEqual(https!.permissions, [{ requested_server_name: { exact: ".bulk.example", ignore_case: true } }]);
  });

  it("that lists its hosts asks for no time, and cannot be told to", () => {
    const mesh = { kind: "existing", envoyFilters: false };
    const config = configOf([rule(appA, day)], { mesh });
    assert.equal(filters(config).size, 0);
    const [late, ...more] = lateEnds(config);
    assert.equal(late!.path, "istio-egress:allow[0].expires");
    assert.match(late!.problem, /this mesh takes no EnvoyFilter/);
    assert.deepEqual(more, []);
    const clients = [{ namespace: "shop", serviceAccount: "cart" }];
    const args = { name: "egress-gateway", namespace: "istio-egress", replicas: 2 };
    const ends = [{ destination: "github", hosts: ["github.com"], clients, until: after }];
    assert.throws(
      () => planGateway({ ...args, mesh: { envoyFilters: false }, ends }),
      (error) => error instanceof ArgumentError && error.problems[0]!.argument === "ends",
    );
    assert.doesNotThrow(() => planGateway({ ...args, ends }));
  });

  it("takes no moment that is none, no client that could be anybody, and no missing host", () => {
    const ends = [{ destination: "github", hosts: [], clients: [{ namespace: "shop" } as never], until: "2027-07-01" }];
    assert.throws(
      () => planGateway({ name: "egress-gateway", namespace: "istio-egress", replicas: 2, ends }),
      (error) => {
        assert.ok(error instanceof ArgumentError);
        assert.deepEqual(
          error.problems.map(({ argument }) => argument),
          ["ends[0].hosts", "ends[0].clients[0].serviceAccount", "ends[0].until"],
        );
        return true;
      },
    );
  });
});

describe("what is said of a rule's end", () => {
  it("names the moment, and that the gateway sees to it", () => {
    const config = configOf([rule(appA, day)]);
    assert.match(ask(config, appA).ends!, /^from 2027-07-01T00:00:00Z on the gateway refuses it by itself/);
    assert.deepEqual(lateEnds(config), []);
    assert.equal(ask(configOf([rule(appA)]), appA).ends, undefined);
    assert.equal(ask(configOf([rule(appA, day), rule(everyone)]), appA).ends, undefined);
    assert.match(ask(configOf([rule(appA, day), rule(everyone, "2028-01-01")]), appA).ends!, /^from 2028-01-02T/);
  });

  it("says of a service beside the mesh that it takes an update", () => {
    const outside = {
      ledger: { namespace: "test-app", addresses: ["10.20.0.5"], ports: { https: 443 }, via: "service" },
    };
    const config = configOf([rule(appA, day, "ledger")], { outside });
    assert.match(lateEnds(config)[0]!.problem, /no gateway is on this way/);
    const { ends } = ask(config, appA, "https://ledger.test-app.svc.cluster.local");
    assert.match(ends!, /goes on until the first update of the stack after 2027-07-01T00:00:00Z/);
  });

  it("is no fault of a call that began before it", () => {
    const place = { gateway: "egress-gateway", namespace: "istio-egress", pod: "egress-gateway-1" };
    const decide = (expires: string) =>
      decider(configOf([rule(appA, expires)]))(parseEntry(JSON.stringify(httpEntry()))!, place);
    const before = decide("2026-11-22T10:20:00Z");
    assert.deepEqual([before.allowed, before.ok, before.rule?.path], [true, true, "istio-egress:allow[0]"]);
    const after = decide("2026-11-22T10:10:00Z");
    assert.deepEqual([after.allowed, after.ok, after.rule], [true, false, undefined]);
  });

  it("is the reason of a refusal in the log", () => {
    const reason = `rbac_access_denied_matched_policy[ended:github:${after}]`;
    assert.deepEqual(endedAccess(reason), { destination: "github", until: after });
    assert.equal(endedAccess(`rbac_access_denied_matched_policy[none]`), undefined);
    const place = { gateway: "egress-gateway", namespace: "istio-egress", pod: "egress-gateway-1" };
    const decide = (entry: Record<string, unknown>, config: StackConfig) =>
      decider(config)(parseEntry(JSON.stringify(entry))!, place);
    const over = configOf([rule(appA, "2026-11-21")]);
    for (const entry of [httpEntry({ ...refusedHttp, reason }), httpsEntry({ ...refusedHttps, reason })]) {
      const { allowed, ok, because } = decide(entry, over);
      assert.deepEqual([allowed, ok], [false, true]);
      assert.match(
        because!,
        /^access to github ended at 2027-07-01T00:00:00Z, by itself; .*allowed it until 2026-11-21$/,
      );
      const prolonged = decide(entry, configOf([rule(appA, "2028-01-01")]));
      assert.deepEqual([prolonged.allowed, prolonged.ok], [false, false]);
      assert.match(prolonged.because!, /istio-egress:allow\[0\] grants it now, and is not applied yet$/);
    }
  });
});
