import { haveLabels } from "../../ground/label-selector";
import { sortedUnique } from "../../ground/order";
import { labelsText } from "../labels";
import { controlPlanes } from "../control-planes";
import { managerOf } from "../managers";
import { keyOf, Labels, LiveObject, named, resourceOf, Snapshot } from "../snapshot";
import { gatewayLabels, isPlanned, Subject } from "../subject";
import { Check, Found, Severity } from "../types";
import { isOurOwn } from "./drift";

/** Of Istio's objects, as much as says whom they touch. */
interface IstioObject extends LiveObject {
  spec?: {
    selector?: { matchLabels?: Labels } & Labels;
    workloadSelector?: { labels?: Labels };
    gateways?: string[];
    hosts?: string[];
    host?: string;
    action?: string;
    mtls?: { mode?: string };
    portLevelMtls?: Record<string, { mode?: string }>;
    servers?: { hosts?: string[] }[];
  };
}

const istioKinds = [
  "VirtualService.networking.istio.io",
  "Gateway.networking.istio.io",
  "EnvoyFilter.networking.istio.io",
  "ServiceEntry.networking.istio.io",
  "DestinationRule.networking.istio.io",
  "Sidecar.networking.istio.io",
  "WorkloadEntry.networking.istio.io",
  "ProxyConfig.networking.istio.io",
  "AuthorizationPolicy.security.istio.io",
  "PeerAuthentication.security.istio.io",
  "RequestAuthentication.security.istio.io",
  "Telemetry.telemetry.istio.io",
  "WasmPlugin.extensions.istio.io",
];

/** Resources of Istio's that are read. */
export const istioResources = istioKinds.map((kind) => {
  const [name, ...group] = kind.split(".") as [string, ...string[]];
  return resourceOf({ apiVersion: `${group.join(".")}/v1`, kind: name });
});

/** Of all namespaces: these reach into others'. */
export const everywhere = ["gateways.networking.istio.io", "virtualservices.networking.istio.io"];

/** Istio's objects by others: those that touch the gateways, the granted hosts, or the walls of guarded namespaces. */
export const istioObjects: Check = {
  name: "istio-objects",
  promise: "no object of Istio's by somebody else touches the gateways, the granted hosts or the guards",
  needs: ({ guarded, gatewayNamespace, rootNamespace }) => [
    ...[...guarded, gatewayNamespace, rootNamespace].flatMap((namespace) =>
      istioResources.map((resource) => ({ resource, namespace })),
    ),
    ...everywhere.map((resource) => ({ resource })),
    { resource: "deployments.apps" },
  ],
  run: (subject, snapshot) =>
    istioKinds.flatMap((kind) =>
      snapshot
        .of<IstioObject>(kind)
        .filter((object) => !isPlanned(subject, object) && !isOfIstio(object, subject))
        .filter((object) => !isKeptAway(object, subject, snapshot))
        .flatMap((object) => {
          const touch = touchOf(object, subject);
          return touch === undefined ? [] : [finding(object, touch)];
        }),
    ),
};

/** A Gateway of another namespace takes none of the gateways' pods where every istiod keeps Gateways to their own. */
function isKeptAway({ kind, metadata }: LiveObject, { gatewayNamespace }: Subject, snapshot: Snapshot): boolean {
  const planes = controlPlanes(snapshot);
  return (
    kind === "Gateway" &&
    metadata.namespace !== gatewayNamespace &&
    planes.length > 0 &&
    planes.every(({ scopesGateways }) => scopesGateways)
  );
}

/** What Istio's own charts and operators have put there, such as the filters of its telemetry. */
function isOfIstio({ metadata: { namespace, labels = {} } }: LiveObject, { rootNamespace }: Subject): boolean {
  return namespace === rootNamespace && labels["operator.istio.io/component"] !== undefined;
}

interface Touch {
  severity: Severity;
  problem: string;
  evidence?: string[];
  config?: string;
}

