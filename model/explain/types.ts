import { DestinationTraits } from "../config/traits";
import { AllowRule } from "../config/types";
import { Ingress } from "../ground/ingress";
import { Preset } from "../ground/presets";
import { Call } from "./call";

/** The answer to "may this workload call that URL?", and what it rests on. */
export interface Explanation extends Call {
  /** `namespace/workload` */
  from: string;
  allowed: boolean;
  /** What a refusal rests on; absent when the call is allowed. */
  refusal?: Refusal;
  /** Why, as a sentence without a full stop. */
  because: string;
  /** Why it can never be reached, whatever a rule says, where its name tells; as a clause without a full stop. */
  unreachable?: string;
  /** That it is allowed by a rule in report mode only: it would be denied without, and is told so. */
  reported?: true;
  /** That it passes all the same, as its caller is observed, and is logged as one that would be denied. */
  observed?: true;
  /** What is not refused in the caller's namespace, whose guard is not `enforce`, as a sentence without a full stop. */
  open?: string;
  /** The rule that allows the call, or the one that comes nearest to it, if any does. */
  rule?: AllowRule;
  /** The preset that the destination has the host from; absent where it lists the host itself. */
  preset?: Pick<Preset, "name" | "read" | "hosts" | "sources">;
  /** When what allows the call ends, and by what, as a sentence without a full stop; absent where it does not end. */
  ends?: string;
  /** The way that the call takes, or the places at which it is refused, in their order. */
  way: Step[];
  /** What to add to the stack's configuration so that the call is allowed; absent where it is, or never can be. */
  suggestion?: Suggestion;
}

export type Refusal =
  /** The host is one that nobody may be allowed. */
  | "denied"
  /** Rules are for names. */
  | "address"
  /** The workload is allowed the host on other ports; or it is a port that no destination can have. */
  | "port"
  /** The workload is allowed the host by the other protocol. */
  | "protocol"
  /** The workload is allowed the host, where the gateway opens TLS and lets other methods and paths pass only. */
  | "request"
  /** A destination has the host, but no rule grants it to this workload. */
  | "rule"
  /** No destination has the host. */
  | "host"
  /** A Service of a namespace that is neither guarded nor a peer of the caller's. */
  | "namespace"
  /** A Service of a guarded namespace, asked of pods that it does not let in. */
  | "ingress";

/** One place on the way. */
export interface Step {
  /** Whose place it is: `the sidecar of test-app/app-a`. */
  at: string;
  /** What happens there, as a sentence without a full stop. */
  what: string;
  /** The resources that make it so, each as `Kind/namespace/name`; all of them are in the stack's plan. Empty where nothing does. */
  by: string[];
}

/** A destination as a stack's file has it. */
export interface SuggestedDestination extends DestinationTraits {
  preset?: string;
  hosts?: string[];
  addresses?: string[];
  protocols?: string[];
  ports?: string[];
}

export interface Suggestion {
  /**
   * Keys of the configuration, without their prefix: entries of `destinations` to set, each as a whole, items of `allow` to
   * append, peers of a namespace, or who may call its pods.
   */
  add: {
    destinations?: Record<string, SuggestedDestination>;
    allow?: Record<string, string>[];
    namespaces?: Record<string, { peers: string[] } | { ingress: Ingress }>;
  };
  /** What else the addition would do, as a sentence without a full stop. */
  beware?: string;
}
