import { poolLabel } from "../../ground/gke/names";
import { freeCapabilities, freeSysctls, volumeKinds } from "../../ground/pods/lists";
import { joined, listed, quoted, when } from "./cel";
import { writes } from "./kinds";
import { ownWith, PodRefusal, PodsSetting } from "./pods-setting";
import { Refusal, Resources, Story } from "./policy";
import { bypassVariable, injectedVariables, sidecars } from "./sidecars";

/** Pods, and all of Kubernetes' own kinds that pods are made from. */
export const podResources: Resources[] = [
  { groups: [""], resources: ["pods", "pods/ephemeralcontainers"], operations: writes },
  {
    groups: ["apps"],
    resources: ["deployments", "statefulsets", "daemonsets", "replicasets"],
    operations: writes,
  },
  { groups: ["batch"], resources: ["jobs", "cronjobs"], operations: writes },
  { groups: [""], resources: ["replicationcontrollers"], operations: writes },
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
  // The injector's containers have a rule of their own; a template has none of them. What has their names only is held to
  // the rules for everybody's.
  own: `variables.all.filter(c, !variables.isPod || !(${injectors("c")}))`,
};

/** Whether a container is made as the injector makes its own, so far as it needs powers that others may not have. */
function injectors(c: string): string {
  const added = `${c}.?securityContext.?capabilities.?add.orValue([])`;
  const plain =
    `!has(${c}.command) && !${c}.?securityContext.?privileged.orValue(false) && ${c}.?securityContext.?procMount.orValue("Default") == "Default" && ` +
    `${c}.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0)`;
  const first = (word: string) => `${c}.?args.orValue([""])[?0].orValue("") == ${quoted(word)}`;
  return (
    `${plain} && ((${c}.name == "istio-proxy" && ${first("proxy")} && size(${added}) == 0) || ` +
    `(${c}.name in ["istio-init", "istio-validation"] && ${first("istio-iptables")} && ` +
    `${added}.all(a, a in ["NET_ADMIN", "NET_RAW"])))`
  );
}

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
      variables: { ...variables, ...bypassVariable(setting), ...injectedVariables(setting) },
      refusals: sidecars(setting).map((refusal) => exempted(refusal, setting)),
    },
    { name: "gateways", ...shared, refusals: [{ ...gateways(setting), unless: "variables.unchanged" }] },
  ];
}

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
    '(!i.split("/")[0].matches("[.:A-Z]|^localhost$") ? "docker.io/" + i : ' +
    '(!i.matches("^(index[.])?docker[.]io/") ? i : ' +
    '"docker.io/" + (i.split("/").size() == 2 ? "library/" : "") + i.substring(i.indexOf("/") + 1)))';
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
