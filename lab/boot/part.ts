import type { ToolName } from "../tools/catalog";

/** Where a tool's program is. */
export type ToolPath = (name: ToolName) => string;

/** How a part shows that others can rely on it; asked over and over until it says so. */
export type Readiness =
  /** A GET is answered with 200. Over https the certificate is not looked at: this asks for life, not for trust. */
  | { kind: "http" | "https"; address: string; port: number; path: string }
  /** containerd's CRI answers; its socket is there before that. */
  | { kind: "cri"; socket: string }
  /** A file is there. */
  | { kind: "file"; path: string };

/** One process of the lab. A service runs as long as the lab does; a task runs once and has to succeed. */
export type Part = {
  name: string;
  argv: string[];
  env?: Record<string, string>;
  network: "lab" | "outside";
  /** Parts that must be ready, or done, before this one is started. */
  after: string[];
} & ({ kind: "service"; ready: Readiness } | { kind: "task" });

/** What the supervisor is given. */
export interface BootPlan {
  parts: Part[];
  /** Seconds within which all must be ready and done. */
  timeout: number;
  logs: string;
  statusFile: string;
  /** Folders that parts insist on under fixed paths, and the lab's own folders that are mounted there instead. */
  mounts: { from: string; to: string }[];
}
