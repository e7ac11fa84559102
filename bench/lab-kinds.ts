import { columns } from "../cli/columns";
import type { Manifest } from "../model";
import { grantToAppA, scratchCheckout } from "../tests/lab/support/checkout";
import { inLab, kubectl } from "../tests/lab/support/commands";
import { Held, heldBy, pulumi, tryPulumi } from "./lab-stack";
import { recipeGateway, recipeNamespace, recipeOf } from "./recipe";

/** Hosts of each kind, in the end; each is also taken with a quarter and a half of them. */
const most = { https: 2000, tcp: 1000, wildcards: 1000 };

/** Hosts of the documented recipe's gateway. */
const recipeSizes = [100, 500];

/** Seconds that proxies are given to take a configuration, at most. */
const longest = 180;

type Kind = keyof typeof most;

/** A destination's hosts, of which there are a hundred in each. */
const kinds: Record<Kind, (host: string) => string> = {
  https: (host) => `${host}.https.example`,
  tcp: (host) => `${host}.tcp.example`,
  wildcards: (host) => `*.${host}.wildcards.example`,
};

const settings: Record<Kind, object> = {
  https: { protocols: ["https"] },
  tcp: { ports: ["5432/tcp"] },
  wildcards: { protocols: ["https"] },
};

/** The gateway, whoever is granted all hosts, and a neighbour that is granted none of them. */
const proxies = {
  gateway: () => heldBy("istio-egress", "app=egress-gateway"),
  "app-a's sidecar": () => heldBy("test-app", "app=app-a"),
  "app-b's sidecar": () => heldBy("test-app", "app=app-b"),
};

type Taken = Record<keyof typeof proxies, Held>;

/**
 * Measures on the lab how gateways and sidecars grow with the hosts of a stack, kind by kind and all together, and beside it
 * the gateway of Istio's documented recipe. Needs a lab on which `make up` has put its stack, and leaves it so.
 */
function main(): void {
  const pristine = scratchCheckout();
  const home = { folder: pristine.folder, stack: "lab" };
  try {
    process.stdout.write(
      "Of each proxy the memory that Envoy has allocated and the size of its configuration, MB.\n\n",
    );
    process.stdout.write(
      `${table([["", "hosts", ...Object.keys(proxies).flatMap((name) => [name, ""])]]).join("\n")}\n`,
    );
    print("the lab's stack", "0", Object.values(settled()));
    const steps: [string, Partial<Record<Kind, number>>][] = [
      ...(Object.keys(most) as Kind[]).flatMap((kind) =>
        [0.25, 0.5, 1].map((part): [string, Partial<Record<Kind, number>>] => [kind, { [kind]: most[kind] * part }]),
      ),
      ["all of these", most],
    ];
    for (const [label, counts] of steps) {
      const hosts = Object.values(counts).reduce((a, b) => a + b);
      print(label, String(hosts), Object.values(measured(counts)));
    }
    pulumi(home, "up", "--yes", "--skip-preview");
    recipeSizes.forEach((size) => print("the documented recipe", String(size), [recipe(size)]));
  } finally {
    // What a run that failed has left is taken back as well.
    tryPulumi(home, "up", "--yes", "--skip-preview");
    kubectl("delete", "namespace", recipeNamespace, "--ignore-not-found");
    pristine.remove();
  }
}

/** What the proxies hold when so many hosts of each kind are granted to app-a, beside the stack's own. */
function measured(counts: Partial<Record<Kind, number>>): Taken {
  const checkout = scratchCheckout();
  try {
    const granted = Object.fromEntries(Object.entries(counts).flatMap(destinations));
    grantToAppA(checkout.folder, granted, "is measured");
    pulumi({ folder: checkout.folder, stack: "lab" }, "up", "--yes", "--skip-preview");
    return settled();
  } finally {
    checkout.remove();
  }
}

function destinations([kind, count]: [string, number]): [name: string, destination: object][] {
  const hosts = Array.from({ length: count }, (_, index) => kinds[kind as Kind](`h${index}`));
  return Array.from({ length: Math.ceil(count / 100) }, (_, group) => [
    `${kind}-${group}`,
    { hosts: hosts.slice(group * 100, (group + 1) * 100), ...settings[kind as Kind] },
  ]);
}

/** What the stack's proxies hold, once they have taken what there is. */
function settled(): Taken {
  return whenSettled(() => ({
    gateway: proxies.gateway(),
    "app-a's sidecar": proxies["app-a's sidecar"](),
    "app-b's sidecar": proxies["app-b's sidecar"](),
  }));
}

/** What proxies hold once that is the same for a while: istiod tells them of a change little by little. */
function whenSettled<T extends Record<string, Held>>(take: () => T): T {
  const sizes = (taken: T) =>
    Object.values(taken)
      .map(({ config }) => config.toFixed(2))
      .join();
  const begun = performance.now();
  let before = take();
  for (let same = 0; same < 3 && (performance.now() - begun) / 1000 < longest;) {
    sleep(2);
    const now = take();
    same = sizes(now) === sizes(before) ? same + 1 : 0;
    before = now;
  }
  return before;
}

/** What the documented recipe's gateway holds with so many hosts. */
function recipe(size: number): Held {
  const hosts = Array.from({ length: size }, (_, index) => `h${index}.recipe.example`);
  kubectl("delete", "namespace", recipeNamespace, "--ignore-not-found");
  put([
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: recipeNamespace, labels: { "istio-injection": "enabled" } },
    },
    ...recipeGateway(),
    ...recipeOf(hosts, "cluster.local/ns/test-app/sa/app-a"),
  ]);
  kubectl("rollout", "status", `--namespace=${recipeNamespace}`, "deployment/recipe-gateway", `--timeout=${longest}s`);
  return whenSettled(() => ({ gateway: heldBy(recipeNamespace, "istio=recipe-gateway") })).gateway;
}

function put(objects: Manifest[]): void {
  const { exitCode, stderr } = inLab(["kubectl", "apply", "--server-side", "--filename=-"], {
    input: objects.map((object) => JSON.stringify(object)).join("\n---\n"),
    seconds: 300,
  });
  if (exitCode !== 0) {
    throw new Error(`kubectl apply: ${stderr.slice(-4000)}`);
  }
}

function sleep(seconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
}

const table = columns();

/** Prints a line as soon as it is known: the whole run takes a while. */
function print(label: string, hosts: string, held: Held[]): void {
  const figures = held.flatMap(({ memory, config }) => [memory.toFixed(1), config.toFixed(2)]);
  process.stdout.write(`${table([[label.padEnd(22), hosts.padStart(5), ...figures]]).join("\n")}\n`);
}

main();
