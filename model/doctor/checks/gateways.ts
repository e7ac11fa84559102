import { asRange, contains, parseCidr } from "../../ground/cidr";
import { gatewayName, gatewaySelector } from "../../ground/names";
import { ControlPlane, controlPlanes, Deployment } from "../control-planes";
import { haveLabels, LabelSelector, selectorMatches } from "../../ground/label-selector";
import { isAlive, isReady, ownerName, ownersOf, Pod, proxyOf, troubleOf, versionOf } from "../pods";
import { LiveObject, named, Snapshot } from "../snapshot";
import { isPlanned, Subject } from "../subject";
import { Check, Found } from "../types";
import type { GatewayArgs } from "../../plan/args";
import { openedBy } from "../../plan/gateway-parts";

interface Budget extends LiveObject {
  spec: { selector?: LabelSelector };
  status?: { disruptionsAllowed?: number; currentHealthy?: number; desiredHealthy?: number };
}

interface Service extends LiveObject {
  spec: { type?: string; clusterIP?: string; selector?: Record<string, string> };
}

/** Pods that a gateway has at least, by the configuration's own rule. */
const fewestPods = 2;

/** Whether every gateway has the pods that it wants, and its namespace nobody else's. */
export const gateways: Check = {
  name: "gateways",
  promise: "every gateway has all its pods ready, on today's proxy, and their namespace holds nobody else's",
  needs: ({ gatewayNamespace: namespace, controlPlane }) => [
    ...["pods", "replicasets.apps", "jobs.batch", "deployments.apps", "services", "poddisruptionbudgets.policy"].map(
      (resource) => ({ resource, namespace }),
    ),
    ...(controlPlane === undefined ? [] : [{ resource: "deployments.apps", namespace: controlPlane }]),
  ],
  run: (subject, snapshot) => {
    const planes = controlPlanes(snapshot);
    return [
      ...subject.gateways.flatMap((gateway) => [
        ...tooFew(gateway, snapshot),
        ...oldProxies(gateway, planes, snapshot),
        ...blocked(gateway, snapshot),
        ...exposed(gateway, subject, snapshot),
        ...opensCluster(gateway, snapshot),
      ]),
      ...strangers(subject, snapshot),
    ];
  },
};

/** Addresses of the cluster's own in private ranges that a gateway opens, among the objects that were read. */
function opensCluster(gateway: GatewayArgs, snapshot: Snapshot): Found[] {
  const opening = openedBy(gateway);
  if (opening.length === 0) {
    return [];
  }
  const addresses = [
    ...snapshot.of<Pod>("Pod").map((pod) => ({ of: pod, address: pod.status?.podIP })),
    ...snapshot.of<Service>("Service").map((service) => ({ of: service, address: service.spec.clusterIP })),
  ].flatMap(({ address = "", ...rest }) => {
    const range = parseCidr(asRange(address));
    return range === undefined ? [] : [{ ...rest, address, range }];
  });
  return opening.flatMap(({ destination, ranges, policy, key }) => {
    const opened = ranges.map((each) => parseCidr(each)!);
    const own = addresses.filter(({ range }) => opened.some((each) => contains(each, range)));
    return own.length === 0
      ? []
      : [
          {
            severity: "breaks-guard",
            object: `NetworkPolicy ${gateway.namespace}/${policy}`,
            problem:
              `The private ranges of "${destination}" hold addresses of the cluster itself: whoever makes its names may ` +
              "lead those who are granted them to pods and Services, past every other rule.",
            evidence: own.slice(0, 3).map(({ of, address }) => `${named(of)} has ${address}`),
            fix: "Name the ranges of the hosts only, and in cluster.ranges all of the cluster's own.",
            commands: [],
            config: `istio-egress:destinations.${destination}.${key}`,
          },
        ];
  });
}

function podsOf({ namespace, name }: GatewayArgs, snapshot: Snapshot): Pod[] {
  return snapshot
    .of<Pod>("Pod", namespace)
    .filter((pod) => isAlive(pod) && haveLabels(pod.metadata.labels, gatewaySelector(name)));
}

/** Where the stack's file has a gateway. */
function keyOf({ name }: GatewayArgs): string {
  return name === gatewayName ? "istio-egress:gateway" : `istio-egress:gateways.${name}`;
}

function tooFew(gateway: GatewayArgs, snapshot: Snapshot): Found[] {
  const { namespace, name, replicas } = gateway;
  const deployment = snapshot
    .of<Deployment>("Deployment.apps", namespace)
    .find(({ metadata }) => metadata.name === name);
  if (deployment === undefined) {
    // A Deployment that is missing is found as such, with all else that is.
    return [];
  }
  const pods = podsOf(gateway, snapshot);
  const ready = pods.filter(isReady).length;
  const asked = deployment.spec.replicas ?? 1;
  const wanted = Math.max(replicas, asked);
  if (ready >= wanted) {
    return [];
  }
  const scaled = asked < replicas;
  const fewer = Math.max(fewestPods, asked);
  return [
    {
      severity: ready === 0 ? "breaks-workload" : "warning",
      object: named(deployment),
      problem:
        ready === 0
          ? "No pod of this gateway is ready: all that goes through it fails."
          : "Fewer pods of this gateway are ready than the stack wants.",
      evidence: [
        `${ready} ready, the stack wants ${replicas}, its Deployment asks for ${asked}`,
        ...pods
          .filter((pod) => !isReady(pod))
          .slice(0, 3)
          .map((pod) => `pod ${pod.metadata.name}: ${troubleOf(pod) ?? "not ready yet"}`),
      ],
      fix: scaled
        ? `Scale it as the stack has it${fewer < replicas ? "; where so many are too many, write fewer" : ""}.`
        : "See why its pods do not become ready.",
      commands: [
        scaled
          ? `kubectl scale deployment/${name} --namespace ${namespace} --replicas ${replicas}`
          : `kubectl describe pods --namespace ${namespace} --selector istio=${name}`,
      ],
      ...(scaled && fewer < replicas ? { config: `${keyOf(gateway)}.replicas: ${fewer}` } : {}),
    },
  ];
}

