import { canonicalName } from "../../../lab/outside/names";
import { Arrival, Outcome, Place, Probe } from "./vector";

/** Which external hosts an identity is granted in the stack of these tests, and where each of them is. */
const granted: Record<"app-a" | "app-b", [name: RegExp, address: string][]> = {
  "app-a": [
    [/^github\.com$/, "203.0.113.10"],
    [/^httpbin\.org$/, "203.0.113.11"],
    [/^(?!secret\.)[a-z0-9-]+\.bulk\.example$/, "203.0.113.19"],
    [/^billing\.partner\.example$/, "203.0.113.41"],
  ],
  "app-b": [[/^(www\.)?google\.com$/, "203.0.113.12"]],
};

function identityOf(from: Place): "app-a" | "app-b" | undefined {
  return from.endsWith("-a") ? "app-a" : from.endsWith("-b") ? "app-b" : undefined;
}

/** Whether what arrived is what the caller's rules grant: that host, at its own address. */
function isGranted(from: Place, { address, scheme, host, sni, method, path }: Arrival): boolean {
  const identity = identityOf(from);
  const name = canonicalName((scheme === "https" ? sni : host) ?? "");
  const known = identity !== undefined && granted[identity].some(([is, at]) => is.test(name) && at === address);
  return known && (name !== "billing.partner.example" || (method === "GET" && (path ?? "").startsWith("/v1/")));
}

/** Whether anything came through at all: for twins. */
export function isThrough(probe: Probe, { answer, arrived, lookUps }: Outcome): boolean {
  switch (probe.kind) {
    case "tcp":
      return answer === "answered" || (answer === "connected" && probe.send === undefined);
    case "udp":
    case "icmp":
      return answer === "answered";
    case "dns":
      return answer === "found" || lookUps > 0;
    default:
      return arrived.length > 0;
  }
}

/** Whether a probe got what nobody has granted its place: data that left, a connection, or a name that was looked up. */
export function isLeak(from: Place, probe: Probe, outcome: Outcome): boolean {
  return ["tcp", "udp", "icmp", "dns"].includes(probe.kind)
    ? isThrough(probe, outcome)
    : outcome.lookUps > 0 || outcome.arrived.some((arrival) => !isGranted(from, arrival));
}
