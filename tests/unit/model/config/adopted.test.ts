// Namespaces and workloads that are there already, and what is refused of them; each refusal has an allowed twin.
// Does not prove: that what is planned leaves them as they were; that is the plan's and the lab's to show.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { Case, itRefuses, problemsOf } from "./refused";
import { now, soundConfig } from "./sound-config";

const namespaces = { "test-app": {}, "istio-workload": {}, payments: { existing: true } };
const made = {
  hammer: { namespace: "istio-workload", image: "example.com/hammer:1" },
  "app-a": { namespace: "test-app", image: "example.com/app:1" },
};
const checkout = { namespace: "payments", existing: { serviceAccount: "checkout-sa" } };

function withWorkloads(workloads: Record<string, unknown>): Record<string, unknown> {
  return { namespaces, workloads: { ...made, ...workloads } };
}

function withPayments(payments: unknown): Record<string, unknown> {
  return { namespaces: { ...namespaces, payments } };
}

function onCluster(cluster: Record<string, unknown>): Record<string, unknown> {
  return { cluster: { kind: "existing", ...cluster }, mesh: { kind: "existing" } };
}

const cases: Case[] = [
  {
    what: "labels of a namespace of somebody else's",
    change: withPayments({ existing: true, labels: { team: "pay" } }),
    at: ["namespaces.payments.labels"],
    says: /somebody else's/,
  },
  {
    what: "a guard of a namespace that is made here",
    change: withPayments({ guard: "inject" }),
    at: ["namespaces.payments.guard"],
    says: /add existing: true/,
  },
  {
    what: "an unknown guard",
    change: withPayments({ existing: true, guard: "watch" }),
    at: ["namespaces.payments.guard"],
    says: /inject, enforce, leave/,
  },
  ...["istio-system", "kube-system"].map((name) => ({
    what: `${name} as an existing namespace`,
    change: { namespaces: { ...namespaces, [name]: { existing: true } } },
    at: [`namespaces.${name}`],
    says: /need this namespace without a guard/,
  })),
  {
    what: "the control plane's own namespace as an existing one",
    change: {
      ...onCluster({ controlPlane: { namespace: "mesh" } }),
      namespaces: { ...namespaces, mesh: { existing: true } },
    },
    at: ["namespaces.mesh"],
    says: /need this namespace without a guard/,
  },
  ...["test-app", "istio-egress", "istio-system", "kube-system", "Bad_Name"].map((peer) => ({
    what: `the peer ${peer}`,
    change: withPayments({ existing: true, peers: ["legacy", peer] }),
    at: ["namespaces.payments.peers[1]"],
    says: /Fix: /,
  })),
  {
    what: "a control plane as wide as the internet",
    change: onCluster({ controlPlane: { ranges: ["0.0.0.0/0"] } }),
    at: ["cluster.controlPlane.ranges[0]"],
    says: /Too wide/,
  },
  {
    what: "a control plane inside and outside",
    change: onCluster({ controlPlane: { namespace: "aks-istio-system", ranges: ["10.1.0.0/28"] } }),
    at: ["cluster.controlPlane.ranges"],
    says: /either in the cluster/,
  },
  {
    what: "a place for the control plane that the stack installs",
    change: { cluster: { kind: "existing", controlPlane: { namespace: "istio-system" } } },
    at: ["cluster.controlPlane"],
    says: /installs the mesh's control plane itself/,
  },
  {
    what: "an image beside an identity that exists",
    change: withWorkloads({ checkout: { ...checkout, image: "example.com/checkout:1", replicas: 2 } }),
    at: ["workloads.checkout.image", "workloads.checkout.replicas"],
    says: /nothing is made here/,
  },
  {
    what: "neither an image nor an identity",
    change: withWorkloads({ checkout: { namespace: "payments" } }),
    at: ["workloads.checkout.image"],
    says: /missing/,
  },
  ...["default", "*", "checkout-*", "Checkout"].map((serviceAccount) => ({
    what: `the ServiceAccount ${serviceAccount}`,
    change: withWorkloads({ checkout: { ...checkout, existing: { serviceAccount } } }),
    at: ["workloads.checkout.existing.serviceAccount"],
    says: /Fix: /,
  })),
  {
    what: "a selector without a label",
    change: withWorkloads({ checkout: { ...checkout, existing: { serviceAccount: "checkout-sa", selector: {} } } }),
    at: ["workloads.checkout.existing.selector"],
    says: /every pod of the namespace/,
  },
  {
    what: "one identity for two workloads",
    change: withWorkloads({ checkout, refunds: checkout }),
    at: ["workloads.refunds.existing.serviceAccount"],
    says: /cannot tell the two apart/,
  },
  {
    what: "one selector for two workloads",
    change: withWorkloads({
      checkout,
      refunds: { ...checkout, existing: { serviceAccount: "refunds", selector: { app: "checkout" } } },
    }),
    at: ["workloads.refunds.existing.selector"],
    says: /two Sidecars would claim/,
  },
  {
    what: "a selector that is part of another",
    change: withWorkloads({
      checkout: { ...checkout, existing: { serviceAccount: "a", selector: { app: "x", tier: "web" } } },
      refunds: { ...checkout, existing: { serviceAccount: "b", selector: { app: "x" } } },
    }),
    at: ["workloads.refunds.existing.selector"],
    says: /app=x selects pods of checkout, too/,
  },
  {
    what: "a selector that takes pods that are made here",
    change: withWorkloads({
      pods: {
        namespace: "test-app",
        existing: { serviceAccount: "b", selector: { "app.kubernetes.io/name": "app-a" } },
      },
    }),
    at: ["workloads.pods.existing.selector"],
    says: /selects pods of app-a, too/,
  },
  ...["*/*", "*", "pay*/checkout", "payments/check*", "payments/**"].map((from) => ({
    what: `the pattern ${from}`,
    change: { ...withWorkloads({ checkout }), allow: [{ from, to: "github" }] },
    at: ["allow[0].from"],
    says: /one rule for each namespace or workload/,
  })),
  {
    what: "every pod of a namespace that is not guarded",
    change: { ...withWorkloads({ checkout }), allow: [{ from: "payment/*", to: "github" }] },
    at: ["allow[0].from"],
    says: /did you mean "payments\/\*"\?/,
  },
  {
    what: "a public resolver",
    change: { cluster: { kind: "existing", dns: { resolvers: ["8.8.8.8", "169.254.20.10", "10.0.0.10"] } } },
    at: ["cluster.dns.resolvers[0]"],
    says: /way out for every guarded pod/,
  },
  {
    what: "a resolver that is a name",
    change: { cluster: { kind: "existing", dns: { resolvers: ["dns.corp"] } } },
    at: ["cluster.dns.resolvers[0]"],
    says: /Not an IPv4 address/,
  },
];

