import { asRange, contains, parseCidr } from "../ground/cidr";
import { AllowRule, OutsideConfig, StackConfig } from "../config/types";
import { outsideHost } from "../plan/outside";
import { aroundSidecar } from "./around";
import { Call } from "./call";
import { listNames } from "../ground/suggest";
import { conditions } from "./suggest";
import { Explanation, Refusal, Step } from "./types";

/** The service beside the mesh that a call is for: by its name, or, where calls go past the sidecar, by its address. */
export function serviceOf({ outside }: StackConfig, { host, isAddress }: Call): OutsideConfig | undefined {
  return outside.find((service) =>
    isAddress ? service.via === "bypass" && holds(service, host) : outsideHost(service) === host,
  );
}

function holds({ addresses }: OutsideConfig, address: string): boolean {
  const called = parseCidr(`${address}/32`);
  return called !== undefined && addresses.some((text) => contains(parseCidr(asRange(text))!, called));
}

/** Whether a workload may call a service beside the mesh, and on which way, or why not. */
export function explainOutside(config: StackConfig, from: string, call: Call, service: OutsideConfig): Explanation {
  const rules = config.allow.filter((rule) => rule.to === service.name);
  const own = rules.find((rule) => rule.from === from);
  const refusal = refusalOf(call, service, own);
  if (refusal === undefined) {
    const because = `${own!.path} allows it the service beside the mesh "${service.name}"`;
    return { ...call, from, allowed: true, because, rule: own!, way: allowedWay(config, from, call, service) };
  }
  const nearest = own ?? rules[0];
  const mayHave = from.startsWith(`${service.namespace}/`);
  return {
    ...call,
    from,
    allowed: false,
    refusal,
    because: because(refusal, call, service, rules),
    ...(nearest === undefined ? {} : { rule: nearest }),
    way: refusedWay(config, from),
    ...(refusal === "rule" && mayHave ? { suggestion: { add: { allow: [newRule(from, service)] } } } : {}),
  };
}

function refusalOf(call: Call, { ports }: OutsideConfig, rule: AllowRule | undefined): Refusal | undefined {
  if (ports[call.protocol] === undefined) {
    return "protocol";
  }
  if (ports[call.protocol] !== call.port) {
    return "port";
  }
  return rule === undefined ? "rule" : undefined;
}

function because(refusal: Refusal, { protocol, port }: Call, service: OutsideConfig, rules: AllowRule[]): string {
  const { name, namespace, ports } = service;
  switch (refusal) {
    case "protocol":
      return `the service beside the mesh "${name}" is called by ${Object.keys(ports).join(" and ")}, and not by ${protocol}`;
    case "port":
      return `the service beside the mesh "${name}" has ${protocol} on port ${ports[protocol]}, and this is port ${port}`;
    default:
      return (
        `it is the service beside the mesh "${name}" of ${namespace}, which is allowed to ` +
        (listNames(rules.map(({ from }) => from)) ?? "nobody")
      );
  }
}

function newRule(from: string, { name }: OutsideConfig): Record<string, string> {
  return { from, to: name, ...conditions };
}

function allowedWay(config: StackConfig, from: string, call: Call, service: OutsideConfig): Step[] {
  const [home, workload] = from.split("/") as [string, string];
  const open: Step = {
    at: "from the pod to the address",
    what: `${service.addresses.join(", ")} on port ${call.port} is open for pods of ${workload}, told by their label`,
    by: [`NetworkPolicy/${home}/egress-to-${service.name}`],
  };
  if (service.via === "bypass") {
    const past: Step = {
      at: "in the pod",
      what: "its own rules leave connections to the address as they are: no sidecar, no identity, no log",
      by: [`Deployment/${home}/${workload}`],
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
    by: [plain ? `DestinationRule/${home}/${service.name}` : entry],
  };
  const known: Step = {
    at: `the sidecar of ${from}`,
    what: `knows ${call.host}, and its addresses`,
    by: [`Sidecar/${home}/${workload}`, entry],
  };
  return [named(service), known, dialled, open];
}

function named({ name, namespace }: OutsideConfig): Step {
  return {
    at: "the cluster's DNS",
    what: "answers the name with the addresses",
    by: [`Service/${namespace}/${name}`, `EndpointSlice/${namespace}/${name}`],
  };
}

function refusedWay(config: StackConfig, from: string): Step[] {
  const [home, workload] = from.split("/") as [string, string];
  return [
    {
      at: `the sidecar of ${from}`,
      what: "knows no such name or address: it answers 502, or closes the connection",
      by: [`Sidecar/${home}/${workload}`],
    },
    aroundSidecar(config, home),
  ];
}
