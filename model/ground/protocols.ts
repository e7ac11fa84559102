/** What an application speaks when it calls a host: plain HTTP on port 80, or TLS of its own on port 443. */
export type Protocol = "http" | "https";

export const protocols = ["http", "https"] as const satisfies readonly Protocol[];
