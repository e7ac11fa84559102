import assert from "node:assert/strict";
import { egress } from "./commands";

/** A line of `egress logs --json`, as far as tests look at it. */
export interface Decision {
  time: string;
  at: "gateway" | "sidecar" | "observer" | "resolver";
  from: string;
  identity?: string;
  protocol: string;
  host: string;
  path?: string;
  method?: string;
  allowed: boolean;
  wouldBeDenied?: boolean;
  ok: boolean | null;
  because?: string;
  upstream?: string;
  status?: number;
  gateway?: string;
  pod: string;
  rule: string | null;
  owner: string | null;
}

/** What `egress logs lab --json` writes, with more options. @param cwd folder of the checkout @default this one */
export function loggedDecisions(options: string[], cwd?: string): Decision[] {
  const { exitCode, stdout, stderr } = egress(["logs", "lab", "--json", ...options], cwd === undefined ? {} : { cwd });
  assert.equal(exitCode, 0, stderr);
  return decisionsIn(stdout);
}

/** Its lines. */
export function decisionsIn(text: string): Decision[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Decision);
}
