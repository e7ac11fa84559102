import { ownNamespaceLabels } from "../../ground/labels";
import { meshNamespace } from "../../ground/names";
import { sortedBy, sortedUnique } from "../../ground/order";
import { checkLabel, checkLabelName, checkOwnNamespace, isClustersOwn, NameProblem } from "../kubernetes-names";
import { configPath } from "../problem";
import { namespaceSchema } from "../schema";
import { readIngress } from "./ingress";
import { readEntries, readFields, Report } from "../shape";
import { ClusterConfig, NamespaceConfig } from "../types";

export interface Namespaces {
  configs: NamespaceConfig[];
  /** Every name that the configuration mentions, those with problems of their own included. */
  names: Set<string>;
}

interface Context {
  gatewayNamespace: string;
  cluster: ClusterConfig;
}

export function readNamespaces(raw: unknown, context: Context, report: Report): Namespaces {
  const names = new Set<string>();
  const written = new Map<string, { from: unknown[] } | undefined>();
  const configs: NamespaceConfig[] = [];
  for (const [name, value] of readEntries(raw, "namespaces", report)) {
    names.add(name);
    // `test-app:` with nothing behind it is a namespace without further wishes.
    const { sound } = readFields(namespaceSchema, value ?? {}, ["namespaces", name], report);
    const { ingress, ...rest } = { ...namespaceSchema.parse({}), ...sound, name };
    const namespace: NamespaceConfig = rest;
    written.set(name, ingress);
    reportName(namespace, context, report);
    reportKind(namespace, value, report);
    for (const [label, labelValue] of sortedBy(Object.entries(namespace.labels), ([key]) => key)) {
      reportLabel(name, label, labelValue, report);
    }
    configs.push(namespace);
  }
  configs.forEach((namespace) => reportPeers(namespace, names, context, report));
  const sorted = configs.map((namespace) => ({
    ...namespace,
    peers: sortedUnique(namespace.peers),
    ...readIngress(namespace.name, written.get(namespace.name), { ...context, guarded: names }, report),
  }));
  return { configs: sortedBy(sorted, ({ name }) => name), names };
}

function reportName({ name, existing }: NamespaceConfig, context: Context, report: Report): void {
  const path = configPath("namespaces", name);
  const problem = existing ? checkExisting(name, context) : checkOwnNamespace(name);
  if (problem !== undefined) {
    report({ path, value: name, ...problem });
  } else if (name === context.gatewayNamespace) {
    report({
      path,
      value: name,
      problem: "The egress gateway has this namespace to itself",
      fix: `choose another name, here or for ${configPath("gateway", "namespace")}`,
    });
  }
}

/** Why a namespace of somebody else's cannot be guarded; undefined when it can. `default` is one like any other here. */
function checkExisting(name: string, context: Context): NameProblem | undefined {
  return (
    checkLabelName(name) ??
    (isClustersOwn(name) || name === controlPlaneOf(context)
      ? {
          problem: "The cluster and the mesh need this namespace without a guard",
          fix: "move what is to be guarded into a namespace of its own",
        }
      : undefined)
  );
}

function controlPlaneOf({ cluster }: Context): string {
  return (cluster.kind === "existing" ? cluster.controlPlane?.namespace : undefined) ?? meshNamespace;
}

/** What is said of a namespace and is not for its kind. */
function reportKind({ name, existing }: NamespaceConfig, written: unknown, report: Report): void {
  const key = existing ? "labels" : "guard";
  const value = (written as Record<string, unknown> | null)?.[key];
  if (value === undefined) {
    return;
  }
  const said = existing
    ? {
        problem: "The namespace is somebody else's: nothing but the label of injection is put on it",
        fix: "remove it, and let whoever owns the namespace label it",
      }
    : {
        problem: "The namespace is made here, and guarded before there is a pod in it",
        fix: "remove it, or add existing: true if the namespace is there already",
      };
  report({ path: configPath("namespaces", name, key), value, ...said });
}

function reportLabel(namespace: string, label: string, value: string, report: Report): void {
  const path = configPath("namespaces", namespace, "labels", label);
  if (ownNamespaceLabels.includes(label)) {
    report({ path, value, problem: "The label is set here already, to have every pod guarded", fix: "remove it" });
    return;
  }
  const problem = checkLabel(label, value);
  if (problem !== undefined) {
    report({ path, value, ...problem });
  }
}

/** Peers are namespaces that are not guarded: whatever is there can be called, and goes where it likes. */
function reportPeers({ name, peers }: NamespaceConfig, guarded: Set<string>, context: Context, report: Report): void {
  peers.forEach((peer, index) => {
    const problem = checkPeer(peer, guarded, context);
    if (problem !== undefined) {
      report({ path: configPath("namespaces", name, "peers", index), value: peer, ...problem });
    }
  });
}

function checkPeer(peer: string, guarded: Set<string>, context: Context): NameProblem | undefined {
  const malformed = checkLabelName(peer);
  if (malformed !== undefined) {
    return malformed;
  }
  if (guarded.has(peer)) {
    return { problem: "Namespaces of the stack reach each other without this", fix: "remove it" };
  }
  if (peer === context.gatewayNamespace) {
    return { problem: "Pods reach the egress gateway by the hosts that they are granted", fix: "remove it" };
  }
  return isClustersOwn(peer) || peer === controlPlaneOf(context)
    ? {
        problem:
          "Whoever may call all of the cluster's own pods has many ways out; DNS and istiod are reached without this",
        fix: "remove it",
      }
    : undefined;
}
