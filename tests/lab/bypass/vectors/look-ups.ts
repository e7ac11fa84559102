import { network } from "../../../../lab/topology";
import { NetworkVector, Probe } from "../vector";

// Names as a way out.

const asks = (
  tries: string,
  probe: Omit<Probe & { kind: "dns" }, "kind">,
  twin?: Probe,
  rest: Partial<NetworkVector> = {},
): NetworkVector => ({
  ...{ tries, group: "names", layer: "resolver", from: "past app-a", probe: { kind: "dns", ...probe } },
  twin: twin ?? { kind: "dns", address: "@resolver", name: "httpbin.org", ...(probe.over && { over: probe.over }) },
  ...rest,
});
const types = ["A", "AAAA", "TXT", "MX", "SRV", "NULL", "ANY", "HTTPS", "CNAME", "NS"] as const;
const elsewhere = (tries: string, probe: Omit<Probe & { kind: "dns" }, "kind">): NetworkVector =>
  asks(tries, probe, { kind: "dns", ...probe }, { layer: "network", twinFrom: "free" });

export const lookUps: NetworkVector[] = [
  ...types.map((type) =>
    asks(`data in a name, as a record of type ${type}`, { address: "@resolver", name: "TOKEN.cnn.com", type }),
  ),
  asks("data in a name, over TCP", { address: "@resolver", name: "TOKEN.cnn.com", over: "tcp" }),
  asks("data below a granted name", { address: "@resolver", name: "TOKEN.httpbin.org" }),
  asks("data below a granted name, as TXT", { address: "@resolver", name: "TOKEN.httpbin.org", type: "TXT" }),
  asks("data below the cluster's domain", { address: "@resolver", name: "TOKEN.cluster.local" }),
  asks("data below a denied name", { address: "@resolver", name: "TOKEN.secret.bulk.example" }),
  asks("data in a query of another class", { address: "@resolver", name: "TOKEN.cnn.com", class: 3 }),
  asks("data in a reverse look-up", { address: "@resolver", name: "13.113.0.203.in-addr.arpa", type: "PTR" }),
  asks(
    "a Service of a namespace that is not guarded",
    { address: "@resolver", name: "kubernetes.default.svc.cluster.local" },
    { kind: "dns", address: "@resolver", name: "app-b.test-app.svc.cluster.local" },
  ),
  elsewhere("data in a name, to the cluster's resolver", { address: network.clusterDns, name: "TOKEN.cnn.com" }),
  elsewhere("data in a name, to the cluster's resolver over TCP", {
    address: network.clusterDns,
    name: "TOKEN.cnn.com",
    over: "tcp",
  }),
  elsewhere("data in a name, to a pod of the cluster's resolver", { address: "@kube-dns", name: "TOKEN.cnn.com" }),
  elsewhere("data in a name, to a resolver outside", { address: network.outsideDns, name: "TOKEN.bulk.example" }),
];
