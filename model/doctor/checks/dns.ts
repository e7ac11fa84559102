import { grantsOf } from "../../grants";
import { asRange, contains, isPrivate, linkLocal, parseCidr } from "../../ground/cidr";
import { Container, isAlive, ownerName, ownersOf, Pod } from "../pods";
import { governs, lets, Opening, openingsOf, Target } from "../reach";
import { slicesOf } from "../slices";
import { Labels, LiveObject, Snapshot } from "../snapshot";
import { Subject } from "../subject";
import { Check, Found } from "../types";

interface Service extends LiveObject {
  spec: { clusterIP?: string; clusterIPs?: string[]; selector?: Labels };
}

interface DaemonSet extends LiveObject {
  spec: { template: { spec: { containers: Container[] } } };
}

const dnsNamespace = "kube-system";

/** The label of the cluster's resolver, its Service's too, and that of the cache on the node. */
const resolverLabel = "kube-dns";
export const cacheSelector = "node-local-dns";

/** Whether names can be looked up: by the pods' own settings, through what the stack's policies open. */
export const dns: Check = {
  name: "dns",
  promise: "the stack's policies open every resolver that its pods ask",
  needs: ({ guarded, gatewayNamespace }) => [
    { resource: "namespaces" },
    { resource: "daemonsets.apps" },
    ...["pods", "services", "endpointslices.discovery.k8s.io"].map((resource) => ({
      resource,
      namespace: dnsNamespace,
    })),
    ...[...guarded, gatewayNamespace].flatMap((namespace) =>
      ["pods", "replicasets.apps", "jobs.batch"].map((resource) => ({ resource, namespace })),
    ),
  ],
  run: (subject, snapshot) => {
    const shut = shutFor(subject);
    return [
      ...clusterResolver(subject, shut, snapshot),
      ...nodeCache(subject, shut, snapshot),
      ...ownSettings(subject, shut, snapshot),
    ];
  },
};

/** An address that nobody has, and no policy opens unless it opens all. */
const anywhere: Target = { address: "192.0.2.1", protocol: "UDP", port: 53 };

/** Namespaces of the stack whose pods ask the cluster's resolver; those that ask the stack's own are another check's. */
function askingCluster({ config, guarded, gatewayNamespace }: Subject): string[] {
  const others = grantsOf(config).resolving?.namespaces.map(({ name }) => name) ?? [];
  return [...guarded.filter((name) => !others.includes(name)), gatewayNamespace];
}

/** Whether some namespace of the stack keeps its pods from a target; undefined where none does. */
type Shut = (target: Target, only?: string) => string | undefined;

function shutFor(subject: Subject): Shut {
  const openings = new Map<string, Opening[]>();
  for (const namespace of askingCluster(subject)) {
    const policies = subject.policies.get(namespace) ?? [];
    // Where the stack governs nothing yet, everything is open.
    if (policies.some((policy) => governs(policy, "Egress"))) {
      openings.set(
        namespace,
        policies.flatMap((policy) => openingsOf(policy, "Egress")),
      );
    }
  }
  return (target, only) =>
    [...openings.keys()]
      .filter((namespace) => only === undefined || namespace === only)
      .find((namespace) => !openings.get(namespace)!.some((opening) => lets(opening, {}, target)));
}

