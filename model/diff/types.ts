import type { TraitFacts } from "../config/traits";
import { AllowRule, DenyEntry, OutsideConfig } from "../config/types";

/**
 * What tells two configurations of a stack apart, as far as it matters: what workloads may reach and on which
 * conditions, and what else would be applied. `before` is absent where something is new, `after` where it is gone.
 * Every list is sorted; all of them are empty when the two configurations mean the same.
 */
export interface StackDiff {
  /** By workload, then host. */
  grants: GrantChange[];
  /** Who may open connections to guarded pods, by the called namespace, then the caller. */
  callers: CallerChange[];
  /** Hosts that nobody may be allowed, by name; `cnn.com only` where the names below it are none. */
  denied: DenyChange[];
  namespaces: Presence[];
  /** By `namespace/workload`. A workload in another namespace is another identity, and so another workload. */
  workloads: Presence[];
  /** Every other setting, by its path; those of a namespace or workload that is new or gone are left out. */
  settings: SettingChange[];
}

/** One workload's way to one host. */
export interface GrantChange {
  /** `namespace/workload` */
  from: string;
  host: string;
  before?: Grant;
  after?: Grant;
  /** Of a wildcard that is new to the workload: what it could reach below it before, sorted; absent for nothing. */
  widens?: string[];
  /**
   * The whole namespace's grant, `shop/*`, by which a workload may reach the host in the same ways on the side that has no
   * grant of its own: so nothing of its reach is gained, or lost. Absent where there is none.
   */
  byNamespace?: string;
}

/**
 * Which protocols are allowed, and on which conditions: what the rule and its destination, or its service beside the
 * mesh, say beside their names.
 */
export type Grant = Omit<AllowRule, "from" | "to" | "path"> &
  Partial<Omit<OutsideConfig, "name" | "namespace">> &
  TraitFacts & {
    /** `http`, `https`, and other ports as `5432/tcp`. */
    protocols: string[];
  };

/** A caller of the pods of a guarded namespace. */
export interface CallerChange {
  /** Name of the guarded namespace. */
  into: string;
  /** In words: `pods app=prometheus of monitoring`, a range of addresses, or `anybody` where nothing closes the namespace. */
  from: string;
  before?: LetInChange;
  after?: LetInChange;
}

/** How a caller is let in. */
export interface LetInChange {
  /** TCP ports of the pods, sorted. @default every port */
  ports?: number[];
  reason?: string;
}

/** Something that is there on one side only. */
export interface Presence {
  name: string;
  change: "added" | "removed";
}

/** An entry of `deny` that is there on one side only. */
export interface DenyChange extends Presence, DenyEntry {
  /** What of it the other side denies as well, by another entry: all, the host itself only, or nothing. */
  elsewhere: "all" | "host" | "nothing";
}

export interface SettingChange {
  /** As `istio-egress:gateway.replicas`. */
  path: string;
  before?: unknown;
  after?: unknown;
}

/** Something about a change that a reviewer should look at before agreeing. */
export interface RiskNote {
  /** What it is about: a workload and its hosts, a host, or a path of the configuration. */
  about: string;
  /** What to think of, as a sentence without a full stop. */
  risk: string;
}
