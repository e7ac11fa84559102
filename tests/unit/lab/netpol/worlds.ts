import fc from "fast-check";
import {
  NetworkPolicy,
  NetworkPolicySpec,
  Pod,
  PolicyPeer,
  PolicyPort,
  Protocol,
} from "../../../../lab/netpol/resources";
import { LabelSelector } from "../../../../model/ground/label-selector";
import { Flow, World } from "./oracle";

/** Small worlds, so that selectors, addresses and ports meet often. */
const firstAddress = 0x0af40002;
const cidrs = ["0.0.0.0/0", "10.244.0.0/24", "10.244.0.4/31", "10.0.0.0/8", "10.10.0.4/32", "203.0.113.0/24"];
export const protocols: Protocol[] = ["TCP", "UDP", "SCTP"];
const ports = [53, 80, 81, 443, 8080];
const namespaceNames = ["red", "green"];
const portNames = ["http", "dns"];

const key = fc.constantFrom("app", "tier");
const value = fc.constantFrom("a", "b", "c");
const labels = fc.dictionary(key, value, { noNullPrototype: true });
const protocol = fc.option(fc.constantFrom(...protocols), { nil: undefined });

/** Optional fields are left out rather than set to undefined, as JSON would have it. */
function object<T extends object>(fields: Record<keyof T, fc.Arbitrary<unknown>>): fc.Arbitrary<T> {
  return fc
    .record(fields as Record<string, fc.Arbitrary<unknown>>)
    .map((made) => JSON.parse(JSON.stringify(made)) as T);
}

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

const requirement = fc.oneof(
  fc.record({ key, operator: fc.constantFrom("In", "NotIn"), values: fc.array(value, { minLength: 1, maxLength: 2 }) }),
  fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
);

const conditions = object<LabelSelector>({
  matchLabels: maybe(labels),
  matchExpressions: maybe(fc.array(requirement, { maxLength: 2 })),
});

const selector = fc.oneof(fc.constant<LabelSelector>({}), conditions);

const peer: fc.Arbitrary<PolicyPeer> = fc.oneof(
  object<PolicyPeer>({
    podSelector: selector,
    namespaceSelector: fc.constant(undefined),
    ipBlock: fc.constant(undefined),
  }),
  object<PolicyPeer>({ podSelector: maybe(selector), namespaceSelector: selector, ipBlock: fc.constant(undefined) }),
  fc.record({
    ipBlock: object<{ cidr: string; except?: string[] }>({
      cidr: fc.constantFrom(...cidrs),
      except: maybe(fc.array(fc.constantFrom(...cidrs.slice(1)), { maxLength: 2 })),
    }),
  }),
);

const port: fc.Arbitrary<PolicyPort> = fc.oneof(
  object<PolicyPort>({ protocol, port: maybe(fc.constantFrom(...ports)), endPort: fc.constant(undefined) }),
  object<PolicyPort>({ protocol, port: fc.constantFrom(...portNames), endPort: fc.constant(undefined) }),
  object<PolicyPort>({ protocol, port: fc.constantFrom(53, 80), endPort: fc.constantFrom(80, 443) }),
);

const peers = maybe(fc.array(peer, { maxLength: 3 }));
const portList = maybe(fc.array(port, { maxLength: 3 }));

const spec = object<NetworkPolicySpec>({
  podSelector: selector,
  policyTypes: maybe(fc.constantFrom<NetworkPolicySpec["policyTypes"]>(["Ingress"], ["Egress"], ["Ingress", "Egress"])),
  ingress: maybe(
    fc.array(object<{ from?: PolicyPeer[]; ports?: PolicyPort[] }>({ from: peers, ports: portList }), { maxLength: 2 }),
  ),
  egress: maybe(
    fc.array(object<{ to?: PolicyPeer[]; ports?: PolicyPort[] }>({ to: peers, ports: portList }), { maxLength: 2 }),
  ),
});

const policy: fc.Arbitrary<NetworkPolicy> = fc.record({
  metadata: fc.record({ namespace: fc.constantFrom(...namespaceNames), name: fc.constant("policy") }),
  spec,
});

/** Pods of namespaces that are known, and of one that is not, some without an address, some with the same. */
function pod(lastAddress: number): fc.Arbitrary<Pod> {
  return object<Pod>({
    namespace: fc.constantFrom(...namespaceNames, ...namespaceNames, "unlisted"),
    name: fc.constant("pod"),
    labels,
    address: maybe(fc.integer({ min: firstAddress, max: lastAddress })),
    namedPorts: fc.array(
      fc.record({
        name: fc.constantFrom(...portNames),
        protocol: fc.constantFrom(...protocols),
        port: fc.constantFrom(...ports),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  });
}

/** Worlds whose pods have addresses from 10.244.0.2 to the last. */
export function worldOf(lastAddress: number): fc.Arbitrary<World> {
  return fc.record({
    pods: fc.array(pod(lastAddress), { maxLength: 7 }),
    namespaces: fc.tuple(...namespaceNames.map((name) => fc.record({ name: fc.constant(name), labels }))),
    policies: fc.array(policy, { maxLength: 5 }),
  });
}

/** Every flow between two different ones of these addresses. */
export function flowsOf(addresses: number[], overProtocols: Protocol[], toPorts: number[]): Flow[] {
  return addresses.flatMap((from) =>
    addresses
      .filter((to) => to !== from)
      .flatMap((to) => overProtocols.flatMap((protocol) => toPorts.map((port) => ({ from, to, protocol, port })))),
  );
}
