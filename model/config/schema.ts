import { z } from "zod";
import { defaultCollectorPort } from "../ground/collector";
import { directKinds } from "../ground/direct";
import { clusterAdministrators, objectRules, podRules } from "../ground/admission";
import { defaultPorts, protocols } from "../ground/protocols";
import { traitSchemas } from "./traits";

/**
 * The shape of each key of the configuration, with its defaults; the types in ./types are inferred from it. What one key
 * says about another is checked apart, in ./sections.
 */

const text = z.string().min(1);
/** A text that says something to a reader. */
const words = z.string().regex(/\S/);
const name = text;
const port = z.int().min(1).max(65535);
const labels = z.record(z.string(), z.string());

/** A cluster that exists; the other kind has its shape in ./gke-schema. */
export const clusterSchema = z.strictObject({
  kind: z.enum(["existing", "gke"]),
  /** Path of a kubeconfig file. @default the ambient one: $KUBECONFIG, then ~/.kube/config */
  kubeconfig: text.optional(),
  /** Name of a context in the kubeconfig. @default its current context */
  context: text.optional(),
  /** Where pods ask for names. */
  dns: z
    .strictObject({
      /** IPv4 addresses of resolvers on the node and beyond it, beside kube-dns' own pods, sorted. @default [] */
      resolvers: z.array(z.string()).default([]),
      /** Port that kube-dns' pods listen on, behind port 53 of their Service. @default 53 */
      port: port.default(53),
    })
    .prefault({}),
  /**
   * The cluster's own addresses: ranges of its nodes, pods and Services, and of its API server, in CIDR notation, sorted.
   * Nothing of them is granted to anybody. @default not known: then no destination may have private ranges
   */
  ranges: z.array(z.string()).min(1).optional(),
  /** Where the API server answers pods. @default not known: then nobody can be granted it */
  api: z
    .strictObject({
      /** Address of the Service `default/kubernetes`. */
      service: z.string(),
      /** Addresses that the Service leads to, or ranges that hold them, in CIDR notation, sorted. */
      endpoints: z.array(z.string()).min(1),
      /** Port of these. @default 6443 */
      port: port.default(6443),
    })
    .optional(),
  /** Whether it is one of GKE's, on whose every node Workload Identity's metadata server runs. @default false */
  workloadIdentity: z.boolean().optional(),
  /** Where the control plane of a mesh that exists answers; that of `mesh.kind: istio` is the stack's own. */
  controlPlane: z
    .strictObject({
      /** Namespace of istiod's pods. @default "istio-system" */
      namespace: name.optional(),
      /** Addresses of one outside the cluster, which answers on port 443, in CIDR notation, sorted. @default it is in the cluster */
      ranges: z.array(z.string()).min(1).optional(),
    })
    .optional(),
});

/** Mode of the PeerAuthentications: mesh-wide, or one in each namespace of the stack where the mesh is not its own. */
const mtls = z.literal("STRICT").default("STRICT");

/** The keys of each kind of mesh, by that kind. */
export const meshSchemas = {
  istio: z.strictObject({
    kind: z.literal("istio").default("istio"),
    /** Istio's version, which is also the charts'. @default "1.31.1" */
    version: text.default("1.31.1"),
    mtls,
    /**
     * How sidecars call Services of the mesh: `auto` speaks mutual TLS with whoever has a sidecar; `forced` speaks it
     * with everybody under `*.local`, as GKE's Istio addon once made them.
     * @default "auto"
     */
    clientMtls: z.enum(["auto", "forced"]).default("auto"),
    /**
     * Where the charts `base` and `istiod` are: a repository's URL, with http(s) or oci, or a folder that holds `base`
     * and `istio-control/istio-discovery`. Source of the default: the upgrade notes of Istio 1.31.
     * @default "https://blob.istio.io/istio-release/charts"
     */
    charts: text.default("https://blob.istio.io/istio-release/charts"),
    /** Values for the istiod chart, merged over our own. @default {} */
    values: z.record(z.string(), z.unknown()).default({}),
  }),
  existing: z.strictObject({
    kind: z.literal("existing"),
    mtls,
    /** Revision whose injector the pods are for. @default the one that answers to `istio-injection: enabled` */
    revision: name.optional(),
    /** @default "cluster.local" */
    trustDomain: text.default("cluster.local"),
    /** Whether it takes EnvoyFilters; without them gateways list their hosts one by one, `mostListedHosts` each. @default true */
    envoyFilters: z.boolean().default(true),
  }),
  "cloud-service-mesh": z.strictObject({
    kind: z.literal("cloud-service-mesh"),
    mtls,
  }),
};

