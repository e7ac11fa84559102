import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { guarded, KubernetesObject, pod } from "../admission/attacks";
import { apply, kubectl } from "../support/commands";
import { seenOutside } from "../support/requests";
import { Site, tryProbes } from "./run-probes";
import { Group, Outcome, Probe } from "./vector";

/**
 * What somebody who may deploy makes, for real, once admission is away: what of it do the other layers still stop? With
 * admission, each is refused by its rule.
 */
export interface Deployed {
  tries: string;
  group: Group;
  /** The rule of admission that refuses it. */
  rule: string;
  /** What is refused, without a name. */
  refused: KubernetesObject;
  /** What else is made with it; in texts, NAME is the name of both. */
  also?: KubernetesObject[];
  /** Made from its pod; without one, the node makes the call, and TOKEN stands in the object. */
  probe?: Probe;
}

const [httpbin, cnn] = ["203.0.113.11", "203.0.113.13"];
const direct: Probe = { kind: "tcp", address: cnn, port: 80 };
const request = (host: string): string[] => [`GET /TOKEN HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`];
const bare = { labels: { "sidecar.istio.io/inject": "false", of: "NAME" } };
const call = { httpGet: { host: cnn, port: 80, path: "/TOKEN" } };

const networking = (kind: string, spec: object): KubernetesObject => ({
  ...{ apiVersion: "networking.istio.io/v1", kind, metadata: { namespace: guarded, name: "NAME" }, spec },
});

