import { Manifest } from "../ground/manifest";
import { serviceHost, workloadKey } from "../ground/names";
import { Plan } from "../plan/types";
import { KnownName } from "./client";
import { ofKind, Service, ServiceEntry } from "./objects";
import { Behind, TlsRow } from "./types";
import { isVisible, meansHost } from "./names";

/** A name and port that sidecars are told of. */
interface Registered extends KnownName {
  port: number;
  /** Namespaces that may know it. @default all */
  exportTo?: string[];
  way: "service" | "gateway" | "beside";
  behind: Behind;
}

/** What may be called, and by whom; `known` unless calls go past the sidecar. */
export type Callee = Pick<TlsRow, "host" | "port" | "way" | "callers"> & { known?: KnownName & { behind: Behind } };

/**
 * Every name and port that some workload of a plan may call: what the workloads' Sidecars import of the plan's Services
 * and ServiceEntries, and the Services beside the mesh that are kept from sidecars.
 */
export function callees(plan: Plan, manifests: Manifest[]): Callee[] {
  return [...throughSidecars(plan, manifests), ...plan.outside.flatMap(pastSidecars)];
}

function throughSidecars(plan: Plan, manifests: Manifest[]): Callee[] {
  return registry(manifests).flatMap(({ host, port, way, exportTo, behind, registeredIn, autoMtls }) => {
    const callers = plan.workloads
      .filter(
        (workload) =>
          isVisible(exportTo, { home: registeredIn, from: workload.namespace }) &&
          imports(workload.manifests, { host, registeredIn }),
      )
      .map(workloadKey);
    return callers.length === 0 ? [] : [{ host, port, way, callers, known: { host, registeredIn, autoMtls, behind } }];
  });
}

/** Whether a workload's Sidecar lets it know a name: `namespace/host` among its hosts. */
function imports(manifests: Manifest[], { host, registeredIn }: Pick<KnownName, "host" | "registeredIn">): boolean {
  return ofKind(manifests, "Sidecar")
    .flatMap(({ spec }) => spec.egress.flatMap(({ hosts }) => hosts))
    .some((imported) => {
      const [namespace, pattern] = imported.split("/") as [string, string];
      return namespace === registeredIn && meansHost(pattern, host);
    });
}

function registry(manifests: Manifest[]): Registered[] {
  const services = ofKind(manifests, "Service");
  return [
    ...services.flatMap((service) => fromService(service, manifests)),
    ...ofKind(manifests, "ServiceEntry").flatMap((entry) => fromServiceEntry(entry, services)),
  ];
}

function fromService(service: Service, manifests: Manifest[]): Registered[] {
  const { annotations = {}, namespace = "" } = service.metadata;
  const labels = podLabels(manifests, namespace, service.spec.selector ?? {});
  return service.spec.ports.map(({ port, targetPort }) => ({
    host: hostOf(service),
    port,
    registeredIn: namespace,
    exportTo: annotations[exportAnnotation]?.split(","),
    way: "service",
    behind: { namespace, labels, port: targetPort ?? port },
    autoMtls: isInjected(manifests, namespace),
  }));
}

const exportAnnotation = "networking.istio.io/exportTo";

function hostOf({ metadata }: Service): string {
  return serviceHost(metadata.name, metadata.namespace ?? "");
}

/** Labels of the pods that a selector means; they may have more, such as those that injection adds. */
function podLabels(manifests: Manifest[], namespace: string, selector: Record<string, string>): Record<string, string> {
  const templates = manifests
    .filter(({ kind, metadata }) => kind === "Deployment" && metadata.namespace === namespace)
    .map(
      ({ spec }) => (spec as { template: { metadata: { labels: Record<string, string> } } }).template.metadata.labels,
    );
  return (
    templates.find((labels) => Object.entries(selector).every(([label, value]) => labels[label] === value)) ?? selector
  );
}

function isInjected(manifests: Manifest[], namespace: string): boolean {
  return manifests.some(
    ({ kind, metadata: { name, labels = {} } }) =>
      ["Namespace", "NamespacePatch"].includes(kind) &&
      name === namespace &&
      (labels["istio-injection"] === "enabled" || labels["istio.io/rev"] !== undefined),
  );
}

/**
 * Behind a ServiceEntry stand pods that it selects, pods of a Service that it names, or addresses without a sidecar;
 * policies count for these by the namespace of the Service that has the same name. Auto mTLS leaves names beside the
 * mesh alone.
 */
function fromServiceEntry({ metadata, spec }: ServiceEntry, services: Service[]): Registered[] {
  const { namespace: registeredIn = "" } = metadata;
  const pods = podsBehind(spec, registeredIn, services);
  return spec.hosts.flatMap((host) => {
    const named = services.find((service) => hostOf(service) === host)?.metadata.namespace;
    return spec.ports.map(({ name, number, targetPort }): Registered => {
      const port = pods?.ports[name] ?? targetPort ?? number;
      return {
        host,
        port: number,
        registeredIn,
        exportTo: spec.exportTo,
        way: pods === undefined ? "beside" : "gateway",
        behind:
          pods === undefined
            ? { namespace: named ?? registeredIn }
            : { namespace: pods.namespace, labels: pods.labels, port },
        autoMtls: false,
      };
    });
  });
}

/** The pods that a ServiceEntry leads to, and their ports by the names that it has for them. */
function podsBehind({ workloadSelector, endpoints = [] }: ServiceEntry["spec"], home: string, services: Service[]) {
  if (workloadSelector !== undefined) {
    return { namespace: home, labels: workloadSelector.labels, ports: {} as Record<string, number> };
  }
  for (const { address, ports = {} } of endpoints) {
    const service = services.find((candidate) => hostOf(candidate) === address);
    if (service !== undefined) {
      return { namespace: service.metadata.namespace ?? "", labels: service.spec.selector ?? {}, ports };
    }
  }
  return undefined;
}

/** A service beside the mesh that no ServiceEntry tells sidecars of. */
function pastSidecars({ namespace, clients, manifests }: Plan["outside"][number]): Callee[] {
  if (ofKind(manifests, "ServiceEntry").length > 0) {
    return [];
  }
  const callers = clients.map((name) => workloadKey({ namespace, name }));
  return ofKind(manifests, "Service").flatMap((service) =>
    service.spec.ports.map(({ port }) => ({ host: hostOf(service), port, way: "bypass", callers })),
  );
}