const pods = z.int().min(2).max(1000);

export const gatewaySchema = z.strictObject({
  /** @default "istio-egress" */
  namespace: name.default("istio-egress"),
  /** Pods; two at least, so that a node can be drained. @default 2 */
  replicas: pods.default(2),
  /**
   * Pods at most: between `replicas` and this many, as the load asks for.
   * @default `replicas`; on a GKE cluster of the stack's own as many as the gateways' pool has nodes at most
   */
  maxReplicas: pods.optional(),
  /** How long connections go on that were opened under policies which have changed since. @default "45s" */
  drain: z.unknown().optional(),
});

export const namedGatewaySchema = z.strictObject({
  /** Names of destinations, sorted, one at least; each is in one gateway at most. */
  destinations: z.array(z.string()).min(1),
  /** @default the shared gateway's */
  replicas: pods.optional(),
  /** @default the shared gateway's */
  maxReplicas: pods.optional(),
  /** @default the shared gateway's */
  drain: z.unknown().optional(),
});

/**
 * How far the guard of a namespace of somebody else's goes. `inject` labels it and tells sidecars the granted hosts, which
 * cuts no pod that runs without a sidecar; `enforce` adds NetworkPolicies and strict mutual TLS; `leave` takes both back,
 * and keeps what sidecars that still run are told, until the pods were restarted and the entry is removed.
 */
export const guards = ["inject", "enforce", "leave"] as const;

/**
 * What becomes of calls that no rule grants: `enforce` refuses them; `observe` lets them pass by a gateway of their own,
 * which logs each of them as one that would be denied.
 */
export const modes = ["enforce", "observe"] as const;

export const namespaceSchema = z.strictObject({
  /** Labels beside those that injection needs, of a namespace that is made here. @default {} */
  labels: labels.default({}),
  /** Whether it is somebody else's: labelled and guarded, and never made, owned or deleted. @default false */
  existing: z.boolean().default(false),
  /** Of an existing namespace; one that is made here is guarded before there is a pod in it. @default "enforce" */
  guard: z.enum(guards).default("enforce"),
  /** Namespaces that are not guarded, whose Services and pods this one's pods may call; sorted. @default [] */
  peers: z.array(z.string()).default([]),
  /** What becomes of calls of its pods that no rule grants. @default "enforce" */
  mode: z.enum(modes).default("enforce"),
  /** Who may open connections to its pods, beside pods of guarded namespaces. @default whoever reaches them */
  ingress: z.strictObject({ from: z.array(z.unknown()).default([]) }).optional(),
});

/** Pods of a namespace that is not guarded, or addresses; the fields are those of `IngressSource`. */
export const ingressSourceSchema = z.strictObject({
  namespace: name.optional(),
  selector: labels.optional(),
  addresses: z.array(z.string()).min(1).optional(),
  ports: z.array(port).min(1).optional(),
  reason: words.optional(),
});

/** Part of a pod template, as Kubernetes has it; what opens the guard is refused by `podProblems`. */
export const podSchema = z.strictObject({
  metadata: z.strictObject({ labels: labels.optional(), annotations: labels.optional() }).optional(),
  spec: z.record(z.string(), z.unknown()).optional(),
});

/** A workload that the stack makes: a ServiceAccount of its name, a Deployment, and a Service if it has a port. */
const madeFields = {
  image: text,
  /** Port on which the container serves HTTP; the Service has it as port 80. @default none */
  port: port.optional(),
  /** More ports of the container by their names, which the Service has under the same numbers. @default {} */
  ports: z.record(z.string(), port).default({}),
  /** Pods; `auto` leaves their number to an autoscaler or a person, and it is never sent. @default 1 */
  replicas: z
    .union([z.int().min(0).max(1000), z.literal("auto")])
    .describe("a whole number from 0 to 1000, or auto")
    .default(1),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  /** @default {} */
  env: labels.default({}),
  /** Laid over the pod template at any depth; entries of lists meet by their names. @default {} */
  pod: podSchema.default({}),
  /** Annotations of the ServiceAccount, such as a cloud's identity. @default {} */
  serviceAccountAnnotations: labels.default({}),
};

/** What becomes of the workload's calls that no rule grants. @default its namespace's */
const mode = z.enum(modes).optional();

export const madeWorkloadSchema = z.strictObject({ namespace: name, mode, ...madeFields });

/** The keys of a workload that is made here and have no meaning beside `existing`. */
export const madeKeys = Object.keys(madeFields);

export const existingWorkloadSchema = z.strictObject({
  namespace: name,
  mode,
  existing: z.strictObject({
    /** Name of the pods' ServiceAccount: the identity that is granted hosts. */
    serviceAccount: name,
    /** Labels that exactly the workload's pods have. @default { app: <the workload's name> } */
    selector: labels.optional(),
  }),
});

