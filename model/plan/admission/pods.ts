import { plainProxyConfig, PodRule } from "../../ground/admission";
import { poolLabel } from "../../ground/gke/names";
import { freeCapabilities, freeIstioKeys, freeSysctls, proxyVolumes, volumeKinds } from "../../ground/pods/lists";
import { bypassAnnotation, proxyConfigAnnotation } from "../../ground/pods/proxy-config";
import { joined, listed, mapped, quoted, when } from "./cel";
import { Refusal, Resources, Story } from "./policy";

/** What pods of guarded namespaces are held against. */
export interface PodsSetting {
  namespaces: string[];
  /** Registries that images may be of; any where there are none. */
  registries: string[];
  /** Name of the image that sidecars are made from, without its tag. @default any */
  proxyImage?: string;
  /** Drivers of volumes that the mesh's own injection brings, beside those that anybody may have. */
  drivers: string[];
  /** Revision whose injector the pods are for. */
  revision?: string;
  /** Ranges that annotations may leave out of what is led through the sidecar, by `namespace/ServiceAccount`. */
  bypassed: Map<string, string>;
  /** Names of the stack's gateways. */
  gateways: string[];
  /** `namespace/ServiceAccount` of pods that are let pass, by the rule. */
  exemptions: Map<PodRule, string[]>;
}

/** Pods, and all of Kubernetes' own kinds that pods are made from. */
export const podResources: Resources[] = [
  { groups: [""], resources: ["pods", "pods/ephemeralcontainers"], operations: ["CREATE", "UPDATE"] },
  {
    groups: ["apps"],
    resources: ["deployments", "statefulsets", "daemonsets", "replicasets"],
    operations: ["CREATE", "UPDATE"],
  },
  { groups: ["batch"], resources: ["jobs", "cronjobs"], operations: ["CREATE", "UPDATE"] },
  { groups: [""], resources: ["replicationcontrollers"], operations: ["CREATE", "UPDATE"] },
];

const templateOf = (object: string) =>
  `request.kind.kind == "Pod" ? ${object} : ` +
  `(request.kind.kind == "CronJob" ? ${object}.spec.jobTemplate.spec.template : ${object}.spec.template)`;

/** What is read of a pod, or of the template of one, whatever holds it. */
export const podVariables: Record<string, string> = {
  isPod: 'request.kind.kind == "Pod"',
  template: templateOf("object"),
  before: templateOf("oldObject"),
  spec: "variables.template.spec",
  annotations: "variables.template.?metadata.?annotations.orValue({})",
  labels: "variables.template.?metadata.?labels.orValue({})",
  // What ran before these rules did may be scaled and ended, and its controllers may go on with it.
  unchanged:
    'request.operation == "UPDATE" && ((variables.isPod && (variables.controller || variables.node)) || ' +
    "(variables.before.spec == variables.spec && " +
    "variables.before.?metadata.?annotations.orValue({}) == variables.annotations && " +
    "variables.before.?metadata.?labels.orValue({}) == variables.labels))",
  account: 'variables.spec.?serviceAccountName.orValue("") == "" ? "default" : variables.spec.serviceAccountName',
  key: 'request.namespace + "/" + variables.account',
  inits: "variables.spec.?initContainers.orValue([])",
  all: "variables.spec.?containers.orValue([]) + variables.inits + variables.spec.?ephemeralContainers.orValue([])",
  // The injector's containers have a rule of their own; a template has none of them.
  own: 'variables.all.filter(c, !variables.isPod || !(c.name in ["istio-proxy", "istio-init", "istio-validation"]))',
};

/** The two stories that are told of pods: one policy for all would cost more than the API server gives to one. */
export function podStories(setting: PodsSetting): Story[] {
  const where = { in: setting.namespaces };
  // Whoever applies the stack may try a pod; what makes pods is refused to everybody, as its pods would be.
  const variables = podVariables;
  const shared = { where, resources: podResources, platform: 'request.kind.kind == "Pod"', variables };
  return [
    { name: "pods", ...shared, refusals: powers(setting).map((refusal) => exempted(refusal, setting)) },
    {
      name: "sidecars",
      ...shared,
      variables: { ...variables, ...bypassVariable(setting) },
      refusals: sidecars(setting).map((refusal) => exempted(refusal, setting)),
    },
    { name: "gateways", ...shared, refusals: [{ ...gateways(setting), unless: "variables.unchanged" }] },
  ];
}

