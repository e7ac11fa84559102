// Rules of pods by example, for what a reader would look up. Does not prove completeness: the property test does that.
import assert from "node:assert/strict";
import { formatAddress } from "../../../../lab/netpol/addresses";
import { Allow, PodRules, podRules } from "../../../../lab/netpol/policy";
import { ruleset } from "../../../../lab/netpol/ruleset";
import { NetworkPolicySpec, Pod } from "../../../../lab/netpol/resources";

const web: Pod = {
  namespace: "shop",
  name: "web",
  labels: { app: "web" },
  address: 0x0af40005,
  namedPorts: [{ name: "http", protocol: "TCP", port: 8080 }],
};
const api: Pod = {
  namespace: "shop",
  name: "api",
  labels: { app: "api" },
  address: 0x0af40007,
  namedPorts: [{ name: "http", protocol: "TCP", port: 9090 }],
};
const other: Pod = { namespace: "office", name: "web", labels: { app: "web" }, address: 0x0af40009, namedPorts: [] };
const namespaces = [
  { name: "shop", labels: { team: "sales" } },
  { name: "office", labels: { team: "staff" } },
];
const http = { port: "http" };
const every4 = { ipBlock: { cidr: "0.0.0.0/0" } };

function rulesOf(pod: Pod, ...specs: NetworkPolicySpec[]): Omit<PodRules, "address"> {
  const policies = specs.map((spec, at) => ({ metadata: { namespace: "shop", name: `policy-${at}` }, spec }));
  const { ingress, egress } = podRules({ pods: [web, api, other], namespaces, policies }).find(
    ({ address }) => address === pod.address,
  )!;
  return { ingress, egress };
}