function finding(object: IstioObject, { severity, problem, evidence = [], config }: Touch): Found {
  const { namespace, name } = object.metadata;
  return {
    severity,
    object: named(object),
    problem: `It is not the stack's. ${problem}`,
    evidence: [...evidence, ...managerOf(object)],
    fix: "Delete it, or have its owner name other hosts, gateways or pods.",
    commands: [`kubectl delete ${resourceOf(object)} ${name} --namespace ${namespace}`],
    ...(config === undefined ? {} : { config }),
  };
}

function touchOf(object: IstioObject, subject: Subject): Touch | undefined {
  const { namespace } = object.metadata;
  if (namespace === subject.gatewayNamespace) {
    return besideGateways(object, subject);
  }
  return (
    fromElsewhere(object, subject) ??
    (subject.guarded.includes(namespace!)
      ? inGuarded(object, subject)
      : namespace === subject.rootNamespace
        ? inRoot(object, subject)
        : undefined)
  );
}

/** Everything of Istio's counts for the gateways there. */
function besideGateways(object: IstioObject, subject: Subject): Touch | undefined {
  switch (object.kind) {
    case "AuthorizationPolicy":
      // What the stack itself has left there is told as such.
      return isOurOwn(object)
        ? undefined
        : object.spec?.action === "DENY" || object.spec?.action === "AUDIT"
          ? { severity: "warning", problem: "It refuses calls at the gateways that the stack may allow." }
          : { severity: "breaks-guard", problem: "It lets calls through the gateways: policies that allow add up." };
    case "Gateway":
      return fromElsewhere(object, subject);
    case "Telemetry":
      return {
        severity: "warning",
        problem: "It changes what the gateways log, by which `egress logs` tells who called what.",
      };
    case "RequestAuthentication":
    case "WorkloadEntry":
    case "ServiceEntry":
    case "DestinationRule":
      return {
        severity: "breaks-guard",
        problem: "It changes where the gateways' calls go, or what they take for a host.",
      };
    default:
      return {
        severity: "breaks-guard",
        problem: "It changes what the gateways do with the calls that they let through.",
      };
  }
}

/** A Gateway takes pods of every namespace, and a VirtualService binds to a Gateway of every namespace that lets it. */
function fromElsewhere({ kind, metadata, spec = {} }: IstioObject, subject: Subject): Touch | undefined {
  if (kind === "Gateway") {
    const taken = subject.gateways.find(({ name }) => haveLabels(gatewayLabels(subject, name), spec.selector ?? {}));
    return taken === undefined
      ? undefined
      : {
          severity: "breaks-guard",
          problem: `It opens listeners on the pods of the gateway ${taken.name}, which its selector takes in.`,
          evidence: [`selector ${labelsText(spec.selector)}`],
        };
  }
  if (kind === "VirtualService") {
    const bound = (spec.gateways ?? []).filter((name) => name.startsWith(`${subject.gatewayNamespace}/`));
    const closed = bound.every((name) => takesNoneFromElsewhere(name, subject));
    return bound.length === 0
      ? undefined
      : {
          severity: closed ? "warning" : "breaks-guard",
          problem: closed
            ? `It names ${bound.join(", ")}, which takes no VirtualService of another namespace: it counts for nothing as long as that holds.`
            : `It binds to ${bound.join(", ")}: it may lead elsewhere, or copy, what the gateway's policies let pass for another host.`,
          evidence: [`hosts ${(spec.hosts ?? []).join(", ")}; namespace ${metadata.namespace}`],
        };
  }
  return undefined;
}

/** Whether all hosts of a planned Gateway are for its own namespace alone, as `./*` is. */
function takesNoneFromElsewhere(place: string, { plannedBy }: Subject): boolean {
  const [namespace, name = ""] = place.split("/");
  const key = keyOf({
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { namespace: namespace!, name },
  });
  const gateway = plannedBy.get(key);
  const { servers = [] } = (gateway?.spec ?? {}) as NonNullable<IstioObject["spec"]>;
  return servers.length > 0 && servers.every(({ hosts = [] }) => hosts.every((host) => host.startsWith("./")));
}