type PodRefusal = Omit<Refusal, "rule" | "allow" | "unless"> & { rule: PodRule };

function exempted(refusal: PodRefusal, { exemptions }: PodsSetting): Refusal {
  const keys = exemptions.get(refusal.rule) ?? [];
  const key = `{rule: ${refusal.rule}, namespace: `;
  return {
    ...refusal,
    unless: ["variables.unchanged", ...(keys.length === 0 ? [] : [`variables.key in ${listed(keys)}`])].join(" || "),
    allow:
      `${quoted(`The platform's owners can allow it by istio-egress:admission.exemptions: ${key}`)} + request.namespace + ` +
      `", serviceAccount: " + variables.account + ", owner, reason, expires}"`,
  };
}

/** Powers over the node, and what the node does for a pod, past every NetworkPolicy. */
function powers({ registries, drivers }: PodsSetting): PodRefusal[] {
  const security = "c.?securityContext";
  const added = `${security}.?capabilities.?add.orValue([])`;
  const isFree = `a.upperAscii().replace("CAP_", "") in ${listed(freeCapabilities)}`;
  return [
    {
      rule: "host-namespaces",
      found: joined(
        ...["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"].map((field) =>
          when(`variables.spec.?${field}.orValue(false)`, field),
        ),
      ),
      why: "on the node's network there are no NetworkPolicies, and among other processes there are other identities",
    },
    {
      rule: "privileges",
      found: joined(
        ownWith(`${security}.?privileged.orValue(false)`, "is privileged"),
        ownWith(`${added}.exists(a, !(${isFree}))`, "adds capabilities"),
        ownWith(`${security}.?procMount.orValue("Default") != "Default"`, "has procMount"),
        ownWith(`${security}.?windowsOptions.?hostProcess.orValue(false)`, "is a host process"),
        ownWith("c.?ports.orValue([]).exists(p, p.?hostPort.orValue(0) != 0)", "has a hostPort"),
        `variables.spec.?securityContext.?sysctls.orValue([]).filter(s, !(s.name in ${listed(freeSysctls)}))` +
          `.map(s, "sysctl " + s.name)`,
        when(
          "variables.spec.?securityContext.?windowsOptions.?hostProcess.orValue(false)",
          "the pod is a host process",
        ),
      ),
      why: "it would have power over the node, or over how packets are led",
    },
    {
      rule: "volumes",
      found: foreignVolumes(drivers),
      why: "the node would open its own files, or call a server that the pod names",
    },
    {
      rule: "node",
      found: joined(
        when(
          'has(variables.spec.nodeName) && variables.spec.nodeName != "" && (!variables.isPod || request.operation == "CREATE")',
          "nodeName",
        ),
        `variables.spec.?tolerations.orValue([]).filter(t, t.?key.orValue("") == "" || t.key == ${quoted(poolLabel)})` +
          '.map(t, "a toleration of " + (t.?key.orValue("") == "" ? "every taint" : t.key))',
      ),
      why: "it could be put on the gateways' nodes, which have a way out",
    },
    {
      rule: "probes",
      found: joined(
        ...["livenessProbe", "readinessProbe", "startupProbe"].map((probe) =>
          ownWith(callsHost(`c.?${probe}`), `has a ${probe} with a host`, "variables.all"),
        ),
        ...["postStart", "preStop"].map((hook) =>
          ownWith(callsHost(`c.?lifecycle.?${hook}`), `has a ${hook} hook with a host`, "variables.all"),
        ),
      ),
      why: "the node makes this call itself, past every NetworkPolicy; without a host it calls the pod",
    },
    ...(registries.length === 0 ? [] : [images(registries)]),
  ];
}

/** Names of containers that something is true of, and what. */
function ownWith(condition: string, what: string, containers = "variables.own"): string {
  return `${containers}.filter(c, ${condition}).map(c, "container " + c.name + ${quoted(` ${what}`)})`;
}

function callsHost(handler: string): string {
  return `${handler}.?httpGet.?host.orValue("") != "" || ${handler}.?tcpSocket.?host.orValue("") != ""`;
}

