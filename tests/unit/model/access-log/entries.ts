/** Lines of a gateway's log as Envoy writes them, for tests to vary. */
const common = {
  time: "2026-11-22T10:15:30.123Z",
  identity: "spiffe://cluster.local/ns/test-app/sa/app-a",
  flags: null,
  upstream: "203.0.113.11:80",
  tried: "203.0.113.11:80",
  client: "10.244.0.21:48822",
  received: 0,
  sent: 276,
  milliseconds: 4,
};

export function httpEntry(changes: Record<string, unknown> = {}) {
  return {
    ...common,
    protocol: "http",
    host: "github.com",
    method: "GET",
    path: "/x",
    status: 200,
    reason: "via_upstream",
    request: "0a1b2c3d-0000-4000-8000-000000000000",
    ...changes,
  };
}

export function httpsEntry(changes: Record<string, unknown> = {}) {
  return {
    ...common,
    upstream: "203.0.113.11:443",
    tried: "203.0.113.11:443",
    received: 812,
    sent: 4096,
    protocol: "https",
    host: "github.com",
    reason: null,
    stage: "forward",
    inner: "github.com",
    ...changes,
  };
}

export function tcpEntry(changes: Record<string, unknown> = {}) {
  const { host, inner, ...nameless } = httpsEntry();
  return { ...nameless, protocol: "tcp", ...changes };
}

/** What a sidecar writes beside the rest, of a call that it refuses. */
export const atHome = {
  stage: "sidecar",
  verdict: "refused",
  address: "203.0.113.11",
  port: 443,
  upstream: null,
  tried: null,
};

const refusal = "rbac_access_denied_matched_policy[none]";

export const refusedHttp = { status: 403, reason: refusal, upstream: null, tried: null, sent: 19 };
export const refusedHttps = { reason: refusal, stage: "policies", upstream: null, tried: null, received: 0, sent: 0 };
