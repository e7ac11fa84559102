import { poolLabel } from "../gke/names";
import { Fields, fieldsOf, listOf } from "../objects";
import { freeCapabilities, freeIstioKeys, freeSysctls, proxyVolumes, volumeKinds } from "./lists";
import { proxyConfigAnnotation, proxyConfigProblem } from "./proxy-config";

/** Something in a pod template that would let its pods round the guard, or that Kubernetes has no word for. */
export interface PodProblem {
  /** Where in the template: `["spec", "containers", 0, "securityContext", "privileged"]`. */
  path: PropertyKey[];
  value: unknown;
  problem: string;
  allowed?: string;
  fix?: string;
}

/** User and group of the sidecar, whose packets are not led through it. */
const proxyUser = 1337;

/** Whether a value switches something on; a word that is no truth value is taken to. */
const isOn = (value: unknown) => value !== undefined && value !== null && value !== false;

/** Fields of a pod that open the guard when they are switched on, and how. */
const switches: Record<string, string> = {
  hostNetwork: "The pod would be on the node's network, where no NetworkPolicy and no sidecar is",
  hostPID: "The pod would see the node's processes, the sidecars' among them",
  hostIPC: "The pod would share memory with the node's processes",
  shareProcessNamespace: "Containers would see into the sidecar's process, which holds the identity",
  nodeName: "The pod would pass the scheduler by, and could be put on the gateways' nodes",
  ephemeralContainers: "Kubernetes takes no such containers in a template",
};

const remove = "remove it";

/**
 * All that a pod template has against the guard, in the order of its fields: what the guard rests on is that the pod has
 * the sidecar that istiod gives it, under the workload's own ServiceAccount, and no network, no process and no power over
 * the node but its own. That the template is in Kubernetes' form, `podProblems` sees to.
 *
 * @param template what the pods would be made from, ours and the workload's own part merged
 * @param own the ServiceAccount and the labels by which the pods are told
 */
export function guardProblems(
  template: { metadata: Fields; spec: Fields },
  own: { serviceAccount: string; selector: Record<string, string> },
): PodProblem[] {
  const { metadata, spec } = template;
  return [
    ...labelProblems(fieldsOf(metadata.labels), own.selector),
    ...annotationProblems(fieldsOf(metadata.annotations)),
    ...identityProblems(spec, own.serviceAccount),
    ...specProblems(spec),
    ...userProblems(spec.securityContext, ["spec", "securityContext"]),
    ...sysctlProblems(fieldsOf(spec.securityContext).sysctls),
    ...tolerationProblems(spec.tolerations),
    ...entriesOf(spec, "volumes").flatMap(([volume, path]) => volumeProblems(volume, path)),
    ...["initContainers", "containers"].flatMap((list) =>
      entriesOf(spec, list).flatMap(([container, path]) => containerProblems(container, path)),
    ),
  ];
}

function labelProblems(labels: Fields, selector: Record<string, string>): PodProblem[] {
  return Object.entries(labels).flatMap(([key, value]): PodProblem[] => {
    const path = ["metadata", "labels", key];
    const expected = selector[key];
    if (expected !== undefined && value !== expected) {
      return [{ path, value, problem: "The workload's pods are told by this label", allowed: expected, fix: remove }];
    }
    if (key === "istio") {
      return [{ path, value, problem: "Gateways' pods are told by this label", fix: remove }];
    }
    return isIstios(key)
      ? [{ path, value, problem: "Istio reads this label, and it may take the pod out of the guard", fix: remove }]
      : [];
  });
}

/** Annotations by which other programs give a pod a further network, or let it send as somebody else. */
const networkAnnotations =
  /^(k8s\.v1\.cni\.cncf\.io|v1\.multus-cni\.io|networking\.gke\.io|cni\.projectcalico\.org|k8s\.ovn\.org|ovn\.kubernetes\.io)\//;

function annotationProblems(annotations: Fields): PodProblem[] {
  return Object.entries(annotations).flatMap(([key, value]): PodProblem[] => {
    const path = ["metadata", "annotations", key];
    if (key === proxyConfigAnnotation) {
      const problem = proxyConfigProblem(value);
      return problem === undefined ? [] : [{ path, value, ...problem }];
    }
    if (networkAnnotations.test(key)) {
      return [{ path, value, problem: "The pod would have a network beside the one that is guarded", fix: remove }];
    }
    return isIstios(key)
      ? [{ path, value, problem: "Istio reads this annotation, and it may take the pod out of the guard", fix: remove }]
      : [];
  });
}

