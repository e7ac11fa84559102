import * as pulumi from "@pulumi/pulumi";
import { MetricsArgs as PlannedArgs, planMetrics } from "../model";
import { EgressNamespace } from "./egress-namespace";
import type { Every } from "./known-arguments";
import { registerInOrder } from "./ordered-manifests";
import { given, planned } from "./planned";

export interface EgressMetricsArgs extends Omit<PlannedArgs, "namespace" | "namespaces"> {
  /** The namespace of the gateways that count: all of it is there. */
  egress: EgressNamespace;
}

const everyArgument: Every<EgressMetricsArgs> = {
  egress: true,
  gateways: true,
  prometheus: true,
  operator: true,
  labels: true,
  dates: true,
};

/**
 * What is made for those who watch: the way of Prometheus to the gateways' port 15090, and of nobody else; with `operator`
 * also PodMonitors of gateways and of the sidecars of guarded namespaces, PrometheusRules and a dashboard of Grafana's.
 *
 * It counts nothing itself: an `EgressGateway` does with `counts`, and the sidecars of an `InjectedNamespace` with
 * `counts: true`.
 *
 * Errors: with `operator` the engine fails PodMonitors and PrometheusRules where the Prometheus Operator's
 * CustomResourceDefinitions are not installed.
 */
export class EgressMetrics extends pulumi.ComponentResource {
  constructor(name: string, args: EgressMetricsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:EgressMetrics", name, {}, opts);

    const { egress, ...own } = given(args);
    const parts = { egress: { what: "an EgressNamespace", given: egress, by: "namespaceResource" } };
    const manifests = planned(
      `EgressMetrics "${name}"`,
      { names: { namespace: "egress", namespaces: "egress" }, parts, of: { args, known: everyArgument } },
      () => planMetrics({ ...own, namespace: egress?.namespaceName, namespaces: egress?.guardedNamespaces }),
    );
    registerInOrder(this, name, manifests, { mesh: [], namespaces: [egress.namespaceResource] });
    this.registerOutputs({});
  }
}
