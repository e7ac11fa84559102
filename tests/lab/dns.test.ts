// Names as a way out: guarded pods ask a resolver that knows what is granted, and no name that they make up leaves the
// cluster. By raw packets, over UDP and TCP, and by what the outside's own resolver was asked.
// Does not prove: another CoreDNS than the lab's, NodeLocal DNSCache and Cloud DNS, and what the times of answers tell.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { network } from "../../lab/topology";
import { editStackDocument, scratchCheckout } from "./support/checkout";
import { apply as applyObject, egress, kubectl, kubectlAside, kubectlJson } from "./support/commands";
import { Decision, loggedDecisions } from "./support/decisions";
import { apply, putBack, upAside } from "./support/pulumi";
import { appA, appB, Caller, curl, execIn } from "./support/requests";
import { lookedUp, lookUps } from "./support/thief";
import { until } from "./support/until";

const resolver = "10.96.0.53";
const image = "lab.istio-egress.local/coredns:1";
const workload = "lab.istio-egress.local/workload:1";
const adopted = "dns-adopted";
const keeper: Caller = { namespace: adopted, workload: "keeper" };
/** In a namespace that nobody guards: what it reaches shows that a probe works. */
const free: Caller = { namespace: "default", workload: "dns-free", target: "pod/dns-free" };

/** The sidecar's own container: nothing redirects what its user sends. */
const beside = (caller: Caller): Caller => ({ ...caller, container: "istio-proxy" });

const types = {
  A: 1,
  NS: 2,
  CNAME: 5,
  NULL: 10,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  HTTPS: 65,
  ANY: 255,
} as const;

/** A name of data that nobody has looked up yet. */
const fresh = (above: string) => `${randomBytes(10).toString("hex")}.${above}`;

interface Query {
  name: string;
  type?: keyof typeof types;
  server?: string;
  over?: "udp" | "tcp";
  qclass?: number;
  /** How long an answer is waited for: where none is to come, that long passes. @default 12 */
  seconds?: number;
}

/** What a raw query gets: the outcome's code and how many answers came with it, as `0 1`, or `silent`. */
function ask(caller: Caller, ...queries: Query[]): string[] {
  const asked = queries.map(({ name, type = "A", server = resolver, over = "udp", qclass = 1, seconds = 12 }) =>
    [server, over, types[type], qclass, name, seconds].join(" "),
  );
  const { stdout, stderr } = execIn(caller, "python3", "-c", client, ...asked);
  const lines = stdout.trim().split("\n");
  assert.equal(lines.length, queries.length, stdout + stderr);
  return lines;
}

/** The address that an application finds by the pod's own settings, empty for none. */
function addressIn(caller: Caller, name: string): string {
  const code = "import socket, sys; print(socket.getaddrinfo(sys.argv[1], 80, socket.AF_INET)[0][4][0])";
  return execIn(caller, "python3", "-c", code, name).stdout.trim();
}

const resolvesIn = (caller: Caller, name: string): boolean => addressIn(caller, name) !== "";

const client = `
import socket, struct, sys
from concurrent.futures import ThreadPoolExecutor

def packet(name, kind, group):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\\0" + struct.pack(">HH", kind, group)

def ask(line):
    server, over, kind, group, name, seconds = line.split(" ")
    query = packet(name, int(kind), int(group))
    try:
        if over == "udp":
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
                wire.settimeout(float(seconds))
                wire.sendto(query, (server, 53))
                data = wire.recv(4096)
        else:
            with socket.create_connection((server, 53), float(seconds)) as wire:
                wire.settimeout(float(seconds))
                wire.sendall(struct.pack(">H", len(query)) + query)
                data = wire.recv(4096)[2:]
        if len(data) < 12:
            return "silent"
        return "%d %d" % (data[3] & 15, struct.unpack(">H", data[6:8])[0])
    except OSError:
        return "silent"

with ThreadPoolExecutor(16) as pool:
    print("\\n".join(pool.map(ask, sys.argv[1:])))
`;

const found = "0 1";
const refused = "3 0";
const silent = "silent";