describe("bad input about what exists already", () => {
  itRefuses(cases);

  it("takes what they are all changes of", () => {
    for (const change of [
      withWorkloads({ checkout }),
      withPayments({ existing: true, guard: "inject", peers: ["legacy"] }),
      withPayments({ existing: true, guard: "leave" }),
      withPayments({ labels: { team: "pay" }, peers: ["legacy"] }),
      { namespaces: { ...namespaces, default: { existing: true } } },
      onCluster({ dns: { port: 5353 }, controlPlane: { ranges: ["10.1.0.0/28"] } }),
      onCluster({ controlPlane: { namespace: "aks-istio-system" } }),
      {
        ...withWorkloads({ checkout }),
        allow: [
          { from: "payments/*", to: "github" },
          { from: "payments/checkout", to: "github" },
        ],
      },
      withWorkloads({ checkout, refunds: { ...checkout, existing: { serviceAccount: "refunds" } } }),
      { cluster: { kind: "existing", dns: { resolvers: ["169.254.20.10"] } } },
    ]) {
      assert.deepEqual(problemsOf(change), []);
    }
  });

  it("gives an existing workload its identity and its pods' labels, and nothing to make", () => {
    const { workloads } = parseConfig({ ...soundConfig(), ...withWorkloads({ checkout }) }, { now });
    assert.deepEqual(
      workloads.find(({ name }) => name === "checkout"),
      { name: "checkout", namespace: "payments", serviceAccount: "checkout-sa", selector: { app: "checkout" } },
    );
  });
});
