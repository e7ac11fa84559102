import { Manifest } from "../../ground/manifest";
import { MetricsArgs } from "../args";
import { callsMetric } from "../call-counters";
import { commonLabels } from "../metadata";
import { gatewaysMonitor } from "./monitors";

/** The label by which Grafana's sidecar finds dashboards, in its chart's default. */
const grafanaLabel = { grafana_dashboard: "1" };

/** A dashboard of Grafana's, in a ConfigMap: its data source is whichever Prometheus its reader chooses. */
export function dashboard({ namespace, namespaces }: Pick<MetricsArgs, "namespace" | "namespaces">): Manifest {
  const name = "egress-dashboard";
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace, labels: { ...grafanaLabel, ...commonLabels() } },
    data: { "egress.json": `${JSON.stringify(content(namespace, namespaces), undefined, 2)}\n` },
  };
}

/** A picture, in Grafana's words: queries by what is said of each line. */
interface Panel {
  title: string;
  description: string;
  queries: [query: string, legend: string][];
  unit?: string;
}

function content(namespace: string, namespaces: string[]): Record<string, unknown> {
  const anywhere = `namespace=~"${[namespace, ...namespaces].join("|")}"`;
  const rate = (by: string, ...matchers: string[]) =>
    `sum by (${by}) (rate(${callsMetric}{${[anywhere, ...matchers].join(",")}}[$__rate_interval]))`;
  const panels: Panel[] = [
    {
      title: "Calls by decision",
      description: "What gateways, sidecars and the observer decided. TLS and TCP are counted when a connection ends.",
      queries: [[rate("decision"), "{{decision}}"]],
    },
    {
      title: "Refused calls by workload",
      description:
        "At the sidecar: of a host that the workload does not know. At a gateway: past what the sidecar knows.",
      queries: [[rate("caller, at", 'decision="denied"'), "{{caller}} at its {{at}}"]],
    },
    {
      title: "Would be denied, by workload",
      description: "Calls of workloads that are observed, and of rules in report mode.",
      queries: [[rate("caller, destination", 'decision="would be denied"'), "{{caller}} {{destination}}"]],
    },
    {
      title: "Allowed calls by workload and destination",
      description: "A rule is the pair of both.",
      queries: [[rate("caller, destination", 'decision="allowed"'), "{{caller}} → {{destination}}"]],
    },
    {
      title: "Allowed calls that did not reach their host",
      description: "As a part of those that a rule let pass.",
      queries: [
        [
          `${rate("destination", 'outcome="failed"')} / ${rate("destination", 'outcome!="refused"')}`,
          "{{destination}}",
        ],
      ],
      unit: "percentunit",
    },
    {
      title: "Gateway pods that answer",
      description: "Pods that Prometheus reaches, by gateway.",
      queries: [[`sum by (gateway) (up{job="${namespace}/${gatewaysMonitor}"})`, "{{gateway}}"]],
      unit: "none",
    },
  ];
  return {
    uid: "istio-egress",
    title: "Egress",
    tags: ["istio-egress"],
    schemaVersion: 39,
    editable: false,
    refresh: "1m",
    time: { from: "now-6h", to: "now" },
    templating: {
      list: [{ name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus" }],
    },
    panels: panels.map(picture),
  };
}

function picture({ title, description, queries, unit = "reqps" }: Panel, index: number): Record<string, unknown> {
  const [width, height] = [12, 8];
  return {
    id: index + 1,
    type: "timeseries",
    title,
    description,
    datasource: { type: "prometheus", uid: "${datasource}" },
    gridPos: { x: (index % 2) * width, y: Math.floor(index / 2) * height, w: width, h: height },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } },
    targets: queries.map(([expr, legendFormat], number) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + number),
      expr,
      legendFormat,
    })),
  };
}
