import { LiveObject, Snapshot } from "./snapshot";

/** Some of the places behind a Service, as the cluster's controllers, or others, list them. */
export interface EndpointSlice extends LiveObject {
  endpoints: Endpoint[];
  ports: { name?: string; port?: number; protocol?: string }[];
}

interface Endpoint {
  addresses: string[];
  conditions?: { ready?: boolean };
  targetRef?: { kind?: string; name?: string; namespace?: string };
}

type Given = Omit<EndpointSlice, "endpoints" | "ports"> & {
  [K in "endpoints" | "ports"]?: EndpointSlice[K] | null;
};

/** The EndpointSlices of a Service. Of one without pods the API server gives null in the place of lists: here they are empty. */
export function slicesOf(snapshot: Snapshot, namespace: string, service: string): EndpointSlice[] {
  return snapshot
    .of<Given>("EndpointSlice.discovery.k8s.io", namespace)
    .filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === service)
    .map((slice) => ({ ...slice, endpoints: slice.endpoints ?? [], ports: slice.ports ?? [] }));
}
