/**
 * Names and addresses of the lab's two network namespaces. `lab` holds the node, the control plane and the
 * pods; `outside` plays the rest of the world. They share one link, and `outside` has no other, so that no
 * packet can leave the machine. Nothing is translated between them: the outside sees pods' own addresses.
 */
export const network = {
  lab: { namespace: "istio-egress-lab", device: "to-outside", address: "192.168.77.2" },
  outside: { namespace: "istio-egress-out", device: "to-lab", address: "192.168.77.1" },
  linkPrefix: 24,
  podCidr: "10.244.0.0/24",
  serviceCidr: "10.96.0.0/16",
  apiServerService: "10.96.0.1",
  clusterDns: "10.96.0.10",
  outsideDns: "203.0.113.53",
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