/** What stands behind the cluster's resolver's Service: policies see the pods' own addresses and ports. */
function clusterResolver({ resolvers }: Subject, shut: Shut, snapshot: Snapshot): Found[] {
  const service = resolverService(snapshot);
  const targets = service === undefined ? [] : endpointsOf(service, snapshot);
  if (service === undefined || targets.length === 0) {
    // A cluster may have its names looked up on the node or beyond it only: the stack's file then says where.
    return resolvers.length > 0 ? [] : [noResolver(service)];
  }
  const closed = targets.flatMap((target) => {
    const namespace = shut(target);
    return namespace === undefined ? [] : [{ target, namespace }];
  });
  if (closed.length === 0) {
    return [];
  }
  const { target, namespace } = closed[0]!;
  const labelled = target.pod?.labels["k8s-app"] === resolverLabel;
  return [
    {
      severity: "breaks-workload",
      object: `Service ${dnsNamespace}/${service.metadata.name}`,
      problem: `The stack's policies do not open the cluster's resolver to the pods of ${namespace}: they can look up no name.`,
      evidence: closed
        .slice(0, 4)
        .map(({ target: { address, protocol, port } }) => `it answers at ${address}, ${protocol} ${port}`),
      fix: labelled
        ? "Say on which port its pods listen."
        : `Its pods do not have the label k8s-app=${resolverLabel}, by which policies find them: say its addresses.`,
      commands: [],
      config: labelled
        ? `istio-egress:cluster.dns: {port: ${target.port}}`
        : `istio-egress:cluster.dns: {resolvers: [${[...new Set(closed.map((one) => one.target.address))].join(", ")}]}`,
    },
  ];
}

function noResolver(service: Service | undefined): Found {
  return {
    severity: "breaks-workload",
    object: `Service ${dnsNamespace}/${service?.metadata.name ?? resolverLabel}`,
    problem: "The cluster's resolver, to which the stack's policies open the way, has no pod that answers.",
    evidence: [
      service === undefined
        ? `no Service ${resolverLabel}, or with the label k8s-app=${resolverLabel}, in ${dnsNamespace}`
        : "its EndpointSlices hold no address",
    ],
    fix: "See why its pods are not ready; where names are looked up elsewhere, say at which addresses.",
    commands: [`kubectl get pods --namespace ${dnsNamespace} --selector k8s-app=${resolverLabel}`],
    config: "istio-egress:cluster.dns: {resolvers: [<address>]}",
  };
}

/** NodeLocal DNSCache answers on the node, at addresses of its own and at the resolver's: no pod stands there. */
function nodeCache(_: Subject, shut: Shut, snapshot: Snapshot): Found[] {
  const cache = snapshot
    .of<DaemonSet>("DaemonSet.apps", dnsNamespace)
    .find(({ metadata }) => metadata.labels?.["k8s-app"] === cacheSelector);
  if (cache === undefined) {
    return [];
  }
  const closed = localAddresses(cache).filter((address) => shut({ address, protocol: "UDP", port: 53 }) !== undefined);
  return closed.length === 0
    ? []
    : [
        {
          severity: "breaks-workload",
          object: `DaemonSet ${dnsNamespace}/${cache.metadata.name}`,
          problem: "Names are looked up at a cache on the node, and the stack's policies do not open its addresses.",
          evidence: [`it listens on ${localAddresses(cache).join(", ")}; not open: ${closed.join(", ")}`],
          fix: "Say which they are. No name is found until the stack has them.",
          commands: [],
          config: `istio-egress:cluster.dns: {resolvers: [${localAddresses(cache).join(", ")}]}`,
        },
      ];
}

/** The addresses of `-localip`, as the cache is started; its usual one where it is started otherwise. */
function localAddresses({ spec }: DaemonSet): string[] {
  const args = spec.template.spec.containers.flatMap(({ args = [] }) => args);
  const at = args.findIndex((arg) => /^--?localip(=|$)/.test(arg));
  const given = at < 0 ? undefined : (args[at]!.split("=")[1] ?? args[at + 1]);
  return (given ?? "169.254.20.10").split(",").filter((address) => /^[\d.]+$/.test(address));
}