function inGuarded(object: IstioObject, subject: Subject): Touch | undefined {
  const { kind, metadata, spec = {} } = object;
  switch (kind) {
    case "EnvoyFilter":
    case "WasmPlugin":
    case "ProxyConfig":
      return {
        severity: "breaks-guard",
        problem: "It changes the sidecars of a guarded namespace, their refusals too.",
      };
    case "PeerAuthentication":
      // Until a namespace is enforced, its pods take connections without mutual TLS anyway.
      return subject.enforced.includes(metadata.namespace!) ? weakens(object) : undefined;
    case "ServiceEntry":
    case "VirtualService":
    case "DestinationRule": {
      const hosts = spec.hosts ?? (spec.host === undefined ? [] : [spec.host]);
      const touched = sortedUnique(hosts.flatMap((pattern) => subject.takenIn(barePattern(pattern))));
      const outside = kind === "ServiceEntry" ? hosts.filter((host) => !host.endsWith(".local")) : [];
      if (touched.length > 0) {
        return {
          severity: "breaks-guard",
          problem: `It changes where calls of ${touched.slice(0, 5).join(", ")} go, which the stack leads to a gateway.`,
          evidence: [`hosts ${hosts.join(", ")}`],
        };
      }
      return outside.length === 0
        ? undefined
        : {
            severity: "warning",
            problem: `It names hosts outside the mesh. The stack's Sidecars hide them: as long as they hold, it opens nothing.`,
            evidence: [`hosts ${hosts.join(", ")}`],
            config: `istio-egress:allow[]: {from: ${metadata.namespace}/<workload>, to: <destination>}`,
          };
    }
    default:
      return undefined;
  }
}

/** What has no selector in Istio's root namespace counts for the whole mesh, the gateways too. */
function inRoot(object: IstioObject, subject: Subject): Touch | undefined {
  const { kind, spec = {} } = object;
  const selector = spec.selector?.matchLabels ?? spec.workloadSelector?.labels ?? {};
  const labels = subject.gateways.map(({ name }) => gatewayLabels(subject, name));
  const takesGateways = labels.some((own) => haveLabels(own, selector));
  if (kind === "PeerAuthentication") {
    // In a mesh of somebody else's, each namespace of the stack has its own, which comes before it.
    return subject.mesh.foreign === true || Object.keys(selector).length > 0 ? undefined : weakens(object);
  }
  if (kind === "AuthorizationPolicy" && takesGateways && spec.action !== "DENY" && spec.action !== "AUDIT") {
    return {
      severity: "breaks-guard",
      problem: "It counts for the gateways too, and lets calls through them: policies that allow add up.",
    };
  }
  return (kind === "EnvoyFilter" || kind === "WasmPlugin") && takesGateways
    ? { severity: "warning", problem: "It counts for the whole mesh, and changes what sidecars and gateways do." }
    : undefined;
}

function weakens({ spec = {} }: IstioObject): Touch | undefined {
  const weak = (mode?: string) => mode === "DISABLE" || mode === "PERMISSIVE";
  const ports = Object.entries(spec.portLevelMtls ?? {}).filter(([, { mode }]) => weak(mode));
  return !weak(spec.mtls?.mode) && ports.length === 0
    ? undefined
    : {
        severity: "breaks-guard",
        problem: "It lets connections without mutual TLS in, from callers without an identity.",
        evidence: [
          ...(weak(spec.mtls?.mode) ? [`mode ${spec.mtls?.mode}`] : []),
          ...ports.map(([port, { mode }]) => `port ${port}: ${mode}`),
        ],
      };
}

/** A host, or a pattern as `*.example.com`. A VirtualService may write `namespace/host`. */
function barePattern(pattern: string): string {
  return pattern.slice(pattern.indexOf("/") + 1).toLowerCase();
}
