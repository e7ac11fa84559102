import { Manifest } from "../../ground/manifest";
import { gatewayPodLabelKey } from "../../ground/names";
import { sortedUnique } from "../../ground/order";
import { MetricsArgs } from "../args";
import { callsMetric, statsPort } from "../call-counters";
import { commonLabels } from "../metadata";

type Args = Pick<MetricsArgs, "namespace" | "namespaces" | "labels">;

/** Name of the PodMonitor of gateways; the job of what it scrapes is `<namespace>/<name>`. */
export const gatewaysMonitor = "egress-gateways";

/** The gateways' pods, each with its gateway's name as a label; and the sidecars of guarded namespaces, which count what they refuse. */
export function podMonitors({ namespace, namespaces, labels = {} }: Args): Manifest[] {
  const metadata = (name: string) => ({ name, namespace, labels: { ...labels, ...commonLabels() } });
  const gateways = monitor(metadata(gatewaysMonitor), {
    selector: { matchExpressions: [{ key: gatewayPodLabelKey, operator: "Exists" }] },
    namespaces: [namespace],
    relabelings: [{ sourceLabels: ["__meta_kubernetes_pod_label_istio"], targetLabel: "gateway" }],
  });
  const sidecars = monitor(metadata("egress-sidecars"), {
    selector: {},
    namespaces: sortedUnique(namespaces),
    relabelings: [],
  });
  // Without a name it would be every namespace.
  return namespaces.length === 0 ? [gateways] : [gateways, sidecars];
}

interface Scraped {
  selector: Record<string, unknown>;
  namespaces: string[];
  relabelings: Record<string, unknown>[];
}

function monitor(metadata: Manifest["metadata"], { selector, namespaces, relabelings }: Scraped): Manifest {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata,
    spec: {
      selector,
      namespaceSelector: { matchNames: namespaces },
      podMetricsEndpoints: [
        {
          port: statsPort.name,
          path: "/stats/prometheus",
          ...(relabelings.length === 0 ? {} : { relabelings }),
          // Envoy's other statistics are the mesh's to scrape, and many.
          metricRelabelings: [{ sourceLabels: ["__name__"], regex: callsMetric, action: "keep" }],
        },
      ],
    },
  };
}