/** Whether Istio gives a label or annotation a meaning, and not one of those that change nothing about the guard. */
function isIstios(key: string): boolean {
  const domain = key.split("/")[0]!;
  return (domain === "istio.io" || domain.endsWith(".istio.io")) && key.includes("/") && !freeIstioKeys.includes(key);
}

/** A pod runs under the account that is written on it, in either field; under `default` where none is. */
function identityProblems(spec: Fields, serviceAccount: string): PodProblem[] {
  const refused = (key: string, value: unknown): PodProblem => ({
    path: ["spec", key],
    value,
    problem: "The pod would have another identity",
    allowed: serviceAccount,
    fix: remove,
  });
  const written = ["serviceAccountName", "serviceAccount"].filter((key) => spec[key] !== undefined);
  return written.length === 0 && serviceAccount !== "default"
    ? [refused("serviceAccountName", null)]
    : written.filter((key) => spec[key] !== serviceAccount).map((key) => refused(key, spec[key]));
}

function specProblems(spec: Fields): PodProblem[] {
  return Object.entries(spec).flatMap(([key, value]): PodProblem[] => {
    const path = ["spec", key];
    const problem = Object.hasOwn(switches, key) ? switches[key] : undefined;
    if (problem !== undefined && isOn(value)) {
      return [{ path, value, problem, fix: remove }];
    }
    switch (key) {
      case "restartPolicy":
        return value === "Always"
          ? []
          : [{ path, value, problem: "A Deployment's pods are started again always", allowed: "Always", fix: remove }];
      case "os":
        return fieldsOf(value).name === "linux"
          ? []
          : [{ path, value, problem: "Pods of other systems get no sidecar", allowed: "{name: linux}", fix: remove }];
      default:
        return [];
    }
  });
}

/** What a security context, a pod's or a container's, says of users and of Windows' own host processes. */
function userProblems(context: unknown, at: PropertyKey[]): PodProblem[] {
  return Object.entries(fieldsOf(context)).flatMap(([key, value]): PodProblem[] => {
    const path = [...at, key];
    const groups = key === "supplementalGroups" && Array.isArray(value) ? value : [value];
    if (
      /^(runAsUser|runAsGroup|fsGroup|supplementalGroups)$/.test(key) &&
      groups.some((id) => Number(id) === proxyUser)
    ) {
      return [
        {
          path,
          value,
          problem: `${proxyUser} is the sidecar's own user: nothing that it sends is led through the sidecar`,
          fix: "choose another number",
        },
      ];
    }
    return key === "windowsOptions" && isOn(fieldsOf(value).hostProcess)
      ? [{ path, value, problem: "The pod would be a process of the node", fix: remove }]
      : [];
  });
}

function sysctlProblems(sysctls: unknown): PodProblem[] {
  return listOf(sysctls).flatMap((entry, index): PodProblem[] => {
    const { name } = fieldsOf(entry);
    return typeof name === "string" && freeSysctls.includes(name)
      ? []
      : [
          {
            path: ["spec", "securityContext", "sysctls", index],
            value: entry,
            problem: "Not one of the settings that Kubernetes calls safe, and it may change how packets are led",
            allowed: freeSysctls.join(", "),
          },
        ];
  });
}

function tolerationProblems(tolerations: unknown): PodProblem[] {
  return listOf(tolerations).flatMap((entry, index): PodProblem[] => {
    const { key } = fieldsOf(entry);
    return typeof key === "string" && key !== "" && key !== poolLabel
      ? []
      : [
          {
            path: ["spec", "tolerations", index],
            value: entry,
            problem: "Tolerates the gateways' nodes, which have a way out",
            fix: "name the key of the taint that is meant",
          },
        ];
  });
}

