import { expiredRule } from "../config/expired";
import { openIn } from "../config/adoption";
import { AllowRule, Protocol, StackConfig } from "../config/types";
import { BesideTarget, grantsOf, protocolsOf } from "../grants";
import { bypassAnnotation } from "../ground/pods/proxy-config";
import { namespaceOf } from "../ground/names";
import { listNames } from "../ground/suggest";
import { aroundSidecar, isWholeNamespace, namespaceNamed, sidecarOf } from "./around";
import { Call } from "./call";
import { explainDirect } from "./direct";
import { conditions } from "./suggest";
import { until, whenItEnds } from "./external";
import { Explanation, Refusal, Step } from "./types";

/** Whether a workload may call a service beside the mesh, and on which way, or why not. */
export function explainBeside(config: StackConfig, from: string, call: Call, target: BesideTarget): Explanation {
  const grants = grantsOf(config);
  const own = grants.between(from, target.name)?.rule;
  if (target.direct !== undefined) {
    return explainDirect(config, from, call, target);
  }
  const refusal = refusalOf(call, target, own);
  if (refusal === undefined) {
    const because = `${own!.path} allows it the service beside the mesh "${target.name}"`;
    const ends = whenItEnds(config, from, target.name);
    return { ...call, from, allowed: true, because, rule: own!, ...ends, way: allowedWay(config, from, call, target) };
  }
  const rules = grants.to(target.name).map(({ rule }) => rule);
  const over = expiredRule(config, from, target.name);
  const nearest = own ?? over ?? rules[0];
  // No identity is asked for on this way, and so no rule is for a whole namespace.
  const mayHave = namespaceOf(from) === target.config.namespace && !isWholeNamespace(from);
  const newRule = { from, to: target.name, ...conditions };
  return {
    ...call,
    from,
    allowed: false,
    refusal,
    because: `${because(refusal, call, target, rules)}${refusal === "rule" ? until(over) : ""}`,
    ...(nearest === undefined ? {} : { rule: nearest }),
    way: refusedWay(config, from),
    ...(refusal === "rule" && mayHave ? { suggestion: { add: { allow: [newRule] } } } : {}),
  };
}

function refusalOf(call: Call, { config }: BesideTarget, rule: AllowRule | undefined): Refusal | undefined {
  const port = portOf(config, call);
  if (port === undefined) {
    return "protocol";
  }
  if (port !== call.port) {
    return "port";
  }
  return rule === undefined ? "rule" : undefined;
}

function portOf({ ports }: BesideTarget["config"], { protocol }: Call): number | undefined {
  return protocol === "tcp" ? undefined : ports[protocol];
}

function because(refusal: Refusal, { protocol, port }: Call, target: BesideTarget, rules: AllowRule[]): string {
  const { name, config } = target;
  switch (refusal) {
    case "protocol":
      return `the service beside the mesh "${name}" is called by ${protocolsOf(target).join(" and ")}, and not by ${protocol}`;
    case "port":
      return `the service beside the mesh "${name}" has ${protocol} on port ${config.ports[protocol as Protocol]}, and this is port ${port}`;
    default:
      return (
        `it is the service beside the mesh "${name}" of ${config.namespace}, which is allowed to ` +
        (listNames(rules.map(({ from }) => from)) ?? "nobody")
      );
  }
}

function allowedWay(config: StackConfig, from: string, call: Call, { name, config: service }: BesideTarget): Step[] {
  const [home, workload] = from.split("/") as [string, string];
  const namespace = namespaceNamed(config, home);
  const isOpen = namespace !== undefined && openIn(namespace) !== undefined;
  const isMade = grantsOf(config).workloads.get(from)?.made !== undefined;
  const open: Step = {
    at: "from the pod to the address",
    what: `${service.addresses.join(", ")} on port ${call.port} is open for pods of ${workload}${isOpen ? "" : ", told by their labels"}`,
    by: [`NetworkPolicy/${home}/${isMade ? `egress-to-${name}` : `egress-of-${workload}`}`],
  };
  if (service.via === "bypass") {
    const past: Step = {
      at: "in the pod",
      what:
        "its own rules leave connections to the address as they are: no sidecar, no identity, no log" +
        (isMade ? "" : `; its pods need the annotation ${bypassAnnotation} for that`),
      by: isMade ? [`Deployment/${home}/${workload}`] : [],
    };
    return call.isAddress ? [past, open] : [named(service), past, open];
  }
  const entry = `ServiceEntry/${config.gateway.namespace}/${call.host}`;
  const plain = service.clientMtls === "disabled";
  const dialled: Step = {
    at: "from the sidecar to the service",
    what: plain
      ? `goes without mutual TLS${call.protocol === "https" ? ", as the application's own TLS" : ", in plain text"}`
      : "goes as the mesh has it for all of its Services",
    by: [plain ? `DestinationRule/${home}/${name}` : entry],
  };
  const known: Step = {
    at: `the sidecar of ${from}`,
    what: `knows ${call.host}, and its addresses`,
    by: [sidecarOf(from), entry],
  };
  return [named(service), known, dialled, open];
}

function named({ name, namespace }: BesideTarget["config"]): Step {
  return {
    at: "the cluster's DNS",
    what: "answers the name with the addresses",
    by: [`Service/${namespace}/${name}`, `EndpointSlice/${namespace}/${name}`],
  };
}

function refusedWay(config: StackConfig, from: string): Step[] {
  return [
    {
      at: `the sidecar of ${from}`,
      what: "knows no such name or address: it answers 502, or closes the connection",
      by: [sidecarOf(from)],
    },
    aroundSidecar(config, namespaceOf(from)),
  ];
}
