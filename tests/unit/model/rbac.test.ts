// Roles for those who work with a stack: what they hold, held against what the plan and the doctor need of the cluster.
// Does not prove that the API server and Pulumi's plugin need no more: tests/lab/rbac.test.ts does.
import assert from "node:assert/strict";
import { ArgumentError, Manifest, parseConfig, planRoles, planStack, StackConfig } from "../../../model";
import { objectChanges } from "../../../model/break-glass";
import { rbacWarnings } from "../../../model/config/rbac";
import { diffStacks, riskNotes } from "../../../model/diff";
import { plannedObjects, readingsOf, subjectOf } from "../../../model/doctor";
import { resourceOf } from "../../../model/doctor/snapshot";
import { manifestKey } from "../../../model/ground/manifest";
import { PolicyRule, Right } from "../../../model/ground/rbac";
import { itRefuses, problemsOf } from "./config/refused";
import { now, soundConfig } from "./config/sound-config";

const who = (...groups: string[]) => ({ users: [], groups });
const rbac = {
  change: who("deployers"),
  deploy: { "test-app": { users: ["jane"], groups: ["team-a"] } },
  look: who("on-call"),
  probe: who("on-call"),
};
const admission = { mode: "deny", platform: { users: ["ci"], groups: ["deployers"] } };

/** Whether a role's rules let somebody do something to a resource, as `sidecars.networking.istio.io`. */
function lets(rules: PolicyRule[], verb: string, resource: string, name?: string): boolean {
  const [plural, ...group] = resource.split(".") as [string, ...string[]];
  return rules.some(
    (rule) =>
      rule.apiGroups.includes(group.join(".")) &&
      rule.resources.includes(plural) &&
      rule.verbs.includes(verb) &&
      (rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name))),
  );
}

const planned = new WeakMap<StackConfig, Manifest[]>();

function roles(config: StackConfig): Manifest[] {
  const found = planned.get(config) ?? planStack(config).roles;
  planned.set(config, found);
  return found;
}

/** The rules that a right gives in a namespace, or everywhere. */
function rulesOf(config: StackConfig, right: Right, namespace?: string): PolicyRule[] {
  return roles(config).flatMap((manifest) =>
    /Role$/.test(manifest.kind) &&
    manifest.metadata.name === `istio-egress.${right}` &&
    (manifest.kind === "ClusterRole" || manifest.metadata.namespace === namespace)
      ? (manifest.rules as PolicyRule[])
      : [],
  );
}

function configOf(change: Record<string, unknown> = {}): StackConfig {
  return parseConfig({ ...soundConfig(), rbac, admission, ...change }, { now });
}

