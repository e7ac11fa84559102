import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { isMap, isSeq, parseDocument } from "yaml";
import { labCommand } from "../../../lab/shell";
import { apply, kubectl } from "../support/commands";
import { upAside } from "../support/pulumi";
import { editStack } from "../support/checkout";
import { drain, GuardedStack } from "./stack";
import { Place } from "./vector";

/** Asks a host outside over and over from a pod's first moment, and says how often, and how often that one answered. */
const firstMoments = `
import socket, time
tried = answered = 0
end = time.time() + 6
while time.time() < end:
    tried += 1
    try:
        with socket.create_connection(("203.0.113.13", 80), 0.5) as wire:
            wire.settimeout(2)
            wire.sendall(b"GET /first HTTP/1.1\\r\\nHost: cnn.com\\r\\nConnection: close\\r\\n\\r\\n")
            # By a redirect, as no proxy does.
            answered += wire.recv(4096).startswith(b"HTTP/1.1 301")
    except OSError:
        pass
    time.sleep(0.01)
print(tried, answered, flush=True)
time.sleep(600)
`;

/** How often a pod has tried in its first six seconds, and how often the host answered. */
export interface First {
  tried: number;
  answered: number;
}

interface Made {
  name: string;
  namespace: string;
  labels?: Record<string, string>;
  /** Runs it in an init container, before the sidecar. */
  init?: true;
}

/**
 * The first moments of pods that call out as soon as they run: one without a sidecar and the init container of an ordinary
 * one, in the guarded namespace, and one that nobody guards. Admission has to be away for the first.
 */
export async function tryFirstMoments(): Promise<Record<"bare" | "init" | "free", First>> {
  const pods = {
    bare: { name: "first-bare", namespace: "test-app", labels: { "sidecar.istio.io/inject": "false" } },
    init: { name: "first-init", namespace: "test-app", init: true },
    free: { name: "first-free", namespace: "default" },
  } satisfies Record<string, Made>;
  try {
    apply({ apiVersion: "v1", kind: "List", items: Object.values(pods).map(firstPod) });
    const [bare, init, free] = await Promise.all([pods.bare, pods.init, pods.free].map(firstOf));
    return { bare: bare!, init: init!, free: free! };
  } finally {
    for (const { name, namespace } of Object.values(pods)) {
      kubectl("delete", "pod", name, `--namespace=${namespace}`, "--ignore-not-found", "--grace-period=0", "--force");
    }
  }
}

function firstPod({ name, namespace, labels, init }: Made): Record<string, unknown> {
  const image = "lab.istio-egress.local/workload:1";
  const trying = { image, imagePullPolicy: "IfNotPresent", command: ["python3", "-c", firstMoments] };
  const waiting = { name: "main", image, imagePullPolicy: "IfNotPresent" };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: init
      ? { securityContext: { runAsUser: 1000 }, initContainers: [{ name: "trying", ...trying }], containers: [waiting] }
      : { securityContext: { runAsUser: 1000 }, containers: [{ name: "trying", ...trying }] },
  };
}

async function firstOf({ name, namespace }: Made): Promise<First> {
  for (const end = Date.now() + 180_000; Date.now() < end; await delay(500)) {
    const { argv, env } = labCommand(["kubectl", "logs", name, `--namespace=${namespace}`, "--container=trying"]);
    const text = await outputOf(argv, env);
    const [tried, answered] = text.trim().split(" ").map(Number);
    if (tried! > 0 && answered !== undefined) {
      return { tried: tried!, answered };
    }
  }
  throw new Error(`The pod ${namespace}/${name} has not said within 180 s how its first moments went.`);
}

function outputOf(argv: string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { env });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
    child.on("error", reject).on("close", () => resolve(text));
  });
}

/**
 * Speaks on connections that were opened before, and opens new ones, until it is told to end; prints what came of each.
 * Its arguments are the file that tells it, and, where all go straight to a gateway, in mutual TLS with the pod's own
 * certificate, the gateway's address.
 */
