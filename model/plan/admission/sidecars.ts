import { plainProxyConfig } from "../../ground/admission";
import { freeIstioKeys, proxyVolumes } from "../../ground/pods/lists";
import { bypassAnnotation, proxyConfigAnnotation } from "../../ground/pods/proxy-config";
import { joined, listed, mapped, quoted, when } from "./cel";
import { ownWith, PodRefusal, PodsSetting } from "./pods-setting";

/** What keeps the sidecar the one that the injector makes, and everything led through it. */
export function sidecars(setting: PodsSetting): PodRefusal[] {
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
      found: `variables.isPod ? (${sidecarOfPod()}) : (${sidecarOfTemplate()})`,
      why: "the sidecar is the injector's to make",
    },
  ];
}

/** What nobody but the injector writes: it lays what it finds under these names over its own. */
function sidecarOfTemplate(): string {
  return joined(
    `variables.all.filter(c, ${isInjectorsName("c.name")}).map(c, "container " + c.name)`,
    `variables.spec.?volumes.orValue([]).filter(v, v.name in ${listed(proxyVolumes)}).map(v, "volume " + v.name)`,
  );
}

/**
 * The containers that have come of the injection, whatever the request brought: an annotation that tells of overrides is
 * missing where the request says that it was injected before.
 *
 * Source: Istio's injection template of 1.31, with istio-init and with istio-cni.
 */
function sidecarOfPod(): string {
  return joined(
    'size(variables.sidecarNames) == 1 ? [] : ["istio-proxy is missing, or another\'s"]',
    'size(variables.redirectionNames) == 1 ? [] : ["istio-init is missing, or leads packets elsewhere"]',
    // One of the injector's names that is none of these: with the other's name it would have the powers of the injector's.
    "variables.all.filter(c, " +
      `(${isInjectorsName("c.name")}) && !(c.name in variables.sidecarNames) && !(c.name in variables.redirectionNames))` +
      '.map(c, "container " + c.name + " is not as the injector makes it")',
  );
}

/** Names of the containers that are the sidecar, and of those that lead packets to it: one of each in a pod. */
export function injectedVariables({ proxyImage }: PodsSetting): Record<string, string> {
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
    // Programs of the image, and not what a volume puts in their place.
    `c.?volumeMounts.orValue([]).all(m, !m.mountPath.matches(${quoted(programs)}))`,
    `c.?env.orValue([]).all(e, !e.name.matches(${quoted(loaders)}))`,
    // It runs what it names, as the sidecar's user.
    "!has(c.livenessProbe)",
    "size(c.?args.orValue([])) > 1",
    'c.args[0] == "proxy" && c.args[1] == "sidecar"',
    "c.?securityContext.?runAsUser.orValue(0) == 1337",
    "size(c.?securityContext.?capabilities.?add.orValue([])) == 0",
  ];
  const redirection = [
    'c.name in ["istio-init", "istio-validation"]',
    ...plain,
    // The API server's token is all that is mounted.
    'c.?volumeMounts.orValue([]).all(m, m.mountPath == "/var/run/secrets/kubernetes.io/serviceaccount")',
    // It takes variables for the flags that it is not given.
    "size(c.?envFrom.orValue([])) == 0",
    `c.?env.orValue([]).all(e, !(e.name in ${listed(redirectionVariables)}) && !e.name.matches(${quoted(loaders)}))`,
    // Of a flag that is there twice the last one counts, so the flags are held against their whole line.
    'c.?args.orValue([]).all(a, !a.contains("\\n"))',
    `c.?args.orValue([]).join("\\n").matches(${quoted(redirectionFlags)})`,
    'c.args[c.args.indexOf("-x") + 1] in ["", variables.bypassed]',
    // With istio-cni it looks whether packets are led already, and leads none.
    '(c.name == "istio-validation") == ("--skip-rule-apply" in c.args)',
    '(c.name == "istio-validation") == ("--run-validation" in c.args)',
  ];
  // As a native sidecar it is an init container that goes on running.
  const running = '(variables.spec.containers + variables.inits.filter(c, c.?restartPolicy.orValue("") == "Always"))';
  return {
    sidecarNames: `${running}.filter(c, ${proxy.join(" && ")}).map(c, c.name)`,
    redirectionNames: `variables.inits.filter(c, ${redirection.join(" && ")}).map(c, c.name)`,
  };
}

const isInjectorsName = (name: string) => `${name}.startsWith("istio-") || ${name} == "enable-core-dump"`;

/** Where an image has its programs and what they load, in any spelling: a path need not begin with a slash. */
const programs =
  "(^|/)[.][.]?(/|$)|^/*$|^/*(bin|sbin|usr|lib[^/]*|proc|dev)(/|$)|^/*etc/*$|^/*etc/+(ld[.]|alternatives)";

/** Variables by which programs load or find other ones. */
const loaders = "^(LD_.*|PATH|ISTIO_BOOTSTRAP.*)$";

/**
 * Flags of istio-iptables as the injector gives them, each on a line of its own.
 *
 * Source: Istio's injection template of 1.31.
 */
const redirectionFlags =
  "^istio-iptables\n-p\n[0-9]+\n-z\n[0-9]+\n-u\n1337\n-m\nREDIRECT\n-i\n[*]\n-x\n[0-9./,]*\n-b\n[*]\n-d\n[0-9,]*" +
  "(\n--(log_output_level=[^\n]*|log_as_json|run-validation|skip-rule-apply|force-apply|native-nftables))*$";

/**
 * Variables that istio-iptables takes for a flag, of those that lead packets past the sidecar.
 *
 * Source: Istio's tools/istio-iptables/pkg/cmd/root.go of 1.31.
 */
const redirectionVariables = [
  "CLEANUP_ONLY",
  "CNI_MODE",
  "DRY_RUN",
  "HOST_FILESYSTEM_POD_NETWORK",
  "ISTIO_EXCLUDE_INTERFACES",
  "ISTIO_LOCAL_OUTBOUND_PORTS_EXCLUDE",
  "ISTIO_OUTBOUND_PORTS",
  "KUBE_VIRT_INTERFACES",
  "NETWORK_NAMESPACE",
  "PROXY_GID",
  "SKIP_RULE_APPLY",
];

/** What annotations may leave out of what is led through the sidecar, for the pod's own ServiceAccount. */
export function bypassVariable({ bypassed }: PodsSetting): Record<string, string> {
  const ranges = mapped([...bypassed].map(([key, value]) => [key, quoted(value)] as const));
  return { bypassed: bypassed.size === 0 ? '""' : `${ranges}[?variables.key].orValue("")` };
}
