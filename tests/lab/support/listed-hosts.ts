import assert from "node:assert/strict";
import { egress, kubectl, kubectlJson } from "./commands";
import { Pretender, startPretender } from "./pretender";
import { appA, appB, Caller, curl, execIn, hammer, seenOutside } from "./requests";
import { until } from "./until";

const httpbin = "203.0.113.11";

/** Istio keeps "no such host" for a minute, and a sidecar may have asked before a gateway pod was ready. */
const secondsForNames = 150;

interface List {
  items: { metadata: { name: string }; status?: { podIP?: string } }[];
}

function gatewayAddresses(): string[] {
  const { items } = kubectlJson<List>("get", "pods", "--namespace=istio-egress", "--selector=istio=egress-gateway");
  return items.flatMap(({ status }) => status?.podIP ?? []);
}

/** In the sidecar's own container, as the user whose traffic nothing redirects. */
function sidecarOf(caller: Caller): Caller {
  return { ...caller, container: "istio-proxy" };
}

/**
 * What has to hold where gateways list their hosts, by real requests: the cases of a test whose stack `lab` has a mesh
 * with `envoyFilters: false`, and otherwise the allowlist of stacks/Pulumi.lab.yaml.
 *
 * They do not show what another control plane than Istio's own makes of the same objects.
 *
 * @param checkout folder of the checkout whose stack `lab` is applied
 */
