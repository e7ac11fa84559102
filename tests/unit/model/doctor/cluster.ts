import { parseConfig, StackConfig } from "../../../../model";
import { diagnose, Finding, Report, Snapshot, SnapshotData, subjectOf } from "../../../../model/doctor";
import { resourceOf } from "../../../../model/doctor/snapshot";
import { soundConfig } from "../config/sound-config";

type Live = any;

const managedFields = [
  { manager: "pulumi-kubernetes", operation: "Apply", time: "2026-11-20T08:00:00Z", fieldsV1: {} },
];

/** A cluster to which a stack was applied, with the pods that come of it; to be spoiled object by object. */
export class FakeCluster {
  readonly config: StackConfig;
  objects: Live[];
  refused: SnapshotData["refused"] = [];
  resources: string[];
  apiVersions: string[];
  serverVersion = "v1.34.4";

  constructor(over: Record<string, unknown> = {}) {
    this.config = parseConfig({ ...soundConfig(), ...over }, { now: new Date("2026-11-22T12:00:00Z") });
    const { planned, workloadsIn, gateways, gatewayNamespace, existing, guarded } = subjectOf("test", this.config);
    const workloads = [...workloadsIn.values()].flat();
    this.objects = structuredClone(planned) as Live[];
    for (const object of this.objects) {
      object.metadata.managedFields = structuredClone(managedFields);
      object.metadata.creationTimestamp = "2026-11-20T08:00:00Z";
    }
    for (const { namespace, name, serviceAccount, selector } of workloads) {
      this.addOwned("Deployment", namespace, name, {
        labels: selector,
        serviceAccount,
        init: ["istio-init"],
        containers: [name, "istio-proxy"],
      });
    }
    for (const { name, replicas } of gateways) {
      for (let index = 0; index < replicas; index++) {
        const labels = { app: name, istio: name };
        const containers = ["istio-proxy"];
        this.addOwned(
          "Deployment",
          gatewayNamespace,
          name,
          { labels, serviceAccount: name, init: [], containers },
          index,
        );
      }
    }
    for (const name of existing) {
      const labels = guarded.includes(name) ? { "istio-injection": "enabled" } : {};
      this.objects.push({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
    }
    this.objects.push(...system());
    this.resources = [...new Set(this.objects.map((object) => resourceOf(object)))];
    this.apiVersions = [...new Set(this.objects.map(({ apiVersion }) => apiVersion as string))];
  }

  /** The object of a kind with a name, in any namespace; it has to be there. */
  get(kind: string, name: string): Live {
    const found = this.objects.find((object) => object.kind === kind && object.metadata.name === name);
    if (found === undefined) {
      throw new Error(`there is no ${kind} ${name}`);
    }
    return found;
  }

  pod(name: string): Live {
    return this.objects.find((object) => object.kind === "Pod" && (object.metadata.name as string).startsWith(name));
  }

  add(apiVersion: string, kind: string, place: string, content: object = {}, metadata: object = {}): Live {
    const [namespace, name] = place.split("/") as [string, string];
    const by = [{ manager: "kubectl-create", operation: "Update", time: "2026-11-21T09:00:00Z", fieldsV1: {} }];
    const object = { apiVersion, kind, metadata: { name, namespace, managedFields: by, ...metadata }, ...content };
    this.objects.push(object);
    return object;
  }

  delete(kind: string, name: string): void {
    const object = this.get(kind, name);
    this.objects = this.objects.filter((other) => other !== object);
  }

  /** A pod of somebody else's, and who makes it. */
  addOwned(
    kind: string,
    namespace: string,
    name: string,
    pod: { labels?: object; serviceAccount?: string; init?: string[]; containers?: string[]; spec?: object } = {},
    index = 0,
  ): Live {
    const apiVersion = kind === "Job" ? "batch/v1" : kind === "Rollout" ? "argoproj.io/v1alpha1" : "apps/v1";
    const { labels = { app: name }, serviceAccount = "default", init = [], containers = [name], spec = {} } = pod;
    const image = (container: string) => (container.startsWith("istio") ? "proxyv2:1.31.1-distroless" : "app:1");
    const viaSet = kind === "Deployment" || kind === "Rollout";
    const owner = { apiVersion, kind, name, controller: true };
    const set = { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${name}-5d`, controller: true };
    if (viaSet && index === 0) {
      this.objects.push({ ...set, metadata: { namespace, name: set.name, ownerReferences: [owner] } });
    }
    const live = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: `${name}-5d-${index}`,
        namespace,
        labels,
        creationTimestamp: "2026-11-20T09:00:00Z",
        annotations: containers.includes("istio-proxy")
          ? { "sidecar.istio.io/status": "{}", "istio.io/rev": "default" }
          : {},
        ...(kind === "Pod" ? {} : { ownerReferences: [viaSet ? set : owner] }),
      },
      spec: {
        serviceAccountName: serviceAccount,
        dnsPolicy: "ClusterFirst",
        containers: containers.map((container) => ({ name: container, image: image(container) })),
        initContainers: init.map((container) => ({ name: container, image: image(container) })),
        ...spec,
      },
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    };
    this.objects.push(live);
    return live;
  }

  report(): Report {
    const { objects, refused, resources, apiVersions, serverVersion } = this;
    const data = { objects, refused, resources, apiVersions, serverVersion, takenAt: "2026-11-22T12:00:00Z" };
    return diagnose(subjectOf("test", this.config), new Snapshot(data));
  }

  /** The only finding that there is. */
  finding(): Finding {
    const { findings } = this.report();
    if (findings.length !== 1) {
      throw new Error(`there are ${findings.length} findings: ${findings.map(short).join("; ")}`);
    }
    return findings[0]!;
  }
}

export function short({ check, severity, object }: Finding): string {
  return `${severity} ${object} (${check})`;
}

/** What is on a cluster before the stack: its resolver, and of the mesh what its charts make. */
function system(): Live[] {
  const dns = { "k8s-app": "kube-dns" };
  const metadata = (name: string, namespace?: string, labels = {}) => ({
    name,
    ...(namespace && { namespace }),
    labels,
  });
  const webhook = (name: string, namespaceSelector: object, objectSelector: object) => ({
    name: `${name}.sidecar-injector.istio.io`,
    clientConfig: { caBundle: "aWE=", service: { namespace: "istio-system", name: "istiod" } },
    failurePolicy: "Fail",
    namespaceSelector,
    objectSelector,
  });
  const refuses = { key: "sidecar.istio.io/inject", operator: "NotIn", values: ["false"] };
  const asks = { key: "sidecar.istio.io/inject", operator: "In", values: ["true"] };
  const silent = { key: "istio-injection", operator: "DoesNotExist" };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: metadata("kube-system") },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: metadata("kube-dns", "kube-system", dns),
      spec: { clusterIP: "10.96.0.10" },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: metadata("coredns-1", "kube-system", dns),
      spec: { containers: [] },
      status: { podIP: "10.244.0.2" },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: metadata("kube-dns-x", "kube-system", { "kubernetes.io/service-name": "kube-dns" }),
      endpoints: [{ addresses: ["10.244.0.2"], targetRef: { kind: "Pod", name: "coredns-1" } }],
      ports: [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "metrics", port: 9153, protocol: "TCP" },
      ],
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: metadata("istiod", "istio-system", { "istio.io/rev": "default" }),
      spec: {
        replicas: 1,
        template: {
          metadata: { labels: { app: "istiod" } },
          spec: { containers: [{ name: "discovery", image: "hub/pilot:1.31.1" }] },
        },
      },
      status: { readyReplicas: 1 },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: metadata("istio-sidecar-injector"),
      webhooks: [
        webhook("namespace", { matchLabels: { "istio-injection": "enabled" } }, { matchExpressions: [refuses] }),
        webhook("object", { matchExpressions: [silent] }, { matchExpressions: [asks] }),
      ],
    },
  ];
}
