// gRPC and WebSockets through the gateway, over http and https: trailers, errors in trailers, streams with silences in
// them, echoes; and when a silent connection is closed. Each refusal stands beside a call that is allowed on the same way.
// Where gateways list their hosts, existing-mesh.test.ts holds the same.
// Does not prove: hours. That a silence of hours is let pass is read from the proxies' own configuration.
import assert from "node:assert/strict";
import { scratchCheckout } from "./support/checkout";
import { egress, kubectl } from "./support/commands";
import { apply, putBack } from "./support/pulumi";
import { appA, Caller } from "./support/requests";
import { grantStreams, itCarriesStreams } from "./support/streams";

/** What a proxy has of timers, by the listener that has them. */
function idleTimeouts(target: string, filter: "tcp_proxy" | "http_connection_manager"): Record<string, string[]> {
  const dump = kubectl(
    "exec",
    ...target.split(" "),
    "--container=istio-proxy",
    "--",
    "curl",
    "--silent",
    adminListeners,
  );
  const { configs } = JSON.parse(dump) as { configs: { active_state?: { listener: Listener }; name: string }[] };
  return Object.fromEntries(
    configs.flatMap(({ name, active_state }) => {
      const { filter_chains = [], default_filter_chain } = active_state?.listener ?? {};
      const filters = [...filter_chains, default_filter_chain].flatMap((chain) => chain?.filters ?? []);
      const found = filters.filter((each) => each.name === `envoy.filters.network.${filter}`);
      const timeouts = found.map(({ typed_config: { idle_timeout, stream_idle_timeout } }) =>
        filter === "tcp_proxy" ? (idle_timeout ?? "default") : (stream_idle_timeout ?? "default"),
      );
      return found.length === 0 ? [] : [[name, [...new Set(timeouts)]]];
    }),
  );
}

const adminListeners = "http://localhost:15000/config_dump?resource=dynamic_listeners";

interface Listener {
  filter_chains?: Chain[];
  default_filter_chain?: Chain;
}

interface Chain {
  filters?: { name: string; typed_config: { idle_timeout?: string; stream_idle_timeout?: string } }[];
}

const sidecarOf = ({ namespace, workload }: Caller) => `deployment/${workload} --namespace=${namespace}`;
const gateway = "deployment/egress-gateway --namespace=istio-egress";

describe("gRPC and WebSockets", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();

  before(() => {
    grantStreams(checkout.folder);
    apply("up", checkout.folder);
  });

  after(() => putBack({ checkout, pristine }));

  itCarriesStreams();

  it("no timer of the gateway's is shorter than the longest time of its destinations, and none ends open streams", () => {
    const tcp = idleTimeouts(gateway, "tcp_proxy");
    assert.deepEqual(Object.keys(tcp).sort(), ["0.0.0.0_8443", "forward", "same-name"]);
    Object.entries(tcp).forEach(([name, timeouts]) => assert.deepEqual(timeouts, ["28800s"], name));
    assert.deepEqual(idleTimeouts(gateway, "http_connection_manager")["0.0.0.0_8080"], ["0s"]);
  });

  it("the sidecar's are the destinations' own", () => {
    const all = Object.values(idleTimeouts(sidecarOf(appA), "tcp_proxy")).flat();
    assert.ok(
      ["4s", "28800s"].every((time) => all.includes(time)),
      all.join(", "),
    );
    assert.deepEqual(idleTimeouts(sidecarOf(appA), "http_connection_manager")["0.0.0.0_80"], ["0s"]);
  });

  it("explain says when a silent connection is closed", () => {
    const { stdout } = egress(["explain", "lab", "test-app/app-a", "wss://api.partner.example/"], {
      cwd: checkout.folder,
    });
    assert.match(stdout, /closed after 8h without a byte/);
  });
});
