/**
 * Names and addresses of the lab's two network namespaces. `lab` holds the node, the control plane and the
 * pods; `outside` plays the rest of the world. They share one link, and `outside` has no other, so that no
 * packet can leave the machine. Nothing is translated between them: the outside sees pods' own addresses.
 *
 * Both speak IPv6 too, as does the outside; the cluster does not: its pods have no IPv6 address unless a test gives them the
 * one that is theirs, `podPrefix6` and then their IPv4 address.
 */
export const network = {
  lab: { namespace: "istio-egress-lab", device: "to-outside", address: "192.168.77.2", address6: "fd00:77::2" },
  outside: { namespace: "istio-egress-out", device: "to-lab", address: "192.168.77.1", address6: "fd00:77::1" },
  linkPrefix: 24,
  linkPrefix6: 64,
  podCidr: "10.244.0.0/24",
  /** 96 bits, before an IPv4 address. */
  podPrefix6: "fd00:10:244::",
  serviceCidr: "10.96.0.0/16",
  apiServerService: "10.96.0.1",
  clusterDns: "10.96.0.10",
  outsideDns: "203.0.113.53",
  outsideDns6: "2001:db8::53",
} as const;

export const clusterName = "istio-egress-lab";
export const apiServerPort = 6443;

/** Registry part of the names of images that are made here and pulled from nowhere. */
export const imageRegistry = "lab.istio-egress.local";

export const versions = {
  kubernetes: "1.34.4",
  istio: "1.31.1",
  envoy: "1.39.3",
  pulumi: "3.220.0",
  pulumiKubernetes: "4.34.2",
} as const;