describe("rbac", () => {
  it("is nothing where nobody is named", () => {
    assert.deepEqual(roles(parseConfig(soundConfig(), { now })), []);
    assert.deepEqual(parseConfig(soundConfig(), { now }).rbac, { deploy: [] });
  });

  it("gives no wildcard, nothing over Secrets or roles but in deploy, and no more than is named to anybody", () => {
    const all = roles(configOf());
    for (const { kind, metadata, rules = [], subjects = [] } of all as (Manifest & Record<string, any>)[]) {
      for (const rule of rules as PolicyRule[]) {
        assert.ok(![...rule.apiGroups, ...rule.resources, ...rule.verbs].includes("*"), JSON.stringify(rule));
        const writes = rule.verbs.some((verb) => !["get", "list", "watch"].includes(verb));
        assert.ok(!writes || rule.apiGroups[0] !== "rbac.authorization.k8s.io", JSON.stringify(rule));
        assert.ok(!rule.resources.includes("secrets") || metadata.name === "istio-egress.deploy");
        assert.ok(!rule.verbs.some((verb) => ["impersonate", "escalate", "bind"].includes(verb)));
      }
      assert.equal(/Binding$/.test(kind), subjects.length > 0);
    }
    const binding = all.find(({ kind, metadata }) => kind === "RoleBinding" && metadata.name === "istio-egress.deploy");
    assert.deepEqual(binding?.subjects, [
      { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "team-a" },
      { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "jane" },
    ]);
  });

  it("binds a ServiceAccount as one", () => {
    const config = configOf({ rbac: { look: { users: ["system:serviceaccount:ops:reader"] } } });
    const subjects = roles(config).flatMap(({ kind, subjects }) => (/Binding$/.test(kind) ? [subjects] : []));
    assert.ok(subjects.length > 3);
    subjects.forEach((each) => assert.deepEqual(each, [{ kind: "ServiceAccount", namespace: "ops", name: "reader" }]));
  });

  describe("change", () => {
    const destinations = {
      plain: { hosts: ["github.com"] },
      many: { hosts: Array.from({ length: 257 }, (_, index) => `host-${index}.example.com`) },
      wild: { hosts: ["*.cnn.example"] },
      ports: { hosts: ["db.example.org"], ports: ["5432/tcp"] },
      originated: { hosts: ["api.example.net"], originate: { methods: ["GET"] } },
      inside: { hosts: ["wiki.corp.example.com"], private: ["10.20.0.0/16"] },
      nameless: { addresses: ["198.51.100.0/24"], ports: ["22/tcp"] },
      silent: { hosts: ["quiet.example.io"], timeouts: { idle: "8h" } },
    };
    const outside = {
      service: { namespace: "test-app", addresses: ["10.9.0.4"], via: "service" },
      past: { namespace: "test-app", addresses: ["10.9.0.5"], via: "bypass" },
    };
    const stacks: [string, Record<string, unknown>, string[]][] = [
      ["a mesh of its own, with admission and a resolver", {}, Object.keys(destinations)],
      ["a mesh that exists", { mesh: { kind: "existing" } }, Object.keys(destinations)],
      ["a mesh without EnvoyFilters", { mesh: { kind: "existing", envoyFilters: false } }, ["plain"]],
      ["admission off", { admission: { mode: "off" } }, Object.keys(destinations)],
    ];
    for (const [what, over, names] of stacks) {
      const chosen = Object.fromEntries(Object.entries(destinations).filter(([name]) => names.includes(name)));
      const config = (allow: object[]) =>
        configOf({
          cluster: { kind: "existing", ranges: ["10.244.0.0/16"] },
          namespaces: { "test-app": {}, "istio-workload": {}, legacy: { existing: true } },
          workloads: {
            ...(soundConfig().workloads as object),
            old: { namespace: "legacy", existing: { serviceAccount: "old-sa" } },
          },
          dns: { mode: "allowed-only", address: "10.96.0.53" },
          destinations: chosen,
          outside,
          ...over,
          allow: allow.map((rule) => ({ owner: "a", reason: "a test", ...rule })),
        });
      const froms = ["test-app/app-a", "istio-workload/hammer", "legacy/old", "test-app/*"];
      const rules = [
        ...names.flatMap((to) => froms.map((from) => ({ from, to }))),
        ...Object.keys(outside).map((to) => ({ from: "test-app/app-a", to })),
      ];
      const lists = [
        [],
        ...rules.map((rule) => [rule]),
        rules,
        rules.map((rule) => ({ ...rule, expires: "2027-01-01" })),
      ];

      it(`is enough for every change of an allowlist, and for nothing else of the stack: ${what}`, () => {
        const all = lists.map(config);
        const untouched = new Set(plannedObjects(planStack(all[0]!)).map(manifestKey));
        for (const [index, after] of all.entries()) {
          const before = all[(index + 1) % all.length]!;
          for (const [was, is] of [
            [before, after],
            [after, before],
          ] as const) {
            for (const { key, before: old, after: now } of objectChanges(was, is)) {
              untouched.delete(key);
              const { metadata } = (now ?? old)!;
              const verb = old === undefined ? "create" : now === undefined ? "delete" : "patch";
              const needed = verb === "delete" ? ["get", "delete"] : ["get", "patch", verb];
              for (const each of needed) {
                assert.ok(
                  lets(rulesOf(was, "change", metadata.namespace), each, resourceOf((now ?? old)!), metadata.name),
                  `${each} ${key}`,
                );
              }
            }
          }
        }
        const rights = (namespace?: string) => rulesOf(all[0]!, "change", namespace);
        for (const kind of [
          "Namespace",
          "ServiceAccount",
          "PodDisruptionBudget",
          "PeerAuthentication",
          "Role",
          "RoleBinding",
        ]) {
          const found = [...untouched].filter((key) => key.startsWith(`${kind}/`));
          assert.ok(found.length > 0, kind);
          const resource = resourceOf(plannedObjects(planStack(all[0]!)).find((object) => object.kind === kind)!);
          for (const verb of ["create", "patch", "update", "delete"]) {
            assert.ok(!lets(rights("test-app"), verb, resource) && !lets(rights("istio-egress"), verb, resource), kind);
          }
        }
        for (const verb of ["create", "delete"]) {
          assert.ok(!lets(rights("istio-egress"), verb, "deployments.apps", "egress-gateway"));
          assert.ok(
            !lets(rights(), verb, "validatingadmissionpolicies.admissionregistration.k8s.io", "istio-egress.pods"),
          );
        }
      });
    }
  });

  describe("look", () => {
    for (const [what, over] of [
      ["a stack with all there is", { dns: { mode: "allowed-only", address: "10.96.0.53" } }],
      [
        "a mesh that exists elsewhere",
        { mesh: { kind: "existing" }, cluster: { kind: "existing", controlPlane: { namespace: "mesh" } } },
      ],
      [
        "a log that is sent to a collector",
        { logs: { openTelemetry: { service: "otel-collector.monitoring.svc.cluster.local" } } },
      ],
      ["gateways that follow the load", { gateway: { replicas: 2, maxReplicas: 5 } }],
    ] as const) {
      it(`is enough for whatever egress doctor reads, and reads no Secret: ${what}`, () => {
        const config = configOf(over);
        for (const { resources, namespace } of readingsOf(subjectOf("test", config))) {
          const here = rulesOf(config, "look", namespace);
          for (const resource of resources) {
            assert.ok(lets(here, "list", resource), `${resource} in ${namespace ?? "every namespace"}`);
          }
        }
        for (const namespace of ["test-app", "istio-egress"]) {
          assert.ok(lets(rulesOf(config, "look", namespace), "get", "pods/log"));
          assert.ok(!lets(rulesOf(config, "look", namespace), "create", "pods/exec"));
          assert.ok(!lets(rulesOf(config, "look", namespace), "get", "secrets"));
        }
        assert.ok(lets(rulesOf(config, "probe", "test-app"), "create", "pods/exec"));
        assert.ok(!lets(rulesOf(config, "probe", "istio-egress"), "create", "pods/exec"));
      });
    }
  });

  it("deploy is for one namespace, and leaves out what opens the guard", () => {
    const here = rulesOf(configOf(), "deploy", "test-app");
    assert.ok(lets(here, "create", "deployments.apps") && lets(here, "create", "services"));
    for (const [verb, resource] of [
      ["create", "networkpolicies.networking.k8s.io"],
      ["create", "ingresses.networking.k8s.io"],
      ["create", "endpointslices.discovery.k8s.io"],
      ["create", "endpoints"],
      ["create", "sidecars.networking.istio.io"],
      ["create", "pods/exec"],
      ["patch", "pods/ephemeralcontainers"],
      ["create", "pods/portforward"],
      ["create", "serviceaccounts/token"],
      ["impersonate", "serviceaccounts"],
      ["create", "rolebindings.rbac.authorization.k8s.io"],
    ] as const) {
      assert.ok(!lets(here, verb, resource), `${verb} ${resource}`);
    }
    assert.deepEqual(rulesOf(configOf(), "deploy", "istio-workload"), []);
  });

  describe("in the configuration", () => {
    const spoilt = (over: object) => ({ rbac: { ...rbac, ...over }, admission });
    itRefuses([
      {
        what: "a right that there is not",
        change: spoilt({ chnage: who("a") }),
        at: ["rbac.chnage"],
        says: /mean "change"/,
      },
      { what: "a right for nobody", change: spoilt({ look: {} }), at: ["rbac.look"], says: /Names nobody/ },
      {
        what: "everybody",
        change: spoilt({ look: who("system:authenticated") }),
        at: ["rbac.look.groups[0]"],
        says: /Tenants are in this group/,
      },
      {
        what: "a pattern",
        change: spoilt({ look: { users: ["team-*"] } }),
        at: ["rbac.look.users[0]"],
        says: /of that very name/,
      },
      {
        what: "a ServiceAccount that tenants can act as",
        change: spoilt({ look: { users: ["system:serviceaccount:test-app:default"] } }),
        at: ["rbac.look.users[0]"],
        says: /can act as any ServiceAccount/,
      },
      {
        what: "a namespace that is not the stack's",
        change: spoilt({ deploy: { "test-ap": who("a") } }),
        at: ["rbac.deploy.test-ap"],
        says: /did you mean "test-app"/,
      },
      {
        what: "one who changes the allowlist and whom admission refuses that",
        change: spoilt({ change: who("others") }),
        at: ["rbac.change.groups[0]"],
        says: /add "others" to istio-egress:admission\.platform\.groups/,
      },
      {
        what: "a tenant who is the platform to admission",
        change: spoilt({ deploy: { "test-app": { users: ["ci"] } } }),
        at: ["rbac.deploy.test-app.users[0]"],
        says: /refuses them nothing/,
      },
      {
        what: "one who runs commands, where nobody but the platform may",
        change: { rbac: { probe: who("on-call") }, admission: { ...admission, exec: "platform" } },
        at: ["rbac.probe.groups[0]"],
        says: /lets nobody but istio-egress:admission\.platform run commands/,
      },
    ]);

    it("takes a tenant's own ServiceAccount of the namespace that it deploys into", () => {
      assert.deepEqual(
        problemsOf(spoilt({ deploy: { "test-app": { users: ["system:serviceaccount:test-app:argo"] } } })),
        [],
      );
    });

    it("is warned of where admission does not hold whoever deploys, and is a risk where it is new", () => {
      assert.deepEqual(rbacWarnings(configOf()), []);
      assert.equal(rbacWarnings(configOf({ admission: { ...admission, mode: "warn" } }))[0]?.value, "test-app");
      const risks = riskNotes(diffStacks(configOf({ rbac: {} }), configOf())).map(({ about }) => about);
      assert.ok(
        risks.some((about) => about.startsWith("istio-egress:rbac.change")),
        risks.join(),
      );
    });
  });

  it("is refused in a program for nobody, and for a namespace without a name", () => {
    const args = { gatewayNamespace: "istio-egress", gateways: ["egress-gateway"], namespaces: ["shop"], made: [] };
    assert.ok(planRoles({ ...args, look: who("on-call") }).length > 0);
    for (const [wrong, says] of [
      [{ look: who() }, /look: Must not be empty/],
      [{ deploy: [{ namespace: "shop", users: [], groups: [] }] }, /deploy\[0\]: Must not be empty/],
      [{ deploy: [{ namespace: "", users: ["a"], groups: [] }] }, /deploy\[0\]\.namespace: Must not be empty/],
    ] as const) {
      assert.throws(
        () => planRoles({ ...args, ...(wrong as object) }),
        (error) => error instanceof ArgumentError && says.test(error.message),
      );
    }
  });
});