export function itHoldsWithListedHosts(checkout: () => string): void {
  before(() =>
    until("app-a reaches httpbin.org", secondsForNames, () => curl(appA, "http://httpbin.org/").status === 200),
  );

  it("there is no EnvoyFilter for the gateways, and a Gateway for each granted host", () => {
    const names = (kind: string) => kubectlJson<List>("get", kind, "--namespace=istio-egress").items.length;
    assert.equal(names("envoyfilters.networking.istio.io"), 0);
    const hosts = kubectl(
      ...["get", "gateways.networking.istio.io", "--namespace=istio-egress"],
      "--output=jsonpath={.items[*].spec.servers[0].hosts[0]}",
    );
    assert.deepEqual(hosts.split(" ").sort(), [...new Set(hosts.split(" "))].sort());
    // Of this namespace: routes of others bind to none of them.
    assert.ok(hosts.split(" ").includes("./httpbin.org"), hosts);
  });

  for (const scheme of ["http", "https"]) {
    it(`app-a reaches ${scheme}://httpbin.org through a gateway pod, in the host's own TLS if any`, async () => {
      const path = `/listed-${scheme}`;
      await until(
        `${scheme}://httpbin.org`,
        secondsForNames,
        () => curl(appA, `${scheme}://httpbin.org/`).status === 200,
      );
      assert.equal(curl(appA, `${scheme}://httpbin.org${path}`).status, 200);
      const [seen, ...more] = seenOutside(path);
      assert.deepEqual(more, []);
      assert.deepEqual([seen?.host, seen?.scheme, seen?.address], ["httpbin.org", scheme, httpbin]);
      const addresses = gatewayAddresses();
      assert.ok(addresses.includes(seen!.from.split(":")[0]!), `${seen!.from} is none of ${addresses.join(", ")}`);
    });
  }

  for (const caller of [appB, hammer]) {
    it(`${caller.workload} is refused httpbin.org at home, over http and https`, () => {
      const path = `/listed-refused-${caller.workload}`;
      assert.equal(curl(caller, `http://httpbin.org${path}`).status, 502);
      assert.equal(curl(caller, `https://httpbin.org${path}`).exit, 35);
      assert.deepEqual(seenOutside(path), []);
    });
  }

  it("every workload × host × scheme is as the model says", () => {
    const { exitCode, stdout, stderr } = egress(["matrix", "lab", "--live"], { cwd: checkout() });
    assert.equal(exitCode, 0, stdout + stderr);
  });

  describe("by another name", () => {
    for (const host of ["HTTPBIN.ORG", "httpbin.org:80"]) {
      it(`Host ${host} is the same host, for who may reach it`, () => {
        assert.equal(curl(appA, "http://httpbin.org/", "--header", `Host: ${host}`).status, 200);
        assert.equal(curl(appB, "http://httpbin.org/", "--header", `Host: ${host}`).status, 502);
      });
    }

    it("a Host that only another workload is granted is refused, to whatever address it is sent", () => {
      const path = "/listed-host-mismatch";
      const { status } = curl(appA, `http://httpbin.org${path}`, "--header", "Host: google.com");
      assert.ok([403, 404, 502].includes(status), String(status));
      assert.deepEqual(seenOutside(path), []);
    });

    it("a server name that only another workload is granted is refused, at the address of an allowed one", () => {
      const path = "/listed-sni-mismatch";
      const { exit } = curl(appA, `https://google.com${path}`, "--resolve", `google.com:443:${httpbin}`);
      assert.equal(exit, 35);
      assert.deepEqual(seenOutside(path), []);
    });

    it("an allowed name, sent to another address, reaches the allowed host", () => {
      const path = "/listed-name-beats-address";
      assert.equal(curl(appA, `https://httpbin.org${path}`, "--resolve", "httpbin.org:443:203.0.113.13").status, 200);
      assert.deepEqual(
        seenOutside(path).map(({ address }) => address),
        [httpbin],
      );
    });

    it("a trailing dot opens nothing, nor does another port", () => {
      const path = "/listed-other-form";
      const dotted = curl(appB, `http://google.com${path}`, "--header", "Host: httpbin.org.").status;
      assert.ok([403, 404, 502].includes(dotted), String(dotted));
      const { status } = curl(appA, `http://httpbin.org:8080${path}`);
      assert.ok(status === 0 || status >= 400, String(status));
      assert.deepEqual(seenOutside(path), []);
    });
  });

  describe("at the gateway itself", () => {
    it("app-a's labels do not make up for its identity: 403, and a reset", async () => {
      let pretender: Pretender | undefined;
      try {
        const started = (pretender = startPretender("listed-pretender"));
        assert.equal(await started.answered("http://httpbin.org/listed-pretender"), "403");
        assert.throws(() => started.ask("https://httpbin.org/listed-pretender"), /exit/);
        assert.deepEqual(seenOutside("/listed-pretender"), []);
      } finally {
        pretender?.remove();
      }
    });

    it("another's identity is refused a host that its labels let it know: app-b's, with app-a's labels", async () => {
      let pretender: Pretender | undefined;
      try {
        const started = (pretender = startPretender("listed-imposter", "app-b"));
        assert.equal(await started.answered("http://httpbin.org/listed-imposter"), "403");
        assert.deepEqual(seenOutside("/listed-imposter"), []);
      } finally {
        pretender?.remove();
      }
    });

    it("without a certificate of the mesh nothing passes, under any name", () => {
      const [gateway] = gatewayAddresses();
      for (const host of ["httpbin.org", "google.com", "cnn.com"]) {
        const { status } = curl(
          sidecarOf(appA),
          `https://${host}/listed-as-1337`,
          ...["--connect-to", `${host}:443:${gateway}:8443`, "--insecure", "--max-time", "4"],
        );
        assert.equal(status, 0, host);
      }
      assert.deepEqual(seenOutside("/listed-as-1337"), []);
    });

    it("a name that no destination has finds no listener, not even for a handshake", () => {
      const [gateway] = gatewayAddresses();
      const { stdout } = execIn(
        sidecarOf(appA),
        "python3",
        "-c",
        `import socket, ssl
context = ssl._create_unverified_context()
context.set_alpn_protocols(["istio"])
try:
    with context.wrap_socket(socket.create_connection(("${gateway}", 8443), 4), server_hostname="cnn.com") as tls:
        print("handshake")
except (OSError, ssl.SSLError):
    print("refused")`,
      );
      assert.equal(stdout.trim(), "refused");
    });
  });
}