function oldProxies(gateway: GatewayArgs, planes: ControlPlane[], snapshot: Snapshot): Found[] {
  const versions = planes.flatMap(({ version }) => (version === undefined ? [] : [version]));
  const old = podsOf(gateway, snapshot).filter((pod) => {
    const version = versionOf(proxyOf(pod)?.image);
    return version !== undefined && versions.length > 0 && !versions.includes(version);
  });
  const { namespace, name } = gateway;
  return old.length === 0
    ? []
    : [
        {
          severity: "warning",
          object: `Deployment ${namespace}/${name}`,
          problem: "Proxies of this gateway are of another version than the control plane.",
          evidence: [
            ...old.map((pod) => `pod ${pod.metadata.name}: ${proxyOf(pod)?.image}`),
            `istiod ${versions.join(", ")}`,
          ],
          fix: "Restart it: its pods go one by one, and calls go on.",
          commands: [`kubectl rollout restart deployment/${name} --namespace ${namespace}`],
        },
      ];
}

/** A budget that allows no disruption though all pods are ready, and a second one, hold up every drain of a node. */
function blocked(gateway: GatewayArgs, snapshot: Snapshot): Found[] {
  const pods = podsOf(gateway, snapshot);
  const budgets = snapshot
    .of<Budget>("PodDisruptionBudget.policy", gateway.namespace)
    .filter(({ spec }) => pods.some(({ metadata }) => selectorMatches(spec.selector ?? {}, metadata.labels)));
  const allReady = pods.length >= gateway.replicas && pods.every(isReady);
  const stuck = budgets.filter(({ status }) => allReady && status?.disruptionsAllowed === 0);
  const [first, ...more] = budgets.length > 1 ? budgets : stuck;
  if (first === undefined) {
    return [];
  }
  const others = [first, ...more].filter(({ metadata }) => metadata.name !== gateway.name);
  return [
    {
      severity: "warning",
      object: [first, ...more].map(named).join(", "),
      problem:
        budgets.length > 1
          ? "More than one budget counts this gateway's pods: no pod of it can be evicted, so no node can be drained."
          : "It lets no pod of this gateway go, though all are ready: no node can be drained.",
      evidence: budgets.map(
        ({ metadata, status }) =>
          `${metadata.name}: ${status?.disruptionsAllowed ?? 0} may go, ${status?.currentHealthy ?? 0} healthy, ${status?.desiredHealthy ?? 0} wanted`,
      ),
      fix: others.length > 0 ? "Delete the one that is not the stack's." : "Have the gateway run one pod more.",
      commands: others.map(
        ({ metadata }) =>
          `kubectl delete poddisruptionbudgets.policy ${metadata.name} --namespace ${gateway.namespace}`,
      ),
      ...(others.length > 0 ? {} : { config: `${keyOf(gateway)}.replicas: ${gateway.replicas + 1}` }),
    },
  ];
}

function exposed(gateway: GatewayArgs, subject: Subject, snapshot: Snapshot): Found[] {
  const pods = podsOf(gateway, snapshot);
  return snapshot
    .of<Service>("Service", gateway.namespace)
    .filter((service) => !isPlanned(subject, service) && Object.keys(service.spec.selector ?? {}).length > 0)
    .filter(({ spec }) => pods.some(({ metadata }) => haveLabels(metadata.labels, spec.selector)))
    .map((service) => ({
      severity: "breaks-guard",
      object: named(service),
      problem: "It is not the stack's, and leads to this gateway's pods: istiod may open its ports on them.",
      evidence: [`type ${service.spec.type ?? "ClusterIP"}`],
      fix: "Delete it.",
      commands: [`kubectl delete service ${service.metadata.name} --namespace ${gateway.namespace}`],
    }));
}

/** Every pod of the gateways' namespace has the gateways' way out. */
function strangers({ gatewayNamespace, planned }: Subject, snapshot: Snapshot): Found[] {
  const pods = snapshot.of<Pod>("Pod", gatewayNamespace).filter(isAlive);
  const ours = (kind: string, name: string) =>
    planned.some(
      (object) =>
        object.kind === kind && object.metadata.namespace === gatewayNamespace && object.metadata.name === name,
    );
  return ownersOf(pods, snapshot)
    .filter(({ kind, name }) => !ours(kind, name))
    .map((owner) => ({
      severity: "breaks-guard",
      object: ownerName(owner),
      problem: "It is not the stack's, and its pods are in the gateways' namespace: they have the gateways' way out.",
      evidence: [`pods: ${owner.pods.map(({ metadata }) => metadata.name).join(", ")}`],
      fix: "Move it to a namespace of its own.",
      commands: [`kubectl delete ${owner.kind.toLowerCase()}/${owner.name} --namespace ${gatewayNamespace}`],
    }));
}
