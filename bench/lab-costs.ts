import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { columns } from "../cli/columns";
import { imageReferences } from "../lab/images/images";
import { elsewhere } from "../tests/lab/admission/attacks";
import { admitTenant, dismissTenant } from "../tests/lab/admission/tenant";
import { podOf } from "../tests/lab/bypass/stack";
import { grantToAppA, scratchCheckout } from "../tests/lab/support/checkout";
import { apply, kubectl, kubectlJson } from "../tests/lab/support/commands";
import { cellsOf, headings, Pair } from "./costs/figures";
import { Callers, clusterRanges, destinations, HopTaken, takeHops, takeLookUps } from "./costs/hops";
import { takeStarts } from "./costs/starts";
import { Worker } from "./costs/worker";
import { changes, takeWrites, WriteTaken } from "./costs/writes";
import { pulumi, tryPulumi } from "./lab-stack";

/** A pod that nobody guards, in the plain namespace. */
const plainPod = "bench-plain";

/**
 * Measures on the lab what the guard costs, with every layer on: a call by each kind of destination, a look-up, a pod's
 * start and a write to the API server, each beside the same without the guard, in turns. Needs a lab on which `make up`
 * has put its stack, and leaves it so.
 */
async function main(): Promise<void> {
  const [pristine, checkout] = [scratchCheckout(), scratchCheckout()];
  const home = { folder: pristine.folder, stack: "lab" };
  const workers: Worker[] = [];
  try {
    grantToAppA(checkout.folder, destinations(), "is measured", (set) => {
      set(["cluster", "ranges"], clusterRanges);
      // Admission is on in the stack's own file.
      set(["dns"], { mode: "allowed-only", address: "10.96.0.53", image: imageReferences.coredns });
    });
    pulumi({ folder: checkout.folder, stack: "lab" }, "up", "--yes", "--skip-preview");
    admitTenant();
    startPlain();
    say(`Every layer on; ${os.availableParallelism()} cores, load ${load()} at the beginning.`);
    const callers = await callersOf(workers);
    printHops(await takeHops(callers));
    // Nothing of app-b's needs a sidecar that answers for names.
    const appB = clientIn("test-app", podOf("test-app", "app=app-b", "app-b").metadata.name, "app-b");
    workers.push(appB);
    printPairs("A look-up of a granted name", [
      ["by the stack's resolver", await takeLookUps("google.com", { ...callers, guarded: { worker: appB } })],
      ["by the sidecar, as of ports", await takeLookUps("httpbin.org", callers)],
    ]);
    const api = new Worker([process.execPath, "--require", "ts-node/register", path.join(__dirname, "costs/api.ts")]);
    workers.push(api);
    printWrites(await takeWrites(api));
    const starts = await takeStarts(api);
    printPairs("A pod's start, from its Deployment's creation until it is ready, beside the same", [
      ["in a plain namespace", starts.besidePlain],
      ["with Istio's sidecar, and no guard", starts.besideInjected],
    ]);
    say(`Load ${load()} at the end.`);
  } finally {
    workers.forEach((worker) => worker.end());
    // What a run that failed has left is taken back as well.
    tryPulumi(home, "up", "--yes", "--skip-preview");
    dismissTenant();
    pristine.remove();
    checkout.remove();
  }
}

/** An application's pod as it is without a mesh, with the tools of the lab's workloads. */
function startPlain(): void {
  apply({
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name: plainPod, namespace: elsewhere, labels: { app: plainPod } } },
    spec: { containers: [{ name: plainPod, image: imageReferences.workload, imagePullPolicy: "IfNotPresent" }] },
  });
  kubectl("wait", `--namespace=${elsewhere}`, "--for=condition=Ready", `pod/${plainPod}`, "--timeout=60s");
}

/** A client in app-a's own container, behind its sidecar, and one in the pod that nobody guards. */
async function callersOf(workers: Worker[]): Promise<Callers> {
  const { items } = kubectlJson<{ items: { status: { podIP: string } }[] }>(
    ...["get", "pods", "--namespace=istio-egress", "--selector=istio=egress-gateway"],
  );
  const plain = podOf(elsewhere, `app=${plainPod}`);
  const appA = clientIn("test-app", podOf("test-app", "app=app-a", "app-a").metadata.name, "app-a");
  const unguarded = clientIn(elsewhere, plainPod, plainPod);
  workers.push(appA, unguarded);
  return {
    guarded: { worker: appA, addresses: items.map(({ status }) => status.podIP) },
    plain: { worker: unguarded, addresses: [plain.status.podIP] },
  };
}

function clientIn(namespace: string, pod: string, container: string): Worker {
  const script = fs.readFileSync(path.join(__dirname, "costs/client.py"), "utf8");
  const where = [`--namespace=${namespace}`, pod, `--container=${container}`];
  return new Worker(["kubectl", "exec", "--stdin", ...where, "--", "python3", "-c", script]);
}

function printHops(taken: HopTaken[]): void {
  printPairs(
    "A new connection, with TLS where there is any, and its first answer",
    taken.map(({ name, connections }) => [name, connections]),
  );
  printPairs(
    "A request on a connection that is kept",
    taken.map(({ name, requests }) => [name, requests]),
  );
  const sizes = taken.map(({ name, sizes: { guarded, plain } }) => `${name} ${guarded}, ${plain}`);
  say(`Bytes of an answer, with the guard and without: ${sizes.join("; ")}.`);
}

function printWrites(taken: WriteTaken[]): void {
  for (const [beside, pick] of [
    ["admission", ({ admission }: WriteTaken) => admission],
    ["the guard, in a plain namespace", ({ guard }: WriteTaken) => guard],
  ] as const) {
    printPairs(
      `A write to the API server, beside the same without ${beside}`,
      taken.flatMap((each): [string, Pair][] => [
        [`create: ${each.name}`, pick(each).create],
        ...(changes.includes(each.name) ? [[`update: ${each.name}`, pick(each).update] as [string, Pair]] : []),
      ]),
    );
  }
}

/** Prints a table as soon as it is known: the whole run takes a while. */
function printPairs(title: string, rows: [name: string, pair: Pair][]): void {
  say(
    [`${title}:`, ...columns()([["", ...headings], ...rows.map(([name, pair]) => [name, ...cellsOf(pair)])])].join(
      "\n",
    ),
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n\n`);
}

const load = (): string => os.loadavg()[0]!.toFixed(1);

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