export const deployed: Deployed[] = [
  { tries: "a pod without a sidecar", group: "deploying", rule: "labels|sidecar", refused: pod(bare), probe: direct },
  {
    tries: "a pod as the sidecar's user",
    ...{ group: "deploying", rule: "sidecar-user", probe: direct },
    refused: pod({ spec: { securityContext: { runAsUser: 1337 } } }),
  },
  {
    tries: "a pod whose packets are not redirected",
    ...{ group: "deploying", rule: "annotations", probe: direct },
    refused: pod({ annotations: { "traffic.sidecar.istio.io/excludeOutboundIPRanges": "0.0.0.0/0" } }),
  },
  {
    tries: "a pod without a sidecar, with a gateway's labels",
    ...{ group: "deploying", rule: "gateways|labels|sidecar", probe: direct },
    refused: pod({ labels: { ...bare.labels, istio: "egress-gateway" } }),
  },
  {
    tries: "a pod of its own, under a granted ServiceAccount and with its labels",
    ...{ group: "deploying", rule: "identity" },
    refused: pod({
      labels: { app: "app-a" },
      spec: { serviceAccountName: "app-a", securityContext: { runAsUser: 1000 } },
    }),
    probe: { kind: "http", address: httpbin, port: 80, raw: request("httpbin.org") },
  },
  {
    tries: "a pod on the node's network",
    ...{ group: "node", rule: "host-namespaces|sidecar", probe: direct },
    refused: pod({ spec: { hostNetwork: true } }),
  },
  {
    // Of several rules that refuse one pod, the API server tells any.
    tries: "the node's kubelet as a courier, by a probe",
    ...{ group: "node", rule: "probes|labels|sidecar" },
    refused: pod({ ...bare, main: { livenessProbe: { ...call, periodSeconds: 1 } } }),
  },
  {
    tries: "the node's kubelet as a courier, by a hook",
    ...{ group: "node", rule: "probes|labels|sidecar" },
    refused: pod({ ...bare, main: { lifecycle: { postStart: call } } }),
  },
  {
    tries: "a NetworkPolicy of its own that opens everything",
    ...{ group: "objects", rule: "network-policies", probe: direct },
    refused: {
      ...{ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { namespace: guarded } },
      spec: { podSelector: { matchLabels: { of: "NAME" } }, egress: [{}], policyTypes: ["Egress"] },
    },
    also: [pod(bare)],
  },
  {
    tries: "a Sidecar of its own that knows every host",
    ...{ group: "objects", rule: "istio-objects" },
    refused: networking("Sidecar", {
      workloadSelector: { labels: { of: "NAME" } },
      egress: [{ hosts: ["*/*"] }],
      outboundTrafficPolicy: { mode: "ALLOW_ANY" },
    }),
    also: [pod({ labels: { of: "NAME" }, spec: { securityContext: { runAsUser: 1000 } } })],
    probe: { kind: "http", address: cnn, port: 80, raw: request("cnn.com") },
  },
  {
    tries: "a Service of its own that leads to an address outside",
    ...{ group: "objects", rule: "endpoints" },
    refused: {
      ...{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", addressType: "IPv4" },
      metadata: { namespace: guarded, labels: { "kubernetes.io/service-name": "NAME" } },
      endpoints: [{ addresses: [cnn], conditions: { ready: true } }],
      ports: [{ name: "http", port: 80 }],
    },
    also: [
      {
        ...{ apiVersion: "v1", kind: "Service", metadata: { namespace: guarded } },
        spec: { clusterIP: "None", ports: [{ name: "http", port: 80 }] },
      },
      pod({ labels: { of: "NAME" }, spec: { securityContext: { runAsUser: 1000 } } }),
    ],
    probe: { kind: "http", address: "NAME", port: 80, raw: request("NAME") },
  },
];

const name = (index: number): string => `bypass-deployed-${index}`;

/** Tells this run's couriers from those of an earlier one. */
const word = randomBytes(6).toString("hex");
const token = (index: number): string => `${word}-${index}`;

/** An object with its name and its token. */
export function named(object: KubernetesObject, index: number): KubernetesObject {
  const text = JSON.stringify(object).replaceAll("NAME", name(index)).replaceAll("TOKEN", token(index));
  const { metadata, ...rest } = JSON.parse(text) as KubernetesObject;
  return { ...rest, metadata: { ...metadata, name: name(index) } };
}

/**
 * Makes all of it, tries what it is for, and removes it. Admission has to be away.
 *
 * @param isDone as for `tryProbes`
 */
export async function tryDeployed(
  site: Site,
  isDone: (index: number, outcome: Outcome) => boolean,
): Promise<Outcome[]> {
  const made = deployed.flatMap(({ refused, also = [] }, index) =>
    [refused, ...also].map((each) => named(each, index)),
  );
  // What a pod is to meet is there before it.
  const pods = made.filter(({ kind }) => kind === "Pod");
  const others = made.filter(({ kind }) => kind !== "Pod");
  try {
    apply({ apiVersion: "v1", kind: "List", items: [...others, ...pods] });
    const withProbe = deployed.flatMap(({ probe }, index) => (probe === undefined ? [] : [name(index)]));
    kubectl(
      "wait",
      `--namespace=${guarded}`,
      "--for=condition=Ready",
      "--timeout=240s",
      ...withProbe.map((each) => `pod/${each}`),
    );
    // The network's rules, and what sidecars know, follow a new pod within a moment.
    await delay(4000);
    return await outcomesOf(site, isDone);
  } finally {
    for (const { kind, metadata } of made) {
      kubectl(
        "delete",
        kind,
        metadata.name,
        `--namespace=${guarded}`,
        "--ignore-not-found",
        "--grace-period=0",
        "--force",
        "--wait=false",
      );
    }
  }
}

/** What the node has called for a pod, which nobody has waited for: on a busy machine its container starts late. */
async function courier(index: number): Promise<Outcome> {
  const end = Date.now() + 30_000;
  let arrived = seenOutside(`/${token(index)}`);
  while (arrived.length === 0 && Date.now() < end) {
    await delay(500);
    arrived = seenOutside(`/${token(index)}`);
  }
  return { answer: arrived.length > 0 ? "called by the node" : "not called", arrived, lookUps: 0 };
}

function outcomesOf(site: Site, isDone: (index: number, outcome: Outcome) => boolean): Promise<Outcome[]> {
  return Promise.all(
    deployed.map(async ({ probe }, index) => {
      if (probe === undefined) {
        return courier(index);
      }
      const own: Site = { ...site, places: { "app-a": [guarded, name(index), "main"] } };
      const tried = JSON.parse(JSON.stringify(probe).replaceAll("NAME", name(index))) as Probe;
      return (await tryProbes(own, [{ from: "app-a", probe: tried }], (_, outcome) => isDone(index, outcome)))[0]!;
    }),
  );
}
