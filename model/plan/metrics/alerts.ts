import { Manifest } from "../../ground/manifest";
import { groupedBy, sortedBy, sortedUnique } from "../../ground/order";
import { counted } from "../../ground/words";
import { DatedRule, daysBefore } from "../../config/expired";
import { MetricsArgs } from "../args";
import { callsMetric } from "../call-counters";
import { commonLabels } from "../metadata";
import { gatewaysMonitor } from "./monitors";

/** One rule of Prometheus that alerts. */
interface Alert {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: { summary: string; description: string };
}

/** So many alerts are in one object at most, and so many bytes of them: an API server takes 1.5 MB. */
const mostInOneObject = { alerts: 1000, bytes: 1_000_000 };

/** How many rules an alert names; of the rest it gives the number. */
const mostNamed = 10;

/** Alert rules about calls and gateways, and about rules that end or are due for review. */
export function alertRules(args: MetricsArgs): Manifest[] {
  const { dates = [] } = args;
  const dated = [...dates.filter(({ what }) => what === "ends"), ...dates.filter(({ what }) => what === "review")];
  const groups = [
    ...groupedBy(dated, ({ what, at, owner = "" }) => `${what} ${at.slice(0, 10)} ${owner}`).values(),
  ].map(dateAlert);
  const parts = inObjects(groups);
  return [
    prometheusRule(args, "egress-calls", callAlerts(args)),
    ...parts.map((part, index) => prometheusRule(args, `egress-dates${index === 0 ? "" : `-${index + 1}`}`, part)),
  ];
}

/** Alerts in as many parts as there are to be objects. */
function inObjects(alerts: readonly Alert[]): Alert[][] {
  const parts: Alert[][] = [];
  let bytes = 0;
  for (const alert of alerts) {
    const size = Buffer.byteLength(JSON.stringify(alert));
    const last = parts.at(-1);
    if (last === undefined || last.length >= mostInOneObject.alerts || bytes + size > mostInOneObject.bytes) {
      parts.push([alert]);
      bytes = size;
    } else {
      last.push(alert);
      bytes += size;
    }
  }
  return parts;
}

function prometheusRule(
  { namespace, labels = {} }: Pick<MetricsArgs, "namespace" | "labels">,
  name: string,
  rules: Alert[],
): Manifest {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name, namespace, labels: { ...labels, ...commonLabels() } },
    spec: { groups: [{ name: `${namespace}.${name}`, rules }] },
  };
}

function callAlerts({ namespace, namespaces, gateways }: MetricsArgs): Alert[] {
  const atGateways = `namespace="${namespace}"`;
  const anywhere = `namespace=~"${sortedUnique([namespace, ...namespaces]).join("|")}"`;
  const calls = (...matchers: string[]) => `${callsMetric}{${matchers.join(",")}}`;
  // The observer refuses what leads inside, which is no way past a sidecar.
  const refusedAtGateways = calls(atGateways, 'at="gateway"', 'decision="denied"');
  // What the observer lets pass is no destination's, and what of it fails no rule's.
  const letPass = [atGateways, 'destination!=""'];
  const refused = calls(anywhere, 'decision="denied"');
  return [
    {
      alert: "EgressIdentityRefused",
      expr: `sum by (caller, protocol) (${more(refusedAtGateways, "10m")}) > 0`,
      labels: { severity: "warning" },
      annotations: {
        summary: "An egress gateway refused {{ $labels.caller }}.",
        description:
          "{{ $labels.caller }} asked a gateway for a host over {{ $labels.protocol }} that no rule grants it, past what its sidecar knows: a change that is half applied, or somebody who goes around the sidecar. `egress logs <stack> --denied` has the host.",
      },
    },
    {
      alert: "EgressWorkloadSuddenlyRefused",
      expr: `sum by (caller) (${more(refused, "15m")}) > 0 unless on (caller) sum by (caller) (${before(refused, "15m")})`,
      labels: { severity: "warning" },
      annotations: {
        summary: "{{ $labels.caller }} is refused calls, and was not for a day.",
        description:
          "A rule ended or was removed, or the workload calls a host that is new. `egress logs <stack> --denied` has the host, `egress explain` says why.",
      },
    },
    {
      alert: "EgressForwardingFails",
      expr:
        `sum by (destination) (rate(${calls(...letPass, 'outcome="failed"')}[5m])) / ` +
        `sum by (destination) (rate(${calls(...letPass, 'outcome!="refused"')}[5m])) > 0.1`,
      for: "10m",
      labels: { severity: "warning" },
      annotations: {
        summary:
          "{{ $value | humanizePercentage }} of the calls that rules grant to {{ $labels.destination }} do not reach it.",
        description:
          "Gateways let these calls pass, and found no address, no connection or no answer. `egress logs <stack>` has Envoy's flags for each.",
      },
    },
    ...sortedUnique(gateways).map((gateway) => ({
      alert: "EgressGatewayDown",
      expr:
        `absent(up{job="${namespace}/${gatewaysMonitor}",gateway="${gateway}"} == 1) or ` +
        `max(kube_deployment_status_replicas_available{${atGateways},deployment="${gateway}"}) == 0`,
      for: "2m",
      labels: { severity: "critical", gateway },
      annotations: {
        summary: `No pod of the gateway ${gateway} is ready.`,
        description: `Calls by ${gateway} fail: no pod answers Prometheus, or kube-state-metrics says that none is available. kubectl -n ${namespace} describe deployment ${gateway}`,
      },
    })),
  ];
}