function foreignVolumes(drivers: string[]): string {
  const kinds = Object.entries(volumeKinds).map(([kind, known]) => {
    const allowed = kind === "csi" ? [...(known ?? []), ...drivers] : known;
    return allowed === undefined ? `has(v.${kind})` : `(has(v.${kind}) && v.${kind}.driver in ${listed(allowed)})`;
  });
  return `variables.spec.?volumes.orValue([]).filter(v, !(${kinds.join(" || ")})).map(v, "volume " + v.name)`;
}

/** As `wholeImage` and `isOfRegistry` say it of the stack's own workloads. */
function images(registries: string[]): PodRefusal {
  const whole =
    '!i.contains("/") ? "docker.io/library/" + i : ' +
    '(i.split("/")[0].matches("[.:]|^localhost$") ? i : "docker.io/" + i)';
  const of = registries.map((registry) => `w.startsWith(${quoted(`${registry}/`)})`).join(" || ");
  const named =
    'variables.all.map(c, c.?image.orValue("")).filter(i, i != "") + ' +
    'variables.spec.?volumes.orValue([]).filter(v, has(v.image)).map(v, v.image.?reference.orValue(""))';
  return {
    rule: "registries",
    found: `(${named}).map(i, ${whole}).filter(w, !(${of})).map(w, "image " + w)`,
    why:
      "the node pulls an image by its name from whatever registry that names, and the name itself can carry data out; " +
      `allowed by istio-egress:admission.registries: ${registries.join(", ")}`,
  };
}

/** What keeps the sidecar the one that the injector makes, and everything led through it. */
function sidecars(setting: PodsSetting): PodRefusal[] {
  const { revision = "default" } = setting;
  const isIstios = '(k.startsWith("istio.io/") || k.contains(".istio.io/"))';
  const values = (of: string, allowed: Record<string, string[]>) =>
    Object.entries(allowed).map(([key, each]) => `(k == ${quoted(key)} && variables.${of}[k] in ${listed(each)})`);
  const freeAnnotations = [
    `k in ${listed(freeIstioKeys)}`,
    // What the injector notes on the pods that it has seen.
    '(variables.isPod && k in ["sidecar.istio.io/status", "istio.io/rev"])',
    ...values("annotations", {
      "sidecar.istio.io/inject": ["true"],
      "istio.io/rev": [revision],
      // With istio-cni the injector writes these; they say nothing new.
      "sidecar.istio.io/interceptionMode": ["REDIRECT"],
      "traffic.sidecar.istio.io/includeOutboundIPRanges": ["*"],
      "traffic.sidecar.istio.io/includeInboundPorts": ["*"],
      "traffic.sidecar.istio.io/excludeInboundPorts": ["", "15020"],
    }),
    `(k == ${quoted(bypassAnnotation)} && variables.annotations[k] == variables.bypassed)`,
    `(k == ${quoted(proxyConfigAnnotation)} && variables.annotations[k].matches(${quoted(plainProxyConfig)}))`,
  ];
  const freeLabels = [
    `k in ${listed(freeIstioKeys)}`,
    ...values("labels", {
      "sidecar.istio.io/inject": ["true"],
      "istio.io/rev": [revision],
      "security.istio.io/tlsMode": ["istio"],
      "networking.istio.io/tunnel": ["http"],
    }),
  ];
  // Networks beside the guarded one; what a network's own plugin notes on a pod later is let pass.
  const network =
    'k.matches("^(k8s[.]v1[.]cni[.]cncf[.]io|v1[.]multus-cni[.]io|networking[.]gke[.]io|cni[.]projectcalico[.]org|' +
    'k8s[.]ovn[.]org|ovn[.]kubernetes[.]io)/") && request.operation == "CREATE" && ' +
    '!(variables.isPod && k == "k8s.v1.cni.cncf.io/networks" && variables.annotations[k] == "default/istio-cni")';
  return [
    {
      rule: "annotations",
      found:
        `variables.annotations.filter(k, (${isIstios} && !(${freeAnnotations.join(" || ")})) || (${network}))` +
        '.map(k, "annotation " + k)',
      why: "it would change the sidecar, or lead packets past it",
    },
    {
      rule: "labels",
      found: `variables.labels.filter(k, ${isIstios} && !(${freeLabels.join(" || ")})).map(k, "label " + k)`,
      why: "Istio reads it, and it may take the pod out of the guard",
    },
    {
      rule: "sidecar-user",
      found: joined(
        when(
          ["runAsUser", "runAsGroup", "fsGroup"]
            .map((field) => `variables.spec.?securityContext.?${field}.orValue(0) == 1337`)
            .concat("variables.spec.?securityContext.?supplementalGroups.orValue([]).exists(g, g == 1337)")
            .join(" || "),
          "the pod is user or group 1337",
        ),
        ownWith(
          "c.?securityContext.?runAsUser.orValue(0) == 1337 || c.?securityContext.?runAsGroup.orValue(0) == 1337",
          "is user or group 1337",
        ),
      ),
      why: "that is the sidecar's own user, and nothing that it sends is led through the sidecar",
    },
    {
      rule: "sidecar",
      found: `variables.isPod ? (${sidecarOfPod(setting)}) : (${sidecarOfTemplate()})`,
      why: "the sidecar is the injector's to make",
    },
  ];
}