function volumeProblems(volume: Fields, at: PropertyKey[]): PodProblem[] {
  const { name, ...sources } = volume;
  const foreign = Object.keys(sources).filter((kind) => !Object.hasOwn(volumeKinds, kind));
  return [
    ...foreign.map((kind) => ({
      path: [...at, kind],
      value: sources[kind],
      problem:
        kind === "hostPath"
          ? "The pod would read and write the node's own files"
          : "The node itself would call a server that the pod names, past the guard",
      allowed: Object.keys(volumeKinds).join(", "),
      fix: kind === "hostPath" ? "use emptyDir, or a PersistentVolumeClaim" : "use a PersistentVolumeClaim",
    })),
    ...Object.entries(sources).flatMap(([kind, source]): PodProblem[] => {
      const drivers = volumeKinds[kind];
      const { driver } = fieldsOf(source);
      return drivers === undefined || drivers.includes(String(driver))
        ? []
        : [
            {
              path: [...at, kind, "driver"],
              value: driver,
              problem: "A driver that may call a server that the pod names, from the node and past the guard",
              allowed: drivers.join(", "),
              fix: "use a PersistentVolumeClaim",
            },
          ];
    }),
    ...(typeof name === "string" && proxyVolumes.includes(name)
      ? [{ path: [...at, "name"], value: name, problem: "The sidecar has a volume of this name", fix: "rename it" }]
      : []),
  ];
}

function containerProblems(container: Fields, at: PropertyKey[]): PodProblem[] {
  const { name, securityContext, ports, lifecycle } = container;
  const security = fieldsOf(securityContext);
  const problems: PodProblem[] = [];
  if (typeof name === "string" && (name.startsWith("istio-") || name === "enable-core-dump")) {
    const problem = "The sidecar's own containers have such names, and what stands here would be laid over them";
    problems.push({ path: [...at, "name"], value: name, problem, fix: "rename it" });
  }
  if (isOn(security.privileged)) {
    const path = [...at, "securityContext", "privileged"];
    problems.push({
      path,
      value: security.privileged,
      problem: "The container could do all that the node can",
      fix: remove,
    });
  }
  problems.push(...userProblems(securityContext, [...at, "securityContext"]));
  problems.push(...capabilityProblems(fieldsOf(security.capabilities), [...at, "securityContext", "capabilities"]));
  listOf(ports).forEach((port, index) => {
    for (const key of ["hostPort", "hostIP"]) {
      const value = fieldsOf(port)[key];
      if (isOn(value) && value !== 0) {
        const path = [...at, "ports", index, key];
        problems.push({ path, value, problem: "The port would be the node's, past NetworkPolicies", fix: remove });
      }
    }
  });
  const handlers: [PropertyKey[], unknown][] = [
    ...["livenessProbe", "readinessProbe", "startupProbe"].map((key): [PropertyKey[], unknown] => [
      [key],
      container[key],
    ]),
    ...Object.entries(fieldsOf(lifecycle)).map(([key, hook]): [PropertyKey[], unknown] => [["lifecycle", key], hook]),
  ];
  for (const [path, handler] of handlers) {
    for (const action of ["httpGet", "tcpSocket"]) {
      const value = fieldsOf(fieldsOf(handler)[action]).host;
      if (isOn(value)) {
        const problem = "The node would call this host for the pod, past the guard; without one it calls the pod";
        problems.push({ path: [...at, ...path, action, "host"], value, problem, fix: remove });
      }
    }
  }
  return problems;
}

function capabilityProblems({ add, drop }: Fields, at: PropertyKey[]): PodProblem[] {
  const named = (value: unknown) => String(value).toUpperCase().replace(/^CAP_/, "");
  const dropped = listOf(drop).map(named);
  return [
    ...listOf(add).flatMap((value, index): PodProblem[] =>
      freeCapabilities.includes(named(value))
        ? []
        : [
            {
              path: [...at, "add", index],
              value,
              problem: "A power over the network, over other processes or over the node",
              allowed: freeCapabilities.join(", "),
              fix: remove,
            },
          ],
    ),
    ...(dropped.includes("ALL") || dropped.includes("NET_RAW")
      ? []
      : [
          {
            path: [...at, "drop"],
            value: drop,
            problem: "The container would keep NET_RAW, and could send packets that are not led through the sidecar",
            allowed: "a list with ALL or NET_RAW in it",
            fix: remove,
          },
        ]),
  ];
}

/** A list's objects with their places. */
function entriesOf(fields: Fields, list: string): [Fields, PropertyKey[]][] {
  return listOf(fields[list]).map((entry, index) => [fieldsOf(entry), ["spec", list, index]]);
}