export const destinationSchema = z
  .strictObject({
    /** Of what the cluster has itself, which is read by `directSchema`. */
    kind: z.undefined().optional(),
    /** Exact host names and wildcards, sorted; with a preset those beside its own. @default the preset's only */
    hosts: z.array(z.string()).min(1).optional(),
    /** What a well-known service needs, as `github`, or in the edition of a day, as `github@2026-12-01`. @default none */
    preset: text.optional(),
    /** What has no name, in the place of hosts: IPv4 addresses and ranges in CIDR notation, sorted. @default none */
    addresses: z.array(z.string()).min(1).optional(),
    /** What the hosts are called by on the protocols' own ports. @default ["http", "https"]; none where there are `ports` */
    protocols: z.array(z.enum(protocols)).min(1).optional(),
    /** Other ports, each with what is spoken on it, as `5432/tcp`; sorted. @default [] */
    ports: z.array(z.string()).min(1).optional(),
    /** What it may say beside: see ./traits. */
    ...traitSchemas,
  })
  .describe("{hosts: [api.example.org]}, or a preset, addresses or a kind");

/** What the cluster has itself, and no gateway leads to. */
export const directSchema = z.strictObject({ kind: z.enum(directKinds) });

export const outsideSchema = z.strictObject({
  /** One of the guarded namespaces: the Service's, and that of all workloads that may be allowed it. */
  namespace: name,
  /** IPv4 addresses, sorted; with `via: bypass` ranges in CIDR notation too. */
  addresses: z.array(z.string()).min(1),
  /** Ports by what is spoken on them, one at least. @default { http: 80, https: 443 } */
  ports: z.strictObject({ http: port.optional(), https: port.optional() }).default(defaultPorts),
  /** `service`: the sidecar knows it, and calls it without mutual TLS. `bypass`: its addresses go past the sidecar. */
  via: z.enum(["service", "bypass"]),
  /** With `via: service`: `disabled`, or as the `mesh` has it for all of its Services. @default "disabled" */
  clientMtls: z.enum(["disabled", "mesh"]).default("disabled"),
});

/**
 * What a rule is to its readers: `enforce` grants; `report` lets the same calls pass, and each of them is told as one that
 * would be denied.
 */
export const ruleModes = ["enforce", "report"] as const;

export const ruleSchema = z
  .strictObject({
    /** `namespace/workload`, or `namespace/*` for every ServiceAccount of a guarded namespace. */
    from: text,
    /** Name of a destination, or of a service under `outside`. */
    to: text,
    owner: words.optional(),
    reason: words.optional(),
    /** Last day on which the rule holds, `YYYY-MM-DD`, or the moment at which it ends, `YYYY-MM-DDTHH:MM:SSZ`; in UTC. */
    expires: z.unknown().optional(),
    /** When somebody last looked whether it is needed, and who: `2026-09-01 by alice`. The day is in UTC. */
    reviewed: text.optional(),
    /** Whether its calls are told as ones that would be denied; they pass in either mode. @default "enforce" */
    mode: z.enum(ruleModes).optional(),
  })
  .describe("{from: namespace/workload, to: destination}");

/** A host that nobody may be allowed; a text is its name, and the default for the rest. */
export const denySchema = z.strictObject({
  host: text,
  /** Whether every name below the host's is denied with it. @default true */
  below: z.boolean().default(true),
});

/** Users and groups, as the API server knows them. */
const who = (groups: readonly string[]) =>
  z.strictObject({
    users: z.array(words).default([]),
    groups: z.array(words).default([...groups]),
  });

export const admissionSchema = z.strictObject({
  /** `off` makes no policies; `warn` lets everything pass and says what `deny` would refuse. @default "off" */
  mode: z.enum(["off", "warn", "deny"]).default("off"),
  /** Whoever applies the stack. @default administrators of the cluster: `system:masters`, `kubeadm:cluster-admins` */
  platform: who(clusterAdministrators).prefault({}),
  /** Registries, or parts of one, that images may be of, sorted. @default any */
  registries: z.array(text).default([]),
  /** Name of the image that the mesh's sidecars are made from, without its tag. @default any */
  proxyImage: text.optional(),
  /** Audiences that anybody may have a token of a guarded namespace for, beside the API server, sorted. @default [] */
  audiences: z.array(text).default([]),
  /** Who may exec into pods, attach, forward ports and add ephemeral containers, if they may at all. @default "anybody" */
  exec: z.enum(["anybody", "platform"]).default("anybody"),
  /** By `namespace/workload`: who makes its pods, beside the platform. @default {} */
  owners: z.record(z.string(), z.unknown()).default({}),
  exemptions: z.array(z.unknown()).default([]),
});

