import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { isMap, isSeq, parseDocument } from "yaml";
import { labCommand } from "../../../lab/shell";
import { apply, kubectl } from "../support/commands";
import { upAside } from "../support/pulumi";
import { editStack } from "../support/checkout";
import { GuardedStack } from "./stack";

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
  for (const end = Date.now() + 60_000; Date.now() < end; await delay(500)) {
    const { argv, env } = labCommand(["kubectl", "logs", name, `--namespace=${namespace}`, "--container=trying"]);
    const text = await outputOf(argv, env);
    const [tried, answered] = text.trim().split(" ").map(Number);
    if (tried! > 0 && answered !== undefined) {
      return { tried: tried!, answered };
    }
  }
  throw new Error(`The pod ${namespace}/${name} has not said within 60 s how its first moments went.`);
}

function outputOf(argv: string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { env });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
    child.on("error", reject).on("close", () => resolve(text));
  });
}

/** Speaks on connections that were opened before, and opens new ones, until it is told to end; prints what came of each. */
const speaking = `
import json, os, socket, ssl, time
def opened(host, port):
    wire = socket.create_connection((host, port), 5)
    wire.settimeout(5)
    return wire
def tls(wire, name):
    context = ssl.create_default_context()
    return context.wrap_socket(wire, server_hostname=name)
def asked(wire, host):
    wire.sendall(("GET /open HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n" % host).encode())
    head = wire.recv(65536)
    return head.startswith(b"HTTP/1.1 200")
def line(wire):
    wire.sendall(b"still\\r\\n")
    return wire.recv(4096).startswith(b"250 ")
ways = {
    "http": (lambda: opened("httpbin.org", 80), lambda wire: asked(wire, "httpbin.org")),
    "https": (lambda: tls(opened("httpbin.org", 443), "httpbin.org"), lambda wire: asked(wire, "httpbin.org")),
    "tcp": (lambda: opened("db.partner.example", 5432), line),
    "kept": (lambda: tls(opened("github.com", 443), "github.com"), lambda wire: asked(wire, "github.com")),
}
def works(act):
    try:
        return bool(act())
    except OSError:
        return False
wires = {way: make() for way, (make, _) in ways.items()}
last = {}
print(json.dumps({way: works(lambda: ways[way][1](wires[way])) for way in ways}), flush=True)
while not os.path.exists("/tmp/speaking-ends"):
    for way, (make, speak) in ways.items():
        if works(lambda: speak(wires[way])):
            last["open " + way] = time.time()
        def anew():
            with make() as wire:
                return speak(wire)
        if works(anew):
            last["new " + way] = time.time()
    time.sleep(0.5)
os.remove("/tmp/speaking-ends")
print(json.dumps({"last": last, "now": time.time()}), flush=True)
`;

/** Of connections that were opened before a rule went, and new ones: whether they were spoken on at the end. */
export interface Outlived {
  open: Record<"http" | "https" | "tcp" | "kept", boolean>;
  fresh: Record<"http" | "https" | "tcp" | "kept", boolean>;
}

/** How long after the end of the update is waited for what goes on. Seconds. */
export const after = 15;

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

/** Takes the rules for httpbin and the database away by an update, while app-a speaks on; github's stays. */
export async function tryOutliving(stack: GuardedStack): Promise<Outlived> {
  const [namespace, pod, container] = stack.places["app-a"]!;
  const within = [`--namespace=${namespace}`, pod, `--container=${container}`, "--"];
  const { argv, env } = labCommand(["kubectl", "exec", ...within, "python3", "-c", speaking]);
  const ended = outputOf(argv, env);
  await delay(2000);
  withdraw(stack.folder, ["httpbin", "databases"]);
  await upAside(stack.folder);
  await delay(after * 1000);
  kubectl("exec", ...within, "touch", "/tmp/speaking-ends");
  const lines = (await ended).trim().split("\n");
  const before = JSON.parse(lines[0]!) as Record<string, boolean>;
  if (Object.values(before).some((works) => !works)) {
    throw new Error(`Not every connection worked before the rules went: ${lines[0]}`);
  }
  const { last, now } = JSON.parse(lines.at(-1)!) as { last: Record<string, number>; now: number };
  const lately = (key: string): boolean => (last[key] ?? 0) > now - after / 2;
  const of = (kind: string) =>
    Object.fromEntries(
      ["http", "https", "tcp", "kept"].map((way) => [way, lately(`${kind} ${way}`)]),
    ) as Outlived["open"];
  return { open: of("open"), fresh: of("new") };
}