/** One line for every Allow: `peers protocol/ports`. */
function lines(allows: Allow[] | undefined): string[] | undefined {
  return allows?.map(({ peers, transport }) => {
    const addresses = peers.map(({ first, last }) =>
      first === last ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}`,
    );
    const ports = transport?.ports.map(({ first, last }) => (first === last ? first : `${first}-${last}`));
    return `${addresses.join(",")} ${transport ? `${transport.protocol}/${ports?.join(",")}` : "any"}`;
  });
}

describe("netpol policies", () => {
  it("isolate nobody when there are none", () =>
    assert.deepEqual(rulesOf(web), { ingress: undefined, egress: undefined }));

  it("isolate no pod of another namespace", () =>
    assert.deepEqual(rulesOf(other, { podSelector: {} }), { ingress: undefined, egress: undefined }));

  it("isolate ingress alone when they name no type and have no egress rule", () =>
    assert.deepEqual(rulesOf(web, { podSelector: {} }), { ingress: [], egress: undefined }));

  it("isolate both ways when they name no type and have an egress rule", () =>
    assert.deepEqual(lines(rulesOf(web, { egress: [{}] }).egress), ["0.0.0.0-255.255.255.255 any"]));

  it("deny all egress with the type alone", () =>
    assert.deepEqual(rulesOf(web, { policyTypes: ["Egress"] }), { ingress: undefined, egress: [] }));

  it("add up", () => {
    const to = (app: string): NetworkPolicySpec => ({
      policyTypes: ["Egress"],
      egress: [{ to: [{ podSelector: { matchLabels: { app } } }] }],
    });
    assert.deepEqual(lines(rulesOf(web, to("web"), to("api")).egress), ["10.244.0.5 any", "10.244.0.7 any"]);
  });

  it("mean pods of their own namespace by a podSelector", () =>
    assert.deepEqual(
      lines(rulesOf(api, { ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }] }] }).ingress),
      ["10.244.0.5 any"],
    ));

  it("mean pods of every namespace selected by a namespaceSelector", () =>
    assert.deepEqual(lines(rulesOf(api, { ingress: [{ from: [{ namespaceSelector: {} }] }] }).ingress), [
      "10.244.0.5,10.244.0.7,10.244.0.9 any",
    ]));

  it("mean both conditions by both selectors, and either by two peers", () => {
    const namespaceSelector = { matchLabels: { team: "staff" } };
    const podSelector = { matchLabels: { app: "api" } };
    assert.deepEqual(lines(rulesOf(web, { ingress: [{ from: [{ namespaceSelector, podSelector }] }] }).ingress), []);
    assert.deepEqual(lines(rulesOf(web, { ingress: [{ from: [{ namespaceSelector }, { podSelector }] }] }).ingress), [
      "10.244.0.7,10.244.0.9 any",
    ]);
  });

  it("leave exceptions out of a block", () => {
    const ipBlock = { cidr: "10.0.0.0/8", except: ["10.244.0.0/16"] };
    assert.deepEqual(lines(rulesOf(web, { egress: [{ to: [{ ipBlock }] }] }).egress), [
      "10.0.0.0-10.243.255.255,10.245.0.0-10.255.255.255 any",
    ]);
  });

  it("hold no IPv4 address in a block of IPv6", () =>
    assert.deepEqual(rulesOf(web, { egress: [{ to: [{ ipBlock: { cidr: "::/0" } }] }] }).egress, []));

  it("gather ports by protocol, TCP unless they say otherwise", () => {
    const ports = [
      { port: 80 },
      { port: 81, endPort: 90 },
      { protocol: "UDP" as const, port: 53 },
      { protocol: "SCTP" as const },
    ];
    const to = [{ ipBlock: { cidr: "10.10.0.4/32" } }];
    assert.deepEqual(lines(rulesOf(web, { egress: [{ to, ports }] }).egress), [
      "10.10.0.4 TCP/80-90",
      "10.10.0.4 UDP/53",
      "10.10.0.4 SCTP/0-65535",
    ]);
  });

  it("mean by a name the port of the pod that is called, on ingress", () => {
    const named = { ingress: [{ ports: [http] }] };
    assert.deepEqual(lines(rulesOf(web, named).ingress), ["0.0.0.0-255.255.255.255 TCP/8080"]);
    assert.deepEqual(lines(rulesOf(api, named).ingress), ["0.0.0.0-255.255.255.255 TCP/9090"]);
  });

  it("mean by a name the port of the pod that is called, on egress, and none elsewhere", () =>
    assert.deepEqual(lines(rulesOf(web, { egress: [{ ports: [http] }] }).egress), [
      "10.244.0.5 TCP/8080",
      "10.244.0.7 TCP/9090",
    ]));

  it("allow nothing by a name that the pod does not have, or has for another protocol", () => {
    assert.deepEqual(rulesOf(web, { ingress: [{ ports: [{ port: "admin" }] }] }).ingress, []);
    assert.deepEqual(rulesOf(web, { ingress: [{ ports: [{ ...http, protocol: "UDP" }] }] }).ingress, []);
  });

  it("mean IPv6 by a rule without peers, whose ports are numbers, and by no block or selector", () => {
    const marks = (egress: NonNullable<NetworkPolicySpec["egress"]>[number]) =>
      rulesOf(web, { egress: [egress] }).egress!.map(({ anyPeer = false }) => anyPeer);
    assert.deepEqual([marks({}), marks({ to: [], ports: [{ port: 80 }] })], [[true], [true]]);
    assert.deepEqual([marks({ to: [every4] }), marks({ to: [{ namespaceSelector: {} }] })], [[false], [false]]);
    assert.deepEqual(marks({ ports: [http] }), [false, false]);
  });

  it("are written for the IPv6 addresses of pods, which end in their IPv4 ones", () => {
    const policies = [{ metadata: { namespace: "shop", name: "none" }, spec: { egress: [{ to: [every4] }] } }];
    const text = ruleset(podRules({ pods: [web, other], namespaces, policies }), "10.244.0.0/24");
    assert.match(
      text,
      /fd00:10:244::af4:5 : drop, fe80::af4:5 : drop, fd00:10:244::af4:9 : return, fe80::af4:9 : return/,
    );
  });

  it("know no rules for an address that two pods claim", () => {
    const pods = [web, { ...api, address: web.address }];
    assert.deepEqual(podRules({ pods, namespaces, policies: [] }), []);
  });
});
