import { unreachableAddress } from "../config/unreachable";
import { unreachableBy } from "../config/unreachable-hosts";
import { AllowRule, StackConfig } from "../config/types";
import { isAddress } from "../config/host-name";
import { checkHost } from "../config/host";
import { expiredRule } from "../config/expired";
import { meshTraits } from "../config/mesh-traits";
import { noTunnels } from "../config/sections/wildcards";
import { denyText } from "../config/denied";
import { callersOf, DestinationTarget, grantsOf, isPastOrigination, whyNoWay } from "../grants";
import { forwardingOf } from "../ground/forwarding";
import { isWildcard } from "../ground/hosts";
import { isConnect, portProblem } from "../ground/ports";
import { defaultPort, PortProtocol, portProtocols } from "../ground/protocols";
import { CountedCall } from "./tally";

/** Why no rule is proposed for a call, and what a reader is told of it. */
export type Mark =
  /** The caller showed no identity, or one that is no workload of the stack. */
  | "identity"
  | "denied"
  | "metadata"
  | "private"
  | "expired"
  /** The call has no name, or none that a rule could be for. */
  | "no name"
  /** No rule can be for this port or protocol. */
  | "port"
  /** A Service of the cluster, or one beside the mesh. */
  | "inside"
  /** Its caller is observed, and a rule would have other names refused to it. */
  | "observed"
  /** It ended before anybody had to decide on it. */
  | "unclear";

/** A call as a stack's configuration sees it. */
export interface Place {
  /** `namespace/workload`; `namespace/*` for a ServiceAccount of a guarded namespace that no workload has. */
  from: string;
  protocol: PortProtocol;
  host: string;
  port: number;
}

/** What the configuration says of a recorded call. */
export type Standing =
  | { kind: "granted"; place: Place; rule: AllowRule }
  /** A rule could grant it. */
  | { kind: "open"; place: Place; target?: DestinationTarget }
  /** No rule is proposed for it. `because` is a sentence without a full stop. */
  | {
      kind: "left";
      /** A workload, or the identity that is none; `unknown` where the caller showed none. */
      from: string;
      /** The caller as rules name it; absent where it is in no namespace of the stack. */
      client?: string;
      mark: Mark;
      because: string;
    };

/** The reader of recorded calls for a configuration. */
export function standings(config: StackConfig): (call: CountedCall) => Standing {
  const grants = grantsOf(config);
  const { connects } = forwardingOf(meshTraits(config.mesh));
  const callerOf = callersOf(config);

  return ({ identity, protocol: spoken, host, port, outcome }) => {
    const caller = identity === undefined ? undefined : callerOf(identity);
    const left = (mark: Mark, because: string): Standing => ({
      kind: "left",
      from: caller?.isWorkload ? caller.client : (identity ?? "unknown"),
      ...(caller === undefined ? {} : { client: caller.client }),
      mark,
      because,
    });
    if (caller === undefined) {
      return identity === undefined ? left("identity", "the caller showed no identity") : left("identity", noWorkload);
    }
    const { client: from, isWorkload } = caller;
    if (host === "") {
      return left("no name", "the call has no name that a rule could be for");
    }
    const denied = grants.denied(host);
    if (denied !== undefined) {
      return left("denied", `istio-egress:deny holds ${denyText(denied)}: nobody may be allowed it`);
    }
    if (isAddress(host) && grants.meaning(host).kind === "unknown") {
      const inside = unreachableAddress(host);
      return metadataAddresses.has(host)
        ? left("metadata", "it is a metadata server, and no rule is for an address")
        : inside !== undefined
          ? left("private", inside)
          : left("no name", "it is an address, and rules are for names; what has none is a destination with addresses");
    }
    const meaning = grants.meaning(host);
    // A caller may send a star as well; a gateway's line has one of its own, where it saw no name below a wildcard.
    if (isWildcard(host) && meaning.kind === "unknown") {
      return left("no name", "it is a wildcard, and the name that was called below it is not known");
    }
    const protocol = portProtocols.find((each) => each === spoken);
    if (meaning.kind === "service") {
      return left("inside", "it is a Service of the cluster, and no rule is needed for it");
    }
    if (meaning.kind === "beside") {
      return left("inside", `it is the service "${meaning.target.name}" beside the mesh, which no gateway leads to`);
    }
    if (protocol === undefined) {
      return left("port", `no rule is for ${spoken}`);
    }
    const called = port ?? (protocol === "tcp" ? undefined : defaultPort(protocol));
    if (called === undefined) {
      return left("port", "the call has no port that a rule could be for");
    }
    const place = { from, protocol, host, port: called };
    const target = meaning.kind === "destination" ? meaning.target : undefined;
    const way = target === undefined ? undefined : grants.way(target, place);
    const isOpen = way?.port === called;
    const rule = target === undefined ? undefined : grants.between(from, target.name)?.rule;
    if (rule !== undefined && isOpen) {
      return { kind: "granted", place, rule };
    }
    const never = unreachableBy(target?.config, host);
    if (never !== undefined) {
      return left(never.reason.includes("metadata") ? "metadata" : "private", never.reason);
    }
    const check = checkHost(host);
    if (!("host" in check)) {
      return left("no name", `no rule is for such a name: ${check.problem}`);
    }
    if (!isOpen && isConnect(place)) {
      const problem = connects ? portProblem(place)?.problem : "this mesh has no way for other ports than 80 and 443";
      if (problem !== undefined) {
        return left("port", `port ${called}: ${problem}`);
      }
    }
    if (!isOpen && isConnect(place) && meaning.kind === "destination" && isWildcard(meaning.listed)) {
      return left("port", `port ${called}: ${meaning.listed} holds the name, and ${noTunnels}`);
    }
    const noWay = target === undefined || isOpen ? undefined : whyNoWay(target, place);
    if (noWay !== undefined) {
      return left("port", noWay);
    }
    if (target !== undefined && !isOpen && isPastOrigination(target, place)) {
      return left(
        "port",
        `the gateway opens TLS to it for what is called by http:// on port 80, and nothing leads past that but what is said under "${target.name}"`,
      );
    }
    const over = target === undefined ? undefined : expiredRule(config, from, target.name);
    if (over !== undefined && rule === undefined) {
      const owner = over.owner ?? "its owner";
      return left("expired", `${over.path} allowed it until ${over.expires}: agree on a later date with ${owner}`);
    }
    if (outcome === "unclear") {
      return left("unclear", "it ended before anything passed");
    }
    if (!isWorkload) {
      return left("identity", noWorkload);
    }
    return { kind: "open", place, ...(target === undefined ? {} : { target }) };
  };
}

/** Why no rule is proposed for who may have none of its own. */
export const noWorkload = "the identity is no workload of the stack: add it to istio-egress:workloads first";

/** Marks of calls that no observer lets pass. */
const neverPass: readonly Mark[] = ["metadata", "private", "inside", "unclear"];

/** Whether a call would pass: because it is granted, or because its caller is observed. */
export function passes(config: StackConfig, standing: Standing): boolean {
  if (standing.kind === "granted") {
    return true;
  }
  const client = standing.kind === "left" ? standing.client : standing.place.from;
  return (
    client !== undefined &&
    grantsOf(config).observed.has(client) &&
    !(standing.kind === "left" && neverPass.includes(standing.mark))
  );
}

/** Link-local addresses that clouds' metadata servers answer on. */
const metadataAddresses = new Set(["169.254.169.254", "169.254.169.252", "fd00:ec2::254"]);