describe("dns: {mode: allowed-only}", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  let kubeDnsPod: string;

  before(async () => {
    const labels = { app: "keeper" };
    const spec = { serviceAccountName: "keeper", containers: [{ name: "keeper", image: workload }] };
    kubectl("create", "namespace", adopted);
    kubectl("create", "serviceaccount", "keeper", `--namespace=${adopted}`);
    applyObject({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "keeper", namespace: adopted },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    });
    kubectl("run", "dns-free", "--namespace=default", `--image=${workload}`, "--image-pull-policy=IfNotPresent");
    editStackDocument(checkout.folder, "lab", (set) => {
      set(["dns"], { mode: "allowed-only", address: resolver, image });
      set(["destinations", "bulk"], { hosts: ["*.bulk.example"] });
      set(["allow", 3], { from: "test-app/app-a", to: "bulk", owner: "tests", reason: "a test" });
      set(["allow", 4], { from: `${adopted}/keeper`, to: "httpbin", owner: "tests", reason: "a test" });
      set(["allow", 5], { from: "test-app/app-a", to: "api-server", owner: "tests", reason: "a test" });
      set(["destinations", "api-server"], { kind: "kubernetes-api" });
      set(["cluster", "api"], { service: network.apiServerService, endpoints: [network.lab.address] });
      set(["deny", 1], "secret.bulk.example");
      set(["workloads", "app-b", "mode"], "observe");
      set(["namespaces", adopted], { existing: true, guard: "inject" });
      set(["workloads", "keeper"], {
        namespace: adopted,
        existing: { serviceAccount: "keeper", selector: labels },
      });
    });
    apply("up", checkout.folder);
    kubectl("rollout", "restart", "deployment/keeper", `--namespace=${adopted}`);
    kubectl("rollout", "status", "deployment/keeper", `--namespace=${adopted}`, "--timeout=240s");
    editStackDocument(checkout.folder, "lab", (set) => set(["namespaces", adopted, "guard"], "enforce"));
    apply("up", checkout.folder);
    kubectl("wait", "pod/dns-free", "--namespace=default", "--for=condition=Ready", "--timeout=240s");
    const { items } = kubectlJson<{ items: { status: { podIP: string } }[] }>(
      ...["get", "pods", "--namespace=kube-system", "--selector=k8s-app=kube-dns"],
    );
    kubeDnsPod = items[0]!.status.podIP;
    for (const caller of [appA, keeper]) {
      for (const scheme of ["http", "https"]) {
        const url = `${scheme}://httpbin.org/`;
        await until(`${caller.workload} reaches ${url}`, 90, () => curl(caller, url).status === 200);
      }
    }
    await until(
      "names below the wildcard are open",
      90,
      () => curl(appA, `http://${fresh("bulk.example")}/`).status === 200,
    );
  });

  after(() =>
    putBack({ checkout, pristine }, [
      {
        remove: () => {
          kubectl(
            "delete",
            "pod",
            "dns-free",
            "--namespace=default",
            "--ignore-not-found",
            "--grace-period=0",
            "--force",
          );
        },
      },
      { remove: () => kubectl("scale", "deployment/egress-dns", "--namespace=istio-egress", "--replicas=2") },
    ]),
  );
  after(() => void kubectl("delete", "namespace", adopted, "--ignore-not-found"));

  for (const [title, caller] of [
    ["a workload of the stack", appA],
    ["one that somebody else made", keeper],
  ] as const) {
    describe(`${title}`, () => {
      it("finds a granted name, over UDP from its own container, and over TCP past the sidecar", () => {
        assert.deepEqual(ask(caller, { name: "httpbin.org" }, { name: "HTTPBIN.org" }), [found, found]);
        assert.deepEqual(ask(beside(caller), { name: "httpbin.org", over: "tcp" }), [found]);
      });

      it("calls a granted host by its name, and is told of no other", () => {
        for (const scheme of ["http", "https"]) {
          assert.equal(curl(caller, `${scheme}://httpbin.org/`).status, 200, scheme);
          assert.equal(curl(caller, `${scheme}://cnn.com/`).exit, 6, scheme);
        }
      });

      it("has no other name looked up: whatever type, below granted names and others, over UDP and TCP", () => {
        const names = ["httpbin.org", "cnn.com", "bulk.example.org", "com", "secret.bulk.example"];
        const queries = names.flatMap((above) =>
          Object.keys(types).map((type): Query => ({ name: fresh(above), type: type as keyof typeof types })),
        );
        const others = [
          { name: fresh("cnn.com"), type: "TXT", qclass: 3 },
          { name: `${"a".repeat(63)}.${"b".repeat(63)}.${fresh("cnn.com")}`, type: "TXT" },
        ] as const;
        const all: Query[] = [...queries, ...others];
        assert.deepEqual(
          ask(caller, ...all),
          all.map(() => refused),
        );
        const byTcp = all.map((query): Query => ({ ...query, over: "tcp" }));
        assert.deepEqual(
          ask(beside(caller), ...byTcp),
          all.map(() => refused),
        );
        assert.deepEqual(
          all.filter(({ name }) => lookUps(name) > 0),
          [],
        );
      });

      it("is answered by no resolver but the stack's: not the cluster's, by its Service or its pod, nor one outside", () => {
        const name = fresh("cnn.com");
        const servers = [network.clusterDns, kubeDnsPod, network.outsideDns];
        const over = (way: "udp" | "tcp") => servers.map((server): Query => ({ name, server, over: way, seconds: 3 }));
        assert.deepEqual(ask(caller, ...over("udp")), [silent, silent, silent]);
        assert.deepEqual(ask(caller, ...over("tcp")), [silent, silent, silent]);
        assert.deepEqual(ask(beside(caller), ...over("udp"), ...over("tcp")), Array(6).fill(silent));
        assert.equal(lookUps(name), 0);
      });
    });
  }

  it("all of which a pod that nobody guards can do, and the outside's resolver is asked", async () => {
    const servers = [network.clusterDns, kubeDnsPod, network.outsideDns];
    const queries = servers.flatMap((server) =>
      (["udp", "tcp"] as const).map((over): Query => ({ name: fresh("cnn.com"), type: "TXT", server, over })),
    );
    assert.deepEqual(ask(free, ...queries), Array(6).fill(refused));
    for (const { name } of queries) {
      await lookedUp(name);
    }
  });

  it("gives a granted name's other records an empty answer, and asks nobody", () => {
    const others = Object.keys(types).filter((type) => type !== "A") as (keyof typeof types)[];
    assert.deepEqual(
      ask(appA, ...others.map((type): Query => ({ name: "httpbin.org", type }))),
      // Whoever asks for whatever there is gets the address.
      others.map((type) => (type === "ANY" ? found : "0 0")),
    );
  });

  it("finds names below a granted wildcard without a look-up, but for those that are denied", async () => {
    const [one, two, evil] = [
      fresh("bulk.example"),
      fresh("a.b.bulk.example"),
      `${randomBytes(6).toString("hex")}bulk.example`,
    ];
    assert.deepEqual(ask(appA, { name: one }, { name: two }), [found, found]);
    const denied = ["bulk.example", "secret.bulk.example", fresh("secret.bulk.example"), evil];
    assert.deepEqual(
      ask(appA, ...denied.map((name) => ({ name }))),
      denied.map(() => refused),
    );
    assert.deepEqual([one, two, ...denied.slice(2)].map(lookUps), [0, 0, 0, 0]);
    assert.equal(curl(appA, `http://${one}/`).status, 200);
    await lookedUp(one);
  });

  it("finds Services of the namespaces that may be called, by short names too, and no other's", () => {
    const resolves = (name: string) => resolvesIn(appA, name);
    for (const name of ["app-b", "app-b.test-app", "app-b.test-app.svc.cluster.local", "istiod.istio-system.svc"]) {
      assert.ok(resolves(name), name);
    }
    const data = fresh("test-app.svc.cluster.local");
    const names = ["kube-dns.kube-system.svc.cluster.local", data, fresh("cluster.local"), "1.0.96.10.in-addr.arpa"];
    assert.deepEqual(
      ask(appA, ...names.map((name): Query => ({ name, type: name.endsWith("arpa") ? "PTR" : "A" }))),
      names.map(() => refused),
    );
    assert.deepEqual(names.map(lookUps), [0, 0, 0, 0]);
  });

  it("finds the cluster's API, which is granted, by each of its names, and nothing below it", () => {
    const host = "kubernetes.default.svc.cluster.local";
    assert.equal(addressIn(appA, "kubernetes.default.svc"), network.apiServerService);
    const data = fresh(host);
    assert.deepEqual(ask(appA, { name: host }, { name: host, type: "AAAA" }, { name: data }), [found, "0 0", refused]);
    assert.equal(lookUps(data), 0);
    assert.equal(curl(appA, "https://kubernetes.default.svc/version", "--insecure").status, 200);
  });

  it("leaves an observed workload the cluster's resolver, for every name", async () => {
    const name = fresh("bulk.example");
    assert.deepEqual(ask(appB, { name, server: network.clusterDns }), [found]);
    await lookedUp(name);
    await until("it is observed", 90, () => [200, 301].includes(curl(appB, "http://github.com/").status));
  });

  it("is in the logs: what was refused, by the workload that asked for it", async () => {
    const names = [fresh("cnn.com"), fresh("httpbin.org")];
    ask(appA, { name: names[0]!, type: "TXT" });
    ask(keeper, { name: names[1]! });
    let seen: Decision[] = [];
    await until("both are logged", 90, () => {
      const denied = loggedDecisions(["--denied", "--since=5m"], checkout.folder);
      seen = denied.filter(({ host }) => names.includes(host));
      return seen.length === 2;
    });
    assert.deepEqual(
      seen.map(({ at, from, protocol, host, allowed, ok }) => [at, from, protocol, host, allowed, ok]),
      [
        ["resolver", "test-app/app-a", "dns", names[0], false, true],
        ["resolver", `${adopted}/keeper`, "dns", names[1], false, true],
      ],
    );
    assert.match(seen[0]!.because!, /is granted to nobody: its record TXT was refused/);
  });

  it("is what the live matrix and explain say, and the doctor finds nothing", () => {
    const matrix = egress(["matrix", "lab", "--live"], { cwd: checkout.folder });
    assert.equal(matrix.exitCode, 0, matrix.stdout + matrix.stderr);
    assert.match(matrix.stdout, /test-app\/app-a +cnn\.com +✔ deny +name refused/);
    const { stdout } = egress(["explain", "lab", "test-app/app-a", "https://cnn.com"], { cwd: checkout.folder });
    assert.match(stdout, /this name is not resolved for test-app\/app-a/);
    const doctor = egress(["doctor", "lab"], { cwd: checkout.folder });
    assert.equal(doctor.exitCode, 0, doctor.stdout + doctor.stderr);
  });

  it("knows a name within 10 s of the end of pulumi up, and no look-up fails meanwhile", async () => {
    const ended = kubectlAside(
      ...["exec", "deployment/app-a", "--namespace=test-app", "--container=app-a", "--", "python3", "-c", asking],
    );
    editStackDocument(checkout.folder, "lab", (set) => {
      set(["destinations", "partner"], { hosts: ["partner.example"] });
      set(["allow", 6], { from: "test-app/app-a", to: "partner", owner: "tests", reason: "a test" });
    });
    assert.deepEqual(ask(appA, { name: "partner.example" }), [refused]);
    await upAside(checkout.folder);
    // A node may lead a query to a pod that is being replaced, for as long as it has not heard of that.
    await until("every pod that is asked knows it", 10, () =>
      ask(appA, ...Array.from({ length: 10 }, () => ({ name: "partner.example" }))).every((answer) => answer === found),
    );
    execIn(appA, "touch", "/tmp/asking-ends");
    const [asked, failed] = (await ended).trim().split(" ").map(Number);
    assert.ok(asked! > 50, `${asked} look-ups`);
    assert.equal(failed, 0, `${failed} of ${asked} look-ups failed`);
  });

  it("fails closed: without the resolver no name is found, and with it again they are", async () => {
    kubectl("scale", "deployment/egress-dns", "--namespace=istio-egress", "--replicas=0");
    await until("it is gone", 60, () => ask(appA, { name: "httpbin.org", seconds: 3 })[0] === silent);
    assert.deepEqual(ask(appA, { name: "httpbin.org", server: network.clusterDns, seconds: 3 }), [silent]);
    assert.equal(resolvesIn(appA, "httpbin.org"), false);
    // A pod that ends may be noted as ready until it is gone.
    await until("the doctor says so", 90, () => {
      const { exitCode, stdout } = egress(["doctor", "lab"], { cwd: checkout.folder });
      return exitCode === 1 && /The resolver that guarded pods ask has no ready pod/.test(stdout);
    });
    kubectl("scale", "deployment/egress-dns", "--namespace=istio-egress", "--replicas=2");
    await until("it is back", 90, () => ask(appA, { name: "httpbin.org" })[0] === found);
  });
});

/** Looks a granted name up over and over, as an application does, until it is told to end. */
const asking = `
import os, socket, time
asked = failed = 0
while not os.path.exists("/tmp/asking-ends") and asked < 20000:
    try:
        socket.getaddrinfo("httpbin.org", 80, socket.AF_INET)
    except OSError:
        failed += 1
    asked += 1
    time.sleep(0.02)
print(asked, failed)
`;
