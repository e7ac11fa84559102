import { setTimeout as sleep } from "node:timers/promises";
import { ClusterState, podRules } from "./policy";
import { ruleset } from "./ruleset";

export interface EnforcerOptions {
  podCidr: string;
  /** What is known of the cluster, or undefined while it may be out of date. */
  state: () => ClusterState | undefined;
  apply: (text: string) => Promise<void>;
  synced: (sync: Sync) => void;
  failed: (error: Error) => void;
}

/** One time that the kernel's rules were brought in line with the cluster. */
export interface Sync {
  /** From the start of the computation to the kernel's answer. */
  ms: number;
  pods: number;
  /** Pods that a policy isolates in a direction at least. */
  isolated: number;
  policies: number;
}

/** Changes come in bursts: wait this many ms for the rest of one. */
const burst = 25;
const retryAfter = 1_000;

/**
 * Keeps the kernel's rules in line with the cluster, one update at a time. While the cluster's state may be out of
 * date the rules stay as they are, and pods that they do not know stay cut off: a new pod must not run ahead of
 * a policy that is older than itself.
 */
export class Enforcer {
  private dirty = false;
  private stopped = false;
  private work: Promise<void> | undefined;
  private inForce = "";

  constructor(private readonly options: EnforcerOptions) {}

  /** To be called whenever `state` may give another answer. */
  changed(): void {
    this.dirty = true;
    if (this.stopped) return;
    this.work ??= this.run();
  }

  /** Resolves when no update runs any more; none starts after that. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.work;
  }

  private async run(): Promise<void> {
    while (this.dirty && !this.stopped) {
      await sleep(burst);
      this.dirty = false;
      const state = this.options.state();
      if (state === undefined || this.stopped) break;
      try {
        await this.sync(state);
      } catch (error) {
        this.options.failed(error as Error);
        this.dirty = true;
        await sleep(retryAfter);
      }
    }
    this.work = undefined;
  }

  private async sync(state: ClusterState): Promise<void> {
    const start = performance.now();
    const rules = podRules(state);
    const text = ruleset(rules, this.options.podCidr);
    if (text === this.inForce) return;
    await this.options.apply(text);
    this.inForce = text;
    this.options.synced({
      ms: Math.round(performance.now() - start),
      pods: rules.length,
      isolated: rules.filter(({ ingress, egress }) => ingress !== undefined || egress !== undefined).length,
      policies: state.policies.length,
    });
  }
}
