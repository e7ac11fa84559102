import { Manifest } from "../../ground/manifest";
import { MetricsArgs } from "../args";
import { metricsChecks, metricsSense } from "../arguments/platform";
import { requireArguments } from "../check";
import { sortManifests } from "../metadata";
import { ingressFromPrometheus } from "../network-policies";
import { alertRules } from "./alerts";
import { dashboard } from "./dashboard";
import { podMonitors } from "./monitors";

/**
 * What is made for those who watch what gateways and sidecars count: the way of Prometheus to the gateways' port, and of
 * nobody else; and for the Prometheus Operator what scrapes both, alert rules, and a dashboard of Grafana's.
 *
 * @throws ArgumentError for what could mean another thing than it says
 */
export function planMetrics(args: MetricsArgs): Manifest[] {
  requireArguments("The metrics", args, metricsChecks, metricsSense);
  return sortManifests([
    ingressFromPrometheus(args.namespace, args.prometheus),
    ...(args.operator === true ? [...podMonitors(args), ...alertRules(args), dashboard(args)] : []),
  ]);
}
