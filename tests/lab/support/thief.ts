import * as fs from "node:fs";
import * as path from "node:path";
import { state } from "../../../lab/paths";
import { kubectl, kubectlJson } from "./commands";
import { until } from "./until";

/**
 * A process that has somebody's real certificate and speaks to a gateway's pod as it likes, past its own sidecar: the
 * strongest caller there is short of the gateway itself.
 */
export interface Thief {
  /**
   * Opens TLS to the gateway, and inside it the application's own.
   *
   * @param names `outer` is the SNI that policies see, `inner` the application's own
   * @returns "served" where a host answered the inner handshake
   */
  tls: (names: { outer: string; inner: string }, certificate?: "own" | "none") => "served" | "refused";
  /** As `tls`, with the seconds from the first packet to the end: those of kubectl are not among them. */
  timedTls: (names: { outer: string; inner: string }) => { outcome: "served" | "refused"; seconds: number };
  /**
   * Sends a request in the gateway's mutual TLS, to its port 8080 unless another one is said, and gives the status and the
   * seconds that it took; 0 for no answer.
   */
  http: (
    host: string,
    path: string,
    certificate?: "own" | "none",
    port?: 8080 | 8081,
  ) => { status: number; seconds: number };
  /**
   * Asks for a host and port by CONNECT in the gateway's mutual TLS, sends a line if that is granted, and gives the status
   * and the first bytes that came; 0 for no answer.
   */
  connect: (place: string, certificate?: "own" | "none") => { status: number; heard: string };
  /** Asks the observer for an address and port, as a sidecar does, and gives the first bytes that came; empty for none. */
  observed: (address: string, port: number) => string;
  remove: () => void;
}

const certificates = "/var/lib/istio/data";

/** The address of a gateway's pod that is not about to end. */
function gatewayAddress(gateway: string): string {
  const { items } = kubectlJson<{ items: { metadata: { deletionTimestamp?: string }; status: { podIP: string } }[] }>(
    ...["get", "pods", "--namespace=istio-egress", `--selector=istio=${gateway}`],
  );
  return items.find(({ metadata }) => metadata.deletionTimestamp === undefined)!.status.podIP;
}

/**
 * A pod of test-app that has its certificate as files in the sidecar's container, whose user nothing redirects.
 *
 * @param serviceAccount the account that it runs under, and whose workload's labels it has
 */
export function startCertifiedPod(name: string, serviceAccount: string): { remove: () => void } {
  const spec = { serviceAccountName: serviceAccount, securityContext: { runAsUser: 1000 } };
  const annotations = {
    "proxy.istio.io/config": JSON.stringify({ proxyMetadata: { OUTPUT_CERTS: certificates } }),
  };
  kubectl(
    ...["run", name, "--namespace=test-app", `--labels=app=${serviceAccount}`, "--image-pull-policy=IfNotPresent"],
    ...["--image=lab.istio-egress.local/workload:1"],
    `--overrides=${JSON.stringify({ metadata: { annotations }, spec })}`,
  );
  kubectl("wait", "--namespace=test-app", "--for=condition=Ready", `pod/${name}`, "--timeout=240s");
  return {
    remove: () =>
      void kubectl("delete", "pod", name, "--namespace=test-app", "--grace-period=0", "--force", "--wait=true"),
  };
}

/** @param serviceAccount the account of test-app whose certificate it holds */
export function startThief(name: string, serviceAccount: string): Thief {
  const { remove } = startCertifiedPod(name, serviceAccount);
  const ready = gatewayAddress("egress-gateway");
  // In the sidecar's container: nothing redirects what its user sends.
  const runAt = (gateway: string, ...args: string[]) =>
    kubectl(
      ...["exec", name, "--namespace=test-app", "--container=istio-proxy", "--", "python3", "-c", script, gateway],
      ...args,
    ).trim();
  const run = (...args: string[]) => runAt(ready, ...args);
  const timedTls = (outer: string, inner: string, certificate: "own" | "none") => {
    const [word, seconds] = run("tls", certificate, outer, inner).split(" ");
    const outcome: "served" | "refused" = word === "served" ? "served" : "refused";
    return { outcome, seconds: Number(seconds) };
  };
  return {
    tls: ({ outer, inner }, certificate = "own") => timedTls(outer, inner, certificate).outcome,
    timedTls: ({ outer, inner }) => timedTls(outer, inner, "own"),
    http: (host, urlPath, certificate = "own", port = 8080) => {
      const [status, seconds] = run("http", certificate, host, urlPath, `${port}`).split(" ").map(Number);
      return { status: status!, seconds: seconds! };
    },
    connect: (place, certificate = "own") => {
      const [status, ...heard] = run("connect", certificate, place, "").split(" ");
      return { status: Number(status), heard: heard.join(" ") };
    },
    observed: (address, port) => runAt(gatewayAddress("egress-observer"), "observed", "own", address, `${port}`),
    remove,
  };
}

