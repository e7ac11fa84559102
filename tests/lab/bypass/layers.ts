import { setTimeout as delay } from "node:timers/promises";
import { labCommand } from "../../../lab/shell";
import { kubectl, ok } from "../support/commands";
import { Site, Try, tryProbes } from "./run-probes";
import { isLeak } from "./judge";
import { drain } from "./stack";
import { Removable } from "./vector";

interface Live {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: object;
    annotations?: object;
    managedFields: { manager: string }[];
  };
}

/** The objects that a layer is made of, as kubectl asks for them. */
const objectsOf: Record<Exclude<Removable, "resolver">, string[][]> = {
  sidecar: ["test-app", "istio-workload"].map((namespace) => [
    "sidecars.networking.istio.io",
    `--namespace=${namespace}`,
  ]),
  network: ["test-app", "istio-workload"].map((namespace) => ["networkpolicies", `--namespace=${namespace}`]),
  policy: [["authorizationpolicies.security.istio.io", "--namespace=istio-egress"]],
  admission: [["validatingadmissionpolicybindings"]],
};

const request = "GET /TOKEN HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n";

/** What shows that a layer has gone: all of it passes without the layer, and is refused with it. */
const telltales: Partial<Record<Removable, Try[]>> = {
  network: [{ from: "past app-a", probe: { kind: "tcp", address: "203.0.113.13", port: 80 } }],
  // At both pods of the gateway, which the sidecar of the second one asks in turns.
  policy: [
    { from: "thief-b", probe: { kind: "mtls", address: "@gateway", port: 8080, sni: "httpbin.org", raw: [request] } },
    ...Array.from({ length: 6 }, (): Try => ({
      from: "labelled",
      probe: { kind: "http", address: "203.0.113.11", port: 80, raw: [request] },
    })),
  ],
};

/** How long a change without a telltale may take until every proxy goes by it. Milliseconds. */
const untilKnown = 5000;

/**
 * Does something while a layer is away, and brings it back: by the fields' own managers, so that the stack goes on owning it.
 *
 * @param site where telltales are asked from; without one a time is waited that is long enough
 */
export async function without<T>(
  site: Site | undefined,
  layer: keyof typeof objectsOf,
  act: () => Promise<T>,
): Promise<T> {
  const away = objectsOf[layer].flatMap(
    (where) =>
      (JSON.parse(kubectl("get", ...where, "--output=json", "--show-managed-fields")) as { items: Live[] }).items,
  );
  if (away.length === 0) {
    throw new Error(`Nothing of the layer ${layer} is on the cluster.`);
  }
  objectsOf[layer].forEach((where) => kubectl("delete", ...where, "--all"));
  try {
    await settled(site, layer, true);
    return await act();
  } finally {
    away.forEach(restore);
    await settled(site, layer, false);
  }
}

function restore({ metadata, ...rest }: Live): void {
  const { name, namespace, labels, annotations, managedFields } = metadata;
  const input = JSON.stringify({ ...rest, status: undefined, metadata: { name, namespace, labels, annotations } });
  const manager = `--field-manager=${managedFields[0]!.manager}`;
  const { argv, env } = labCommand(["kubectl", "apply", "--server-side", manager, "--filename=-"]);
  ok(argv, { env, input });
}

async function settled(site: Site | undefined, layer: Removable, gone: boolean): Promise<void> {
  const told = telltales[layer];
  if (told === undefined || site === undefined) {
    return delay(untilKnown);
  }
  for (const end = Date.now() + 120_000; ;) {
    const outcomes = await tryProbes(site, told);
    if (told.every(({ from, probe }, index) => isLeak(from, probe, outcomes[index]!) === gone)) {
      // Other proxies hear of it at the same time, and may take a moment more. What a gateway has open is held to earlier
      // policies until it has drained.
      return delay(4000 + (layer === "policy" ? drain * 1000 : 0));
    }
    if (Date.now() > end) {
      throw new Error(`The layer ${layer} is not ${gone ? "gone" : "back"} within 120 s.`);
    }
    await delay(500);
  }
}