const speaking = `
import json, os, socket, ssl, subprocess, sys, time
ends, gateway = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
def opened(host, port):
    wire = socket.create_connection((host, port), 5)
    wire.settimeout(5)
    return wire
def straight(port, sni, alpn):
    folder = "/var/lib/istio/data/"
    own = ["-cert", folder + "cert-chain.pem", "-cert_chain", folder + "cert-chain.pem", "-key", folder + "key.pem"]
    wire, other = socket.socketpair()
    subprocess.Popen(
        ["openssl", "s_client", "-quiet", "-connect", "%s:%d" % (gateway, port), "-servername", sni, "-alpn", alpn] + own,
        stdin=other, stdout=other, stderr=subprocess.DEVNULL)
    other.close()
    wire.settimeout(5)
    return wire
def http():
    return straight(8080, "httpbin.org", "http/1.1") if gateway else opened("httpbin.org", 80)
def tls(name):
    wire = straight(8443, name, "istio") if gateway else opened(name, 443)
    return ssl._create_unverified_context().wrap_socket(wire, server_hostname=name)
def database():
    if not gateway:
        return opened("db.partner.example", 5432)
    wire = straight(8445, "db.partner.example", "http/1.1")
    wire.sendall(b"CONNECT db.partner.example:5432 HTTP/1.1\\r\\nHost: db.partner.example:5432\\r\\n\\r\\n")
    if b" 200 " not in wire.recv(4096):
        raise OSError("refused")
    return wire
def asked(wire, host):
    wire.sendall(("GET /open HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n" % host).encode())
    head = wire.recv(65536)
    return head.startswith(b"HTTP/1.1 200")
def line(wire):
    wire.sendall(b"still\\r\\n")
    return wire.recv(4096).startswith(b"250 ")
ways = {
    "http": (http, lambda wire: asked(wire, "httpbin.org")),
    "https": (lambda: tls("httpbin.org"), lambda wire: asked(wire, "httpbin.org")),
    "tcp": (database, line),
    "kept": (lambda: tls("github.com"), lambda wire: asked(wire, "github.com")),
}
def works(act):
    try:
        return bool(act())
    except OSError:
        return False
wires = {way: make() for way, (make, _) in ways.items()}
last = {}
print(json.dumps({way: works(lambda: ways[way][1](wires[way])) for way in ways}), flush=True)
while not os.path.exists(ends):
    for way, (make, speak) in ways.items():
        if works(lambda: speak(wires[way])):
            last["open " + way] = time.time()
        def anew():
            with make() as wire:
                return speak(wire)
        if works(anew):
            last["new " + way] = time.time()
    time.sleep(0.5)
os.remove(ends)
print(json.dumps({"last": last, "now": time.time()}), flush=True)
`;

const ways = ["http", "https", "tcp", "kept"] as const;
type Way = (typeof ways)[number];

/**
 * Of connections that were opened before a rule went, and of new ones: how many seconds after the end of the update the last
 * of them was spoken on; `undefined` where that went on to the end.
 */
export interface Outlived {
  open: Record<Way, number | undefined>;
  fresh: Record<Way, number | undefined>;
}

/** How long after the end of the update is waited for what goes on. Seconds. */
const after = drain + 45;

/** Within how many seconds of the update's end a new call is refused, and the next request on a connection over http. */
export const soon = 15;

/** Within how many seconds of it connections end that were open: those of istiod's news, and of the gateways' drain. */
export const longestOpen = drain + soon;

/** Takes the rules for some destinations out of the stack's file. */
function withdraw(folder: string, destinations: string[]): void {
  editStack(folder, "lab", (text) => {
    const document = parseDocument(text);
    const allow = document.getIn(["config", "istio-egress:allow"]);
    if (!isSeq(allow)) {
      throw new Error("The stack's file has no list of rules.");
    }
    allow.items = allow.items.filter((rule) => !isMap(rule) || !destinations.includes(String(rule.get("to"))));
    return document.toString();
  });
}

/**
 * Takes the rules for httpbin and the database away by an update, while app-a speaks on through its sidecar, and whoever has
 * its certificate straight to a gateway; github's stays.
 */
export async function tryOutliving(stack: GuardedStack): Promise<Record<"sidecar" | "straight", Outlived>> {
  const speakers = {
    sidecar: startSpeaking(stack, "app-a"),
    straight: startSpeaking(stack, "thief-a", stack.addresses["@gateway"]),
  };
  await delay(2000);
  withdraw(stack.folder, ["httpbin", "databases"]);
  await upAside(stack.folder);
  const withdrawn = Date.now() / 1000;
  await delay(after * 1000);
  const { sidecar, straight } = speakers;
  [sidecar, straight].forEach(({ end }) => end());
  return { sidecar: outlivedOf(await sidecar.said, withdrawn), straight: outlivedOf(await straight.said, withdrawn) };
}

function startSpeaking(
  stack: GuardedStack,
  place: Place,
  ...gateway: string[]
): { said: Promise<string>; end: () => void } {
  const [namespace, pod, container] = stack.places[place]!;
  // Of a sidecar's files few can be written.
  const ends = container === "istio-proxy" ? "/var/lib/istio/data/speaking-ends" : "/tmp/speaking-ends";
  const within = [`--namespace=${namespace}`, pod, `--container=${container}`, "--"];
  const { argv, env } = labCommand(["kubectl", "exec", ...within, "python3", "-c", speaking, ends, ...gateway]);
  return { said: outputOf(argv, env), end: () => void kubectl("exec", ...within, "touch", ends) };
}

function outlivedOf(said: string, withdrawn: number): Outlived {
  const lines = said.trim().split("\n");
  const before = JSON.parse(lines[0]!) as Record<string, boolean>;
  if (Object.values(before).some((works) => !works)) {
    throw new Error(`Not every connection worked before the rules went: ${lines[0]}`);
  }
  const { last, now } = JSON.parse(lines.at(-1)!) as { last: Record<string, number>; now: number };
  // A round of those that are silent takes 5 s each.
  const isLate = (time: number): boolean => time > now - 20;
  const of = (kind: string) =>
    Object.fromEntries(
      ways.map((way) => {
        const time = last[`${kind} ${way}`] ?? 0;
        return [way, isLate(time) ? undefined : Math.max(0, Math.round(time - withdrawn))];
      }),
    ) as Outlived["open"];
  return { open: of("open"), fresh: of("new") };
}
