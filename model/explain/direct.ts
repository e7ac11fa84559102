import { openIn } from "../config/adoption";
import { directTable } from "../config/direct";
import { expiredRule } from "../config/expired";
import { StackConfig } from "../config/types";
import { BesideTarget, grantsOf, isNameRefused } from "../grants";
import { namespaceOf } from "../ground/names";
import { bypassAnnotation } from "../ground/pods/proxy-config";
import { listNames } from "../ground/suggest";
import { aroundSidecar, isWholeNamespace, namespaceNamed, sidecarOf } from "./around";
import { Call } from "./call";
import { until, whenItEnds } from "./external";
import { conditions } from "./suggest";
import { Explanation, Refusal, Step } from "./types";

/** Whether a workload may call what the cluster has itself, and on which way, or why not. */
export function explainDirect(config: StackConfig, from: string, call: Call, target: BesideTarget): Explanation {
  const grants = grantsOf(config);
  const { name, ways } = target;
  const { what } = directTable[target.direct!];
  const own = grants.between(from, name)?.rule;
  const way = ways.find(({ port }) => port === call.port);
  const speaks = way !== undefined && (call.protocol === "tcp" || call.protocol === way.protocol);
  if (own !== undefined && speaks) {
    return {
      ...call,
      from,
      allowed: true,
      because: `${own.path} allows it ${what}, as "${name}"`,
      rule: own,
      ...(!call.isAddress && isNameRefused(config, from, call.host)
        ? { unreachable: `the stack's resolver does not know this name: call ${target.config.addresses.join(", ")}` }
        : {}),
      ...whenItEnds(config, from, name),
      way: allowedWay(config, from, target),
    };
  }
  const refusal: Refusal = own === undefined ? "rule" : way === undefined ? "port" : "protocol";
  const rules = grants.to(name).map(({ rule }) => rule);
  const over = expiredRule(config, from, name);
  const called = listNames(ways.map(({ protocol, port }) => `${protocol} on port ${port}`));
  const nearest = own ?? over ?? rules[0];
  return {
    ...call,
    from,
    allowed: false,
    refusal,
    because:
      refusal === "rule"
        ? `it is ${what}, "${name}", which is allowed to ${listNames(rules.map((rule) => rule.from)) ?? "nobody"}${until(over)}`
        : `${what} is called by ${called}, and not by ${call.protocol} on port ${call.port}`,
    ...(nearest === undefined ? {} : { rule: nearest }),
    way: [
      {
        at: `the sidecar of ${from}`,
        what: "knows no such address: the connection is closed, or answered by 502",
        by: [sidecarOf(from)],
      },
      aroundSidecar(config, namespaceOf(from)),
    ],
    ...(refusal === "rule" && speaks && !isWholeNamespace(from)
      ? { suggestion: { add: { allow: [{ from, to: name, ...conditions }] } } }
      : {}),
  };
}

function allowedWay(config: StackConfig, from: string, target: BesideTarget): Step[] {
  const [home, workload] = from.split("/") as [string, string];
  const { addresses, via } = target.config;
  const { host, depends, token } = directTable[target.direct!];
  const namespace = namespaceNamed(config, home);
  const isOpen = namespace !== undefined && openIn(namespace) !== undefined;
  const made = grantsOf(config).workloads.get(from)?.made;
  const opened = target.opened.map(
    ({ addresses: all, ports }) => `${all.join(", ")} on port ${Object.values(ports).join(", ")}`,
  );
  const entry = `${config.gateway.namespace}/${host}`;
  return [
    via === "bypass"
      ? {
          at: "in the pod",
          what:
            `its own rules leave connections to ${addresses.join(", ")} as they are: no sidecar, no identity, no log` +
            (made === undefined ? `; its pods need the annotation ${bypassAnnotation} for that` : ""),
          by: made === undefined ? [] : [`Deployment/${home}/${workload}`],
        }
      : {
          at: `the sidecar of ${from}`,
          what: `knows ${addresses.join(", ")}, and hands it on as the application's own TLS, without mutual TLS`,
          by: [sidecarOf(from), `ServiceEntry/${entry}`, `DestinationRule/${entry}`],
        },
    {
      at: "from the pod to the address",
      what: `${opened.join(", and ")} ${target.opened.length > 1 ? "are" : "is"} open for pods of ${workload}${isOpen ? "" : ", told by their labels"}`,
      by: [`NetworkPolicy/${home}/egress-of-${workload}`],
    },
    {
      at: "there",
      what: [
        ...depends(config.cluster),
        ...(token && made === undefined ? ["its pods mount a token, unless their owners say otherwise"] : []),
      ].join("; "),
      by: token && made !== undefined ? [`Deployment/${home}/${workload}`] : [],
    },
  ];
}
