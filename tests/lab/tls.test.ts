// `egress tls lab --live`: the plan's table against the policies on the cluster and the sidecars' own configuration.
// Does not prove: that a call succeeds where the table says OK; the matrix makes the calls.
import assert from "node:assert/strict";
import { editStack, scratchCheckout } from "./support/checkout";
import { egress } from "./support/commands";

interface Row {
  host: string;
  port: number;
  status: string | null;
  server: string | null;
  client: string | null;
  authnPolicy: string | null;
  destinationRule: string | null;
  callers: string[];
  seen: { from: string | null; client: string | null } | null;
  ok: boolean | null;
  differences: string[];
}

function rows(stdout: string): Row[] {
  return JSON.parse(stdout) as Row[];
}

describe("egress tls lab --live", () => {
  it("finds in the mesh what is planned, in every row, and ends with 0", () => {
    const { exitCode, stdout, stderr } = egress(["tls", "lab", "--live", "--json"]);
    const table = rows(stdout);
    assert.deepEqual(
      table.filter(({ ok }) => ok !== true),
      [],
    );
    assert.equal(exitCode, 0, stderr);
    const names = table.map(({ host, port }) => `${host}:${port}`);
    for (const name of ["app-a.test-app.svc.cluster.local:80", "github.com:80", "github.com:443"]) {
      assert.ok(names.includes(name), `${name} is not among ${names.join(", ")}`);
    }
  });

  it("sees mutual TLS in the sidecar that calls a gateway, by that host's DestinationRule", () => {
    const table = rows(egress(["tls", "lab", "github.com", "--live", "--json"]).stdout);
    assert.deepEqual(
      table.map(({ port, status, server, destinationRule, seen }) => [
        port,
        status,
        server,
        destinationRule,
        seen?.from,
        seen?.client,
      ]),
      [80, 443].map((port) => [port, "OK", "mTLS", "github.com/istio-egress", "test-app/app-a", "mTLS"]),
    );
  });

  it("says where the mesh is not as planned, and ends with 1", () => {
    const checkout = scratchCheckout();
    try {
      // A gateway's namespace of another name, which nobody has applied: its objects are the old one's in the mesh.
      editStack(checkout.folder, "lab", (text) =>
        text.replace(
          /^ {2}istio-egress:namespaces:\n/m,
          (line) => `  istio-egress:gateway: { namespace: elsewhere }\n${line}`,
        ),
      );
      const { exitCode, stdout } = egress(["tls", "lab", "github.com", "--live", "--json"], { cwd: checkout.folder });
      assert.equal(exitCode, 1);
      assert.deepEqual(
        rows(stdout).map(({ ok, differences }) => [ok, differences]),
        [80, 443].map(() => [
          false,
          [
            "DESTINATION RULE: github.com/elsewhere by the plan, github.com/istio-egress in the sidecar of test-app/app-a",
          ],
        ]),
      );
    } finally {
      checkout.remove();
    }
  });
});
