import { collectorPorts, collectorService } from "../../ground/collector";
import { slicesOf } from "../slices";
import { LiveObject, Snapshot } from "../snapshot";
import { Check, Found } from "../types";

interface Service extends LiveObject {
  spec: { ports?: { port: number; targetPort?: number | string; protocol?: string; name?: string }[] };
}

/** Whether what gateways send of their log is taken by somebody. */
export const collector: Check = {
  name: "collector",
  promise: "the collector that gateways send their log to is there, and listens where it is dialled",
  needs: ({ config }) => {
    const namespace = collectorService(config.logs.openTelemetry?.service ?? "")?.namespace;
    return namespace === undefined
      ? []
      : ["services", "endpointslices.discovery.k8s.io"].map((resource) => ({ resource, namespace }));
  },
  run: ({ config }, snapshot) => {
    const to = config.logs.openTelemetry;
    const at = collectorService(to?.service ?? "");
    return to === undefined || at === undefined ? [] : faults(at, collectorPorts(to), snapshot);
  },
};

function faults(
  { service: name, namespace }: { service: string; namespace: string },
  { port, podPort }: { port: number; podPort: number },
  snapshot: Snapshot,
): Found[] {
  const found = (fault: Pick<Found, "problem" | "evidence" | "fix"> & Partial<Found>): Found[] => [
    { severity: "warning", object: `Service ${namespace}/${name}`, commands: [], ...fault },
  ];
  const service = snapshot.of<Service>("Service", namespace).find(({ metadata }) => metadata.name === name);
  if (service === undefined) {
    return found({
      problem: "The collector that gateways send their log to is not there: its lines are lost.",
      evidence: [`no Service ${name} in ${namespace}`],
      fix: "Install the collector, or name the Service that it has.",
      config: "istio-egress:logs.openTelemetry.service: <its Service>",
    });
  }
  const { ports = [] } = service.spec;
  const served = ports.find((each) => each.port === port && (each.protocol ?? "TCP") === "TCP");
  if (served === undefined) {
    return found({
      problem: `The collector's Service has no port ${port}: the log's lines are lost.`,
      evidence: [`it has ${ports.map((each) => `${each.port}/${each.protocol ?? "TCP"}`).join(", ") || "none"}`],
      fix: "Name the port on which it takes OTLP over gRPC.",
      config: "istio-egress:logs.openTelemetry.port: <a port of the Service>",
    });
  }
  const answering = slicesOf(snapshot, namespace, name).filter(({ endpoints }) =>
    endpoints.some(({ conditions }) => conditions?.ready !== false),
  );
  if (answering.length === 0) {
    return found({
      problem: "The collector has no pod that answers: the log's lines are lost.",
      evidence: ["its EndpointSlices hold no address that is ready"],
      fix: "See why its pods are not ready.",
      commands: [`kubectl get pods --namespace ${namespace}`],
    });
  }
  const listened = answering
    .flatMap(({ ports: all }) => all)
    .filter((each) => (each.name ?? "") === (served.name ?? "") && each.port !== undefined)
    .map((each) => each.port!);
  const others = [...new Set(listened)].filter((each) => each !== podPort);
  return others.length === 0
    ? []
    : found({
        problem: `The collector's pods listen on port ${others.join(", ")}, and the stack's policy opens ${podPort}: the log's lines are lost.`,
        evidence: [`port ${port} of the Service leads to ${others.join(", ")}`],
        fix: "Say on which port its pods listen.",
        config: `istio-egress:logs.openTelemetry.podPort: ${others[0]}`,
      });
}