/**
 * By how much counters have grown. A counter is made with its first call, which Prometheus' `increase` does not see; one
 * that was only not scraped for some minutes is not taken for a new one.
 */
function more(series: string, span: string): string {
  return `increase(${series}[${span}]) > 0 or (${series} unless max_over_time(${series}[1h] offset ${span}))`;
}

/** Counters that grew within the day before. */
function before(series: string, span: string): string {
  return `increase(${series}[1d] offset ${span}) > 0 or (${series} offset ${span} unless ${series} offset 1d${span})`;
}

/** A text that Prometheus takes for no template of its own: one that it cannot read would cost all alerts of the object. */
function untemplated(text: string): string {
  return text.replaceAll("{{", '{{"{{"}}');
}

/** One alert of all that ends on a day, or is due for review from it on, and has one owner. */
function dateAlert(rules: DatedRule[]): Alert {
  const { what } = rules[0]!;
  const owner = rules[0]!.owner === undefined ? undefined : untemplated(rules[0]!.owner);
  // The first one that ends on the day; a last day ends at midnight, as the next one begins.
  const at = rules.map((rule) => rule.at).sort()[0]!;
  const seconds = Date.parse(at) / 1000;
  const names = sortedBy(rules, ({ name }) => name).map(({ name }) => name);
  const named = names.slice(0, mostNamed).join(", ");
  const rest = names.length - mostNamed;
  const list = `${named}${rest > 0 ? `, and ${rest.toLocaleString("en")} more` : ""}`;
  const asked = owner ?? "its owner";
  // Alerts that differ in nothing but their words would be one.
  const labels = { severity: "info", date: at.slice(0, 10), ...(owner === undefined ? {} : { owner }) };
  return what === "ends"
    ? {
        alert: "EgressRuleEnds",
        expr: `(vector(${seconds}) - time()) / 86400 <= ${daysBefore} > 0`,
        labels,
        annotations: {
          summary: `${counted(names.length, "rule")} of ${asked} ${names.length === 1 ? "ends" : "end"} at ${at}.`,
          description: `${list}. Agree on a later date with ${asked}, or let ${names.length === 1 ? "it" : "them"} end: then gateways refuse these calls.`,
        },
      }
    : {
        alert: "EgressReviewDue",
        expr: `(time() - vector(${seconds})) / 86400 >= 0`,
        labels,
        annotations: {
          summary: `${counted(names.length, "rule")} of ${asked} ${names.length === 1 ? "is" : "are"} due for review since ${at.slice(0, 10)}.`,
          description: `${list}. Ask ${asked} whether ${names.length === 1 ? "it is" : "they are"} needed still, and write the day and who reviewed it.`,
        },
      };
}
