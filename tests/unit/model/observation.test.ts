// What curl's replies are taken to show.
// Does not prove: that Envoy and curl reply so; the lab's tests do.
import assert from "node:assert/strict";
import { classify, Protocol, Reply } from "../../../model";

const answered: Reply = { exitCode: 0, status: 200, bodySize: 276, hasUpstreamTime: true, fromEnvoy: true };

const cases: [string, Protocol, Partial<Reply>, string, string][] = [
  ["an answer through the mesh", "http", {}, "200", "allow"],
  ["an error of the host's own", "http", { status: 404 }, "404", "allow"],
  ["a refusal by the host itself", "http", { status: 403, bodySize: 1000 }, "403", "allow"],
  [
    "an answer over TLS, which only the host can have given",
    "https",
    { hasUpstreamTime: false, fromEnvoy: false },
    "200",
    "allow",
  ],
  ["a host's own 502 over TLS", "https", { status: 502, hasUpstreamTime: false, fromEnvoy: false }, "502", "allow"],
  [
    "a name that the sidecar does not know",
    "http",
    { status: 502, hasUpstreamTime: false },
    "502 from the sidecar",
    "deny",
  ],
  [
    "a route that the sidecar does not know",
    "http",
    { status: 404, hasUpstreamTime: false },
    "404 from the sidecar",
    "deny",
  ],
  [
    "a gateway that the sidecar cannot reach",
    "http",
    { status: 503, hasUpstreamTime: false },
    "503 from the sidecar",
    "unclear",
  ],
  ["a refusal by the gateway's policies", "http", { status: 403, bodySize: 19 }, "403 from the gateway", "deny"],
  ["a host that the gateway cannot reach", "http", { status: 503 }, "503", "unclear"],
  [
    "an answer that no proxy has seen",
    "http",
    { hasUpstreamTime: false, fromEnvoy: false },
    "200 past the sidecar",
    "unclear",
  ],
  ["a handshake that is cut off", "https", { exitCode: 35, status: 0 }, "TLS refused", "deny"],
  ["a refused connection", "http", { exitCode: 7, status: 0 }, "connection refused", "deny"],
  ["a reset", "https", { exitCode: 56, status: 0 }, "connection reset", "deny"],
  ["an empty reply", "http", { exitCode: 52, status: 0 }, "connection closed", "deny"],
  ["no reply in time", "https", { exitCode: 28, status: 0 }, "timed out", "unclear"],
  ["a name that does not resolve", "http", { exitCode: 6, status: 0 }, "name does not resolve", "unclear"],
  ["a certificate of nobody's", "https", { exitCode: 60, status: 0 }, "certificate not trusted", "unclear"],
  ["a failure of another kind", "https", { exitCode: 77, status: 0 }, "curl exit code 77", "unclear"],
];

describe("classify", () => {
  for (const [what, protocol, reply, seen, shows] of cases) {
    it(`takes ${what} for: ${seen}, ${shows}`, () => {
      assert.deepEqual(classify({ protocol }, { ...answered, ...reply }), { seen, shows });
    });
  }
});