/** What nobody but the injector writes: it lays what it finds under these names over its own. */
function sidecarOfTemplate(): string {
  return joined(
    'variables.all.filter(c, c.name.startsWith("istio-") || c.name == "enable-core-dump").map(c, "container " + c.name)',
    `variables.spec.?volumes.orValue([]).filter(v, v.name in ${listed(proxyVolumes)}).map(v, "volume " + v.name)`,
  );
}

/**
 * The containers that have come of the injection, whatever the request brought: an annotation that tells of overrides is
 * missing where the request says that it was injected before.
 *
 * Source: Istio's injection template of 1.31, with istio-init and with istio-cni.
 */
function sidecarOfPod({ proxyImage }: PodsSetting): string {
  const plain = [
    "!has(c.command)",
    "!c.?securityContext.?privileged.orValue(false)",
    ...(proxyImage === undefined
      ? []
      : [`(c.image.startsWith(${quoted(`${proxyImage}:`)}) || c.image.startsWith(${quoted(`${proxyImage}@`)}))`]),
  ];
  const proxy = [
    'c.name == "istio-proxy"',
    ...plain,
    "size(c.?args.orValue([])) > 1",
    'c.args[0] == "proxy" && c.args[1] == "sidecar"',
    "c.?securityContext.?runAsUser.orValue(0) == 1337",
    "size(c.?securityContext.?capabilities.?add.orValue([])) == 0",
  ];
  const after = (flag: string) => `c.args[c.args.indexOf(${quoted(flag)}) + 1]`;
  const redirection = [
    'c.name in ["istio-init", "istio-validation"]',
    ...plain,
    "size(c.?args.orValue([])) > 12",
    'c.args[0] == "istio-iptables"',
    ...["-u", "-m", "-i", "-x", "-b"].map((flag) => `${quoted(flag)} in c.args`),
    `${after("-u")} == "1337"`,
    `${after("-m")} == "REDIRECT"`,
    `${after("-i")} == "*"`,
    `${after("-x")} in ["", variables.bypassed]`,
    `${after("-b")} == "*"`,
    'c.args.all(a, !(a in ["-q", "-o", "-k", "-c"]))',
  ];
  // As a native sidecar it is an init container that goes on running.
  const running = '(variables.spec.containers + variables.inits.filter(c, c.?restartPolicy.orValue("") == "Always"))';
  return joined(
    `${running}.exists_one(c, ${proxy.join(" && ")}) ? [] : ["istio-proxy is missing, or another's"]`,
    `variables.inits.exists_one(c, ${redirection.join(" && ")}) ? [] : ["istio-init is missing, or leads packets elsewhere"]`,
  );
}

function gateways({ gateways }: PodsSetting): Refusal {
  return {
    rule: "gateways",
    found: joined(
      when(`"istio" in variables.labels && variables.labels["istio"] in ${listed(gateways)}`, "label istio"),
      when('"istio-egress/gateway" in variables.labels', "label istio-egress/gateway"),
    ),
    why: "the egress gateways' pods are told by this label",
    allow: '"Nothing allows it: use another label"',
  };
}

/** What annotations may leave out of what is led through the sidecar, for the pod's own ServiceAccount. */
function bypassVariable({ bypassed }: PodsSetting): Record<string, string> {
  const ranges = mapped([...bypassed].map(([key, value]) => [key, quoted(value)] as const));
  return { bypassed: bypassed.size === 0 ? '""' : `${ranges}[?variables.key].orValue("")` };
}