/** Pods that ask other resolvers than the cluster's: those that they name, or the node's. */
function ownSettings(subject: Subject, shut: Shut, snapshot: Snapshot): Found[] {
  const { resolvers } = subject;
  const service = resolverService(snapshot);
  const clusterAddresses = service?.spec.clusterIPs ?? [service?.spec.clusterIP ?? ""];
  return askingCluster(subject).flatMap((namespace) => {
    const pods = snapshot.of<Pod>("Pod", namespace).filter((pod) => isAlive(pod) && pod.spec.hostNetwork !== true);
    const closed = (pod: Pod) =>
      (pod.spec.dnsConfig?.nameservers ?? []).filter(
        (address) =>
          !clusterAddresses.includes(address) && shut({ address, protocol: "UDP", port: 53 }, namespace) !== undefined,
      );
    // Which resolvers the node has is not to be seen from here: a stack that names any may have named these.
    const governed = resolvers.length === 0 && shut(anywhere, namespace) !== undefined;
    const own = ownersOf(
      pods.filter((pod) => closed(pod).length > 0),
      snapshot,
    ).map((owner): Found => {
      const addresses = [...new Set(owner.pods.flatMap(closed))];
      return {
        severity: owner.pods.some(({ spec }) => spec.dnsPolicy === "None") ? "breaks-workload" : "warning",
        object: ownerName(owner),
        problem: "Its pods ask resolvers that the stack's policies do not open: their names are not found.",
        evidence: [`dnsPolicy ${owner.pods[0]!.spec.dnsPolicy}, dnsConfig.nameservers ${addresses.join(", ")}`],
        fix: "Take dnsConfig out of its pods, so that they ask the cluster's resolver; or, where these are the cluster's, say so.",
        commands: [],
        // A public resolver is a way out for whatever is in a name, and no stack may open one.
        ...(addresses.every(isInside)
          ? { config: `istio-egress:cluster.dns: {resolvers: [${addresses.join(", ")}]}` }
          : {}),
      };
    });
    const nodes = ownersOf(
      pods.filter(({ spec }) => spec.dnsPolicy === "Default" && governed),
      snapshot,
    ).map((owner): Found => ({
      severity: "breaks-workload",
      object: ownerName(owner),
      problem:
        "Its pods ask the node's own resolvers, which know no name of the cluster, and which the stack's policies do not open unless it names them.",
      evidence: ["dnsPolicy Default"],
      fix: "Give its pods dnsPolicy ClusterFirst, which is the default of a pod that names none.",
      commands: [],
      config: "istio-egress:cluster.dns: {resolvers: [<the node's resolvers>]}",
    }));
    return [...own, ...nodes];
  });
}

/** Whether an address is in a network of one's own, or on the node. */
function isInside(address: string): boolean {
  const range = parseCidr(asRange(address));
  return range !== undefined && (isPrivate(range) || contains(parseCidr(linkLocal)!, range));
}

function resolverService(snapshot: Snapshot): Service | undefined {
  return snapshot
    .of<Service>("Service", dnsNamespace)
    .find(({ metadata }) => metadata.name === resolverLabel || metadata.labels?.["k8s-app"] === resolverLabel);
}

/** Where the Service's calls end. */
function endpointsOf(service: Service, snapshot: Snapshot): Target[] {
  const namespaceLabels = {
    "kubernetes.io/metadata.name": dnsNamespace,
    ...snapshot.namespace(dnsNamespace)?.metadata.labels,
  };
  const pods = new Map(snapshot.of<Pod>("Pod", dnsNamespace).map((pod) => [pod.metadata.name, pod]));
  return slicesOf(snapshot, dnsNamespace, service.metadata.name).flatMap(({ endpoints, ports }) =>
    endpoints.flatMap(({ addresses, targetRef }) => {
      const pod = pods.get(targetRef?.name ?? "");
      return (
        ports
          // What else its pods serve, as metrics, is nobody's resolver.
          .filter(({ name, port, protocol }) => /dns/i.test(name ?? "") || port === 53 || protocol === "UDP")
          .flatMap(({ port, protocol }) =>
            addresses.map((address) => ({
              address,
              protocol: protocol === "UDP" ? ("UDP" as const) : ("TCP" as const),
              port: port ?? 53,
              ...(pod === undefined ? {} : { pod: { labels: pod.metadata.labels ?? {}, namespaceLabels } }),
            })),
          )
      );
    }),
  );
}