/** How often the outside's resolver was asked for a name, by whomever. */
export function lookUps(name: string): number {
  const log = fs.readFileSync(path.join(state.logs, "outside-dns.log"), "utf8");
  return log.split("\n").filter((line) => line.includes(` IN ${name}. `)).length;
}

/** Waits until the outside's resolver has noted that it was asked for a name: it answers first, and writes it down then. */
export function lookedUp(name: string): Promise<void> {
  return until(`the outside is asked for ${name}`, 10, () => lookUps(name) > 0);
}

const script = `
import socket, ssl, subprocess, sys, time
gateway, what, certificate, first, second = sys.argv[1:6]
context = ssl._create_unverified_context()
context.set_alpn_protocols(["http/1.1"])
if certificate == "own":
    context.load_cert_chain("${certificates}/cert-chain.pem", "${certificates}/key.pem")

def outer(port, name):
    return context.wrap_socket(socket.create_connection((gateway, port), 15), server_hostname=name)

# By openssl: Python takes no name that begins with a dot, as the outer one of a wildcard does.
def outer_by_openssl(name):
    wire, other = socket.socketpair()
    chain = "${certificates}/cert-chain.pem"
    own = ["-cert", chain, "-cert_chain", chain, "-key", "${certificates}/key.pem"]
    subprocess.Popen(
        ["openssl", "s_client", "-quiet", "-connect", gateway + ":8443", "-servername", name, "-alpn", "istio"]
        + (own if certificate == "own" else []), stdin=other, stdout=other, stderr=subprocess.DEVNULL)
    other.close()
    return wire

def tls():
    with outer_by_openssl(first) as wire:
        wire.settimeout(15)
        coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
        application = ssl._create_unverified_context().wrap_bio(coming, going, server_hostname=second)
        for _ in range(20):
            try:
                application.do_handshake()
                return "served"
            except ssl.SSLWantReadError:
                wire.sendall(going.read())
                data = wire.recv(16384)
                if not data:
                    return "closed"
                coming.write(data)
    return "unfinished"

def http():
    begun = time.monotonic()
    with outer(int(sys.argv[6]), first) as wire:
        wire.settimeout(20)
        wire.sendall(("GET %s HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n" % (second, first)).encode())
        head = wire.recv(4096).decode("latin-1")
    return "%s %.3f" % (head.split(" ")[1] if " " in head else 0, time.monotonic() - begun)

def connect():
    with outer(8445, first.split(":")[0]) as wire:
        wire.settimeout(15)
        wire.sendall(("CONNECT %s HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n" % (first, first)).encode())
        # A server that speaks first may be heard along with the answer.
        head, _, heard = wire.recv(4096).decode("latin-1").partition("\\r\\n\\r\\n")
        status = head.split(" ")[1] if " " in head else "0"
        if status != "200":
            return status
        wire.sendall(b"stolen\\r\\n")
        return "%s %s" % (status, (heard or wire.recv(4096).decode("latin-1")).strip())

def observed():
    with socket.create_connection((gateway, 9443), 15) as plain:
        plain.sendall(("PROXY TCP4 10.0.0.1 %s 4321 %s\\r\\n" % (first, second)).encode())
        with context.wrap_socket(plain, server_hostname="observed.invalid") as wire:
            wire.settimeout(8)
            return wire.recv(4096).decode("latin-1").strip()

began = time.monotonic()
def timed(outcome):
    return "%s %.3f" % (outcome, time.monotonic() - began)

try:
    print(observed() if what == "observed" else connect() if what == "connect" else timed(tls()) if what == "tls" else http())
except (OSError, ssl.SSLError) as error:
    print(timed("refused") if what == "tls" else "" if what == "observed" else "0 0")
`;