export const ownersSchema = who([]);

export const exemptionSchema = z.strictObject({
  rule: z.enum([...podRules, ...objectRules]),
  /** One of the guarded namespaces. */
  namespace: name,
  /** Of a rule about pods: the ServiceAccount of those that are let pass. */
  serviceAccount: name.optional(),
  /** Of a rule about other objects: which one, as `Service/web`. */
  object: text.optional(),
  owner: words,
  reason: words,
  /** Last day on which it holds, `YYYY-MM-DD`, in UTC. */
  expires: z.unknown().describe("a date as 2027-06-30"),
});

/** Access that is taken beside the stack's file, by `egress grant`. */
export const breakGlassSchema = z.strictObject({
  /** For how long at most: a minute to a week, in whole hours or minutes. @default "8h" */
  longest: z.unknown().optional(),
});

export const dnsSchema = z.strictObject({
  /**
   * Whom guarded pods ask for names: `off`, the cluster's resolver, which looks everything up; `allowed-only`, one of the
   * stack's own, which knows what is granted, and refuses the rest.
   * @default "off"
   */
  mode: z.enum(["off", "allowed-only"]).default("off"),
  /** Address of its Service: one of the cluster's range for Services. */
  address: text.optional(),
  /**
   * CoreDNS, with the plugins of its own build.
   * @default "docker.io/coredns/coredns:1.14.7"; on a GKE cluster of the stack's own the same, by its mirror of Docker Hub
   */
  image: text.optional(),
  /** Its pods; two at least, so that a node can be drained. @default 2 */
  replicas: pods.default(2),
});

/** Who is let do what with the stack's objects, beside whoever applies it. */
export const rbacSchema = z.strictObject({
  /** May change what the allowlist is made into, as `pulumi up` of the stack does. @default nobody */
  change: who([]).optional(),
  /** By guarded namespace: may deploy into it, without what opens the guard. @default {} */
  deploy: z.record(z.string(), z.unknown()).optional(),
  /** May read what `egress doctor`, `logs` and `graph --live` read. @default nobody */
  look: who([]).optional(),
  /** May run commands in guarded pods, as `egress matrix --live` and `egress tls --live` do. @default nobody */
  probe: who([]).optional(),
});

/**
 * What a stack makes of metrics. `counters`: gateways and sidecars count calls, and the gateways' port is opened to
 * Prometheus. `operator`: the same, and for the Prometheus Operator what scrapes them, alert rules and a dashboard.
 */
export const metricsModes = ["off", "counters", "operator"] as const;

export const metricsSchema = z.strictObject({
  /** `off` counts nothing and makes nothing. @default "off" */
  mode: z.enum(metricsModes).default("off"),
  /** The pods that may scrape the gateways, and nobody else. */
  prometheus: z
    .strictObject({
      /** Their namespace, which is not guarded. @default "monitoring" */
      namespace: name.default("monitoring"),
      /** Their labels, one at least. @default { app.kubernetes.io/name: prometheus } */
      selector: labels.default({ "app.kubernetes.io/name": "prometheus" }),
    })
    .prefault({}),
  /** Labels by which a Prometheus chooses its PodMonitors and PrometheusRules, as `release: …`. @default {} */
  labels: labels.default({}),
});

/** Where the gateways' log goes, beside their standard output. */
export const logsSchema = z.strictObject({
  /** A collector that takes OTLP over gRPC, in plain text. @default none */
  openTelemetry: z
    .strictObject({
      /** Full name of its Service, as `otel-collector.monitoring.svc.cluster.local`. */
      service: text,
      /** Port of the Service. @default 4317 */
      port: port.default(defaultCollectorPort),
      /** Port of the pods behind it, where that is another one. @default the Service's */
      podPort: port.optional(),
    })
    .optional(),
});

/** Every key of the configuration, without its prefix. */
export const configKeys = [
  "cluster",
  "mesh",
  "gateway",
  "gateways",
  "namespaces",
  "workloads",
  "destinations",
  "outside",
  "allow",
  "deny",
  "admission",
  "breakGlass",
  "dns",
  "rbac",
  "metrics",
  "logs",
] as const;

/** The keys that may be encrypted in the stack file; the others are there to be read in reviews. */
export const secretKeys = ["mesh", "workloads"] as const satisfies readonly ConfigKey[];

export type SecretKey = (typeof secretKeys)[number];

export type ConfigKey = (typeof configKeys)[number];
