// Each fault by itself on a cluster that is otherwise as planned: what is found, how bad it is, and how it is mended.
// Does not prove: that the commands work; the lab's test runs them.
import assert from "node:assert/strict";
import { secretText } from "../../../../model/config/file/stack";
import { FakeCluster, short } from "./cluster";

type Spoil = (cluster: FakeCluster) => void;

const namespaced = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" } as const;

function policy(cluster: FakeCluster, place: string, spec: object): void {
  cluster.add(namespaced.apiVersion, namespaced.kind, place, { spec });
}

/** What is wrong, how it is reported, and a command or a key that mends it. */
const faults: [string, Spoil, string, RegExp][] = [
  [
    "a Deployment's pods without a sidecar",
    (cluster) => void cluster.addOwned("Deployment", "test-app", "cart"),
    "breaks-guard Deployment test-app/cart (sidecars)",
    /kubectl rollout restart deployment\/cart --namespace test-app/,
  ],
  [
    "an Argo Rollout's",
    (cluster) => void cluster.addOwned("Rollout", "test-app", "cart"),
    "breaks-guard Rollout test-app/cart (sidecars)",
    /kubectl patch rollouts\.argoproj\.io cart .*restartAt/,
  ],
  [
    "a Job's",
    (cluster) => void cluster.addOwned("Job", "test-app", "import"),
    "breaks-guard Job test-app/import (sidecars)",
    /kubectl delete job\/import/,
  ],
  [
    "a bare pod",
    (cluster) => void cluster.addOwned("Pod", "test-app", "shell"),
    "breaks-guard Pod test-app/shell-5d-0 (sidecars)",
    /kubectl delete pod\/shell-5d-0/,
  ],
  [
    "a pod on the node's network",
    (cluster) => void cluster.addOwned("DaemonSet", "test-app", "agent", { spec: { hostNetwork: true } }),
    "breaks-guard DaemonSet test-app/agent (sidecars)",
    /hostNetwork/,
  ],
  [
    "a sidecar that nothing is led to",
    (cluster) => void (cluster.pod("app-a").spec.initContainers = []),
    "breaks-guard Deployment test-app/app-a (sidecars)",
    /kubectl rollout restart deployment\/app-a/,
  ],
  [
    "an address that a pod calls past its sidecar, and is not granted",
    (cluster) => {
      const key = "traffic.sidecar.istio.io/excludeOutboundIPRanges";
      cluster.pod("app-a").metadata.annotations[key] = "10.0.0.0/8";
    },
    "breaks-guard Deployment test-app/app-a (sidecars)",
    /istio-egress:outside/,
  ],
  [
    "a sidecar older than the control plane",
    (cluster) => void (cluster.pod("app-a").spec.containers[1].image = "proxyv2:1.30.0"),
    "warning Deployment test-app/app-a (sidecars)",
    /kubectl rollout restart/,
  ],
  [
    "a gateway's proxy older than the control plane",
    (cluster) => void (cluster.pod("egress-gateway").spec.containers[0].image = "proxyv2:1.30.0"),
    "warning Deployment istio-egress/egress-gateway (gateways)",
    /kubectl rollout restart deployment\/egress-gateway/,
  ],
  [
    "a workload without pods",
    (cluster) => cluster.delete("Pod", "app-a-5d-0"),
    "breaks-workload workload test-app/app-a (workloads)",
    /kubectl describe deployment\/app-a/,
  ],
  [
    "a pod with a workload's labels under another ServiceAccount",
    (cluster) => {
      const containers = ["x", "istio-proxy"];
      cluster.addOwned("StatefulSet", "test-app", "db", { labels: { app: "app-a" }, init: ["istio-init"], containers });
    },
    "breaks-workload StatefulSet test-app/db (workloads)",
    /labels of their own/,
  ],
  [
    "a pod under a workload's ServiceAccount with other labels",
    (cluster) => {
      const containers = ["x", "istio-proxy"];
      cluster.addOwned("Job", "test-app", "sync", { serviceAccount: "app-a", init: ["istio-init"], containers });
    },
    "breaks-workload Job test-app/sync (workloads)",
    /ServiceAccount of its own/,
  ],
  [
    "a second Sidecar for a workload's pods",
    (cluster) => {
      const spec = { workloadSelector: { labels: { app: "app-a" } }, egress: [{ hosts: ["*/*"] }] };
      cluster.add("networking.istio.io/v1", "Sidecar", "test-app/mine", { spec });
    },
    "breaks-guard Sidecar test-app/mine (sidecar-claims)",
    /kubectl delete sidecars\.networking\.istio\.io mine/,
  ],
  [
    "a second Sidecar for a whole namespace",
    (cluster) => void cluster.add("networking.istio.io/v1", "Sidecar", "test-app/all", { spec: {} }),
    "breaks-guard Sidecar test-app/all (sidecar-claims)",
    /kubectl delete sidecars\.networking\.istio\.io all/,
  ],
  [
    "a NetworkPolicy that opens everything",
    (cluster) => policy(cluster, "test-app/open", { podSelector: {}, policyTypes: ["Egress"], egress: [{}] }),
    "breaks-guard NetworkPolicy test-app/open (network-policies)",
    /kubectl delete networkpolicies\.networking\.k8s\.io open --namespace test-app/,
  ],
  [
    "a NetworkPolicy that lets others into the gateway",
    (cluster) => policy(cluster, "istio-egress/in", { podSelector: {}, ingress: [{}] }),
    "breaks-guard NetworkPolicy istio-egress/in (network-policies)",
    /kubectl delete networkpolicies\.networking\.k8s\.io in --namespace istio-egress/,
  ],
  [
    "Pod Security that refuses istio-init",
    (cluster) => {
      cluster.get("Namespace", "test-app").metadata.labels["pod-security.kubernetes.io/enforce"] = "baseline";
    },
    "breaks-workload Namespace test-app (pod-security)",
    /pilot: \{cni: \{enabled: true\}\}/,
  ],
  [
    "DNS pods that listen on another port",
    (cluster) => void (cluster.get("EndpointSlice", "kube-dns-x").ports[0].port = 5353),
    "breaks-workload Service kube-system/kube-dns (dns)",
    /istio-egress:cluster\.dns: \{port: 5353\}/,
  ],
  [
    "DNS pods with other labels",
    (cluster) => void (cluster.get("Pod", "coredns-1").metadata.labels = { app: "dns" }),
    "breaks-workload Service kube-system/kube-dns (dns)",
    /istio-egress:cluster\.dns: \{resolvers: \[10\.244\.0\.2\]\}/,
  ],
  [
    "a resolver that nothing is behind",
    (cluster) => void (cluster.get("EndpointSlice", "kube-dns-x").endpoints = []),
    "breaks-workload Service kube-system/kube-dns (dns)",
    /istio-egress:cluster\.dns: \{resolvers: /,
  ],
  [
    "a cache of names on the node",
    (cluster) => {
      const containers = [{ name: "node-cache", args: ["-localip", "169.254.20.10,10.96.0.10"] }];
      const metadata = { labels: { "k8s-app": "node-local-dns" } };
      const content = { spec: { template: { spec: { containers } } } };
      cluster.add("apps/v1", "DaemonSet", "kube-system/node-local-dns", content, metadata);
    },
    "breaks-workload DaemonSet kube-system/node-local-dns (dns)",
    /resolvers: \[169\.254\.20\.10, 10\.96\.0\.10\]/,
  ],
  [
    "a pod that names its own resolver",
    (cluster) => {
      const { spec } = cluster.pod("app-a");
      spec.dnsPolicy = "None";
      spec.dnsConfig = { nameservers: ["10.7.7.7"] };
    },
    "breaks-workload Deployment test-app/app-a (dns)",
    /resolvers: \[10\.7\.7\.7\]/,
  ],
  [
    "an API server too old for the mesh",
    (cluster) => void (cluster.serverVersion = "v1.29.3-gke.100"),
    "warning Kubernetes v1.29.3-gke.100 (kinds)",
    /Upgrade the cluster/,
  ],
  [
    "a mesh of the stack's own without istiod",
    (cluster) => cluster.delete("Deployment", "istiod"),
    "breaks-workload Deployment istio-system/istiod (control-plane)",
    /helm get manifest istiod/,
  ],
  [
    "an istiod that is not ready",
    (cluster) => void (cluster.get("Deployment", "istiod").status.readyReplicas = 0),
    "breaks-workload Deployment istio-system/istiod (control-plane)",
    /kubectl describe deployment\/istiod/,
  ],
  [
    "an injector whose failures are ignored",
    (cluster) => {
      cluster.get("MutatingWebhookConfiguration", "istio-sidecar-injector").webhooks[0].failurePolicy = "Ignore";
    },
    "breaks-guard MutatingWebhookConfiguration istio-sidecar-injector (injection)",
    /Have it fail/,
  ],
  [
    "a gateway with a pod that is not ready",
    (cluster) => void (cluster.pod("egress-gateway").status.conditions[0].status = "False"),
    "warning Deployment istio-egress/egress-gateway (gateways)",
    /kubectl describe pods --namespace istio-egress/,
  ],
  [
    "a second budget for the gateway's pods",
    (cluster) => {
      const spec = { maxUnavailable: 0, selector: { matchLabels: { istio: "egress-gateway" } } };
      cluster.add("policy/v1", "PodDisruptionBudget", "istio-egress/never", { spec });
    },
    "warning PodDisruptionBudget istio-egress/egress-gateway, PodDisruptionBudget istio-egress/never (gateways)",
    /kubectl delete poddisruptionbudgets\.policy never/,
  ],
  [
    "somebody else's pods beside the gateways",
    (cluster) => void cluster.addOwned("Deployment", "istio-egress", "proxy", { containers: ["istio-proxy"] }),
    "breaks-guard Deployment istio-egress/proxy (gateways)",
    /kubectl delete deployment\/proxy --namespace istio-egress/,
  ],
  [
    "a namespace that is somebody else's",
    (cluster) => {
      const { metadata } = cluster.get("Namespace", "test-app");
      metadata.managedFields = [{ manager: "kubectl-create", operation: "Update" }];
      metadata.labels = { "istio-injection": "enabled", "app.kubernetes.io/managed-by": "Helm" };
    },
    "breaks-workload Namespace test-app (namespaces)",
    /istio-egress:namespaces\.test-app: \{existing: true\}/,
  ],
  [
    "an object that was deleted by hand",
    (cluster) => cluster.delete("PeerAuthentication", "default"),
    "breaks-guard PeerAuthentication istio-system/default (drift)",
    /pulumi up --refresh --stack test/,
  ],
  [
    "a rule that somebody has widened",
    (cluster) => {
      const { spec } = cluster.get("AuthorizationPolicy", "allow-github");
      spec.rules.push({});
    },
    "breaks-guard AuthorizationPolicy istio-egress/allow-github (drift)",
    /pulumi up --refresh/,
  ],
  [
    "a rule that the file does not have any more",
    (cluster) => {
      const labels = { "app.kubernetes.io/managed-by": "pulumi" };
      const policy = cluster.add(
        "security.istio.io/v1",
        "AuthorizationPolicy",
        "istio-egress/allow-old",
        {},
        { labels },
      );
      policy.metadata.managedFields = [{ manager: "pulumi-kubernetes", operation: "Apply" }];
    },
    "breaks-guard AuthorizationPolicy istio-egress/allow-old (leftovers)",
    /pulumi up --stack test/,
  ],
  [
    "a policy of somebody else's that lets calls through the gateway",
    (cluster) => {
      cluster.add("security.istio.io/v1", "AuthorizationPolicy", "istio-egress/all", { spec: { rules: [{}] } });
    },
    "breaks-guard AuthorizationPolicy istio-egress/all (istio-objects)",
    /kubectl delete authorizationpolicies\.security\.istio\.io all/,
  ],
  [
    "a VirtualService from elsewhere that binds to the gateway",
    (cluster) => {
      const spec = { hosts: ["github.com"], gateways: ["istio-egress/egress-gateway"] };
      cluster.add("networking.istio.io/v1", "VirtualService", "other/steal", { spec });
    },
    "warning VirtualService other/steal (istio-objects)",
    /kubectl delete virtualservices\.networking\.istio\.io steal --namespace other/,
  ],
  [
    "a Gateway from elsewhere that takes the gateway's pods",
    (cluster) => {
      const spec = { selector: { istio: "egress-gateway" }, servers: [] };
      cluster.add("networking.istio.io/v1", "Gateway", "other/wide", { spec });
    },
    "breaks-guard Gateway other/wide (istio-objects)",
    /kubectl delete gateways\.networking\.istio\.io wide --namespace other/,
  ],
  [
    "a filter for the whole mesh by somebody else",
    (cluster) => void cluster.add("networking.istio.io/v1alpha3", "EnvoyFilter", "istio-system/any", { spec: {} }),
    "warning EnvoyFilter istio-system/any (istio-objects)",
    /kubectl delete envoyfilters\.networking\.istio\.io any/,
  ],
  [
    "an EnvoyFilter in a guarded namespace",
    (cluster) => void cluster.add("networking.istio.io/v1alpha3", "EnvoyFilter", "test-app/any", { spec: {} }),
    "breaks-guard EnvoyFilter test-app/any (istio-objects)",
    /kubectl delete envoyfilters\.networking\.istio\.io any/,
  ],
];

describe("doctor, of one fault", () => {
  for (const [name, spoil, expected, mended] of faults) {
    it(`finds ${name}`, () => {
      const cluster = new FakeCluster();
      spoil(cluster);
      const { findings } = cluster.report();
      const found = findings.find((finding) => short(finding) === expected);
      assert.ok(found, `found instead: ${findings.map(short).join("; ")}`);
      assert.match([found.fix, ...found.commands, found.config].join("\n"), mended);
      assert.ok(found.evidence.length > 0);
    });
  }

  it("finds that a namespace asks for no sidecars, and that none will come", () => {
    const cluster = new FakeCluster();
    cluster.get("Namespace", "test-app").metadata.labels["istio-injection"] = "disabled";
    const { findings } = cluster.report();
    assert.deepEqual(findings.map(short), [
      "breaks-guard Namespace test-app (namespaces)",
      "breaks-workload Namespace test-app (injection)",
    ]);
    assert.deepEqual(findings[0]!.commands, ["kubectl label namespace test-app istio-injection=enabled --overwrite"]);
  });

  it("finds a kind that the API server does not have, and none of its objects besides", () => {
    const cluster = new FakeCluster();
    cluster.objects = cluster.objects.filter(({ kind }) => kind !== "EnvoyFilter");
    cluster.resources = cluster.resources.filter((resource) => !resource.startsWith("envoyfilters."));
    const { object, commands } = cluster.finding();
    assert.equal(object, "EnvoyFilter (networking.istio.io/v1alpha3)");
    assert.deepEqual(commands, [
      "kubectl apply --server-side --force-conflicts --filename https://raw.githubusercontent.com/istio/istio/1.31.1/manifests/charts/base/files/crd-all.gen.yaml",
      "kubectl label --overwrite --filename https://raw.githubusercontent.com/istio/istio/1.31.1/manifests/charts/base/files/crd-all.gen.yaml app.kubernetes.io/part-of=istio",
      "pulumi up --refresh --stack test",
    ]);
  });
});

describe("doctor, of what is no fault", () => {
  const harmless: [string, Spoil][] = [
    [
      "a NetworkPolicy that refuses",
      (cluster) => policy(cluster, "test-app/no", { podSelector: {}, policyTypes: ["Egress"] }),
    ],
    [
      "a NetworkPolicy that opens what is open",
      (cluster) => {
        const to = [{ podSelector: {} }];
        policy(cluster, "test-app/same", {
          podSelector: { matchLabels: { app: "x" } },
          policyTypes: ["Egress"],
          egress: [{ to }],
        });
      },
    ],
    [
      "a VirtualService of an application for its own name",
      (cluster) => {
        cluster.add("networking.istio.io/v1", "VirtualService", "test-app/canary", { spec: { hosts: ["app-a"] } });
      },
    ],
    [
      "a Gateway of other pods",
      (cluster) => {
        const spec = { selector: { istio: "ingressgateway" } };
        cluster.add("networking.istio.io/v1", "Gateway", "other/front", { spec });
      },
    ],
    [
      "a pod that has ended",
      (cluster) => void (cluster.addOwned("Job", "test-app", "done").status.phase = "Succeeded"),
    ],
    [
      "what the injector writes on every pod where istio-cni leads its traffic",
      (cluster) => {
        Object.assign(cluster.pod("app-a").metadata.annotations, {
          "sidecar.istio.io/interceptionMode": "REDIRECT",
          "traffic.sidecar.istio.io/includeOutboundIPRanges": "*",
          "traffic.sidecar.istio.io/includeInboundPorts": "*",
          "traffic.sidecar.istio.io/excludeInboundPorts": "15020,15021,15090",
          "traffic.sidecar.istio.io/excludeOutboundPorts": "",
        });
      },
    ],
    [
      "a Gateway of the gateways' labels, where istiod keeps Gateways to their own namespaces",
      (cluster) => {
        const [discovery] = cluster.get("Deployment", "istiod").spec.template.spec.containers;
        discovery.env = [{ name: "PILOT_SCOPE_GATEWAY_TO_NAMESPACE", value: "true" }];
        const spec = { selector: { istio: "egress-gateway" } };
        cluster.add("networking.istio.io/v1", "Gateway", "other/theirs", { spec });
      },
    ],
    [
      "a filter for the whole mesh that Istio's own charts have put there",
      (cluster) => {
        const labels = { "operator.istio.io/component": "Pilot" };
        cluster.add("networking.istio.io/v1alpha3", "EnvoyFilter", "istio-system/stats", { spec: {} }, { labels });
      },
    ],
    [
      "an istiod beside the one that is asked for",
      (cluster) => {
        const other = structuredClone(cluster.get("Deployment", "istiod"));
        other.metadata = { ...other.metadata, name: "istiod-canary", labels: { "istio.io/rev": "canary" } };
        cluster.objects.push(other);
      },
    ],
  ];
  for (const [name, spoil] of harmless) {
    it(`finds nothing in ${name}`, () => {
      const cluster = new FakeCluster();
      spoil(cluster);
      assert.deepEqual(cluster.report().findings.map(short), []);
    });
  }
});

describe("doctor, of resolvers that the stack names", () => {
  const resolvers = (addresses: string[]) => ({ cluster: { kind: "existing", dns: { resolvers: addresses } } });
  const cache = (cluster: FakeCluster) => {
    const containers = [{ name: "node-cache", args: ["-localip", "169.254.20.10"] }];
    const metadata = { labels: { "k8s-app": "node-local-dns" } };
    const content = { spec: { template: { spec: { containers } } } };
    cluster.add("apps/v1", "DaemonSet", "kube-system/node-local-dns", content, metadata);
  };

  it("finds nothing in a cache on the node that is named, and finds another", () => {
    for (const [address, found] of [
      ["169.254.20.10", 0],
      ["169.254.25.10", 1],
    ] as const) {
      const cluster = new FakeCluster(resolvers([address]));
      cache(cluster);
      assert.equal(cluster.report().findings.length, found, address);
    }
  });

  it("finds nothing in a cluster that looks names up beyond it only", () => {
    const cluster = new FakeCluster(resolvers(["169.254.169.254"]));
    cluster.delete("EndpointSlice", "kube-dns-x");
    cluster.delete("Service", "kube-dns");
    cluster.pod("app-a").spec.dnsPolicy = "Default";
    assert.deepEqual(cluster.report().findings.map(short), []);
  });
});

describe("doctor, of what no stack may allow", () => {
  it("offers no key that opens a public resolver", () => {
    const cluster = new FakeCluster();
    const { spec } = cluster.pod("app-a");
    spec.dnsPolicy = "None";
    spec.dnsConfig = { nameservers: ["8.8.8.8"] };
    const { config, fix } = cluster.finding();
    assert.equal(config, undefined);
    assert.match(fix, /Take dnsConfig out/);
  });
});

describe("doctor, of who has changed what", () => {
  it("names the field, what is planned, what is there and who wrote it", () => {
    const cluster = new FakeCluster();
    const live = cluster.get("NetworkPolicy", "egress-to-gateway");
    live.spec.egress[0].ports.push({ protocol: "TCP", port: 5432 });
    const fieldsV1 = { "f:spec": { "f:egress": {} } };
    live.metadata.managedFields.push({
      manager: "kubectl-edit",
      operation: "Update",
      time: "2026-11-21T10:00:00Z",
      fieldsV1,
    });
    const { evidence } = cluster.report().findings.find(({ check }) => check === "drift")!;
    assert.deepEqual(evidence, [
      'spec.egress[0].ports[4]: planned absent, live {"protocol":"TCP","port":5432}, written by kubectl-edit (Update) at 2026-11-21T10:00:00Z',
    ]);
  });

  it("finds what others have added where the API server fills in, by who owns it", () => {
    const cluster = new FakeCluster();
    const live = cluster.get("Deployment", "app-a");
    live.spec.template.spec.hostNetwork = true;
    const fieldsV1 = { "f:spec": { "f:template": { "f:spec": { "f:hostNetwork": {} } } } };
    live.metadata.managedFields.push({
      manager: "kubectl-patch",
      operation: "Update",
      time: "2026-11-21T10:00:00Z",
      fieldsV1,
    });
    assert.match(
      cluster.finding().evidence[0]!,
      /^spec\.template\.spec\.hostNetwork: planned absent, live true, written by kubectl-patch/,
    );
  });

  it("has Pulumi take over what others own, and only then", () => {
    const cluster = new FakeCluster();
    cluster.delete("PeerAuthentication", "default");
    assert.deepEqual(cluster.finding().commands, ["pulumi up --refresh --stack test"]);
    const live = cluster.get("AuthorizationPolicy", "allow-github");
    live.spec.rules.push({});
    live.metadata.managedFields = [{ manager: "kubectl-patch", fieldsV1: { "f:spec": { "f:rules": {} } } }];
    const forced = "env PULUMI_K8S_ENABLE_PATCH_FORCE=true pulumi up --refresh --stack test";
    assert.deepEqual(
      cluster.report().findings.map(({ commands }) => commands),
      [[forced], [forced]],
    );
  });

  it("says of a gateway that was scaled down only that", () => {
    const cluster = new FakeCluster();
    cluster.get("Deployment", "egress-gateway").spec.replicas = 1;
    cluster.delete("Pod", "egress-gateway-5d-1");
    cluster.get("PodDisruptionBudget", "egress-gateway").status = { disruptionsAllowed: 0 };
    const finding = cluster.finding();
    assert.equal(short(finding), "warning Deployment istio-egress/egress-gateway (gateways)");
    assert.match(finding.commands.join(), /kubectl scale deployment\/egress-gateway .*--replicas 2/);
  });

  it("shows no value of a variable", () => {
    const cluster = new FakeCluster({
      workloads: { "app-a": { namespace: "test-app", image: "x", env: { TOKEN: "planned-secret" } } },
    });
    cluster.get("Deployment", "app-a").spec.template.spec.containers[0].env[0].value = "live-secret";
    assert.doesNotMatch(JSON.stringify(cluster.report()), /live-secret|planned-secret/);
    assert.match(cluster.finding().evidence[0]!, /env\[0\]\.value: planned a value that is not shown/);
  });

  it("compares nothing with a value that the file encrypts", () => {
    const cluster = new FakeCluster({
      workloads: { "app-a": { namespace: "test-app", image: "x", env: { TOKEN: secretText } } },
    });
    cluster.get("Deployment", "app-a").spec.template.spec.containers[0].env[0].value = "live-secret";
    assert.deepEqual(cluster.report().findings, []);
  });
});
