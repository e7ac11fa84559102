/**
 * The lab's NetworkPolicy enforcer: follows an API server and keeps one nftables table of the network namespace
 * that it runs in. Needs root, nft, and a single node whose pods each hang on a link of their own.
 */
import { rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ApiClient } from "../kubernetes/client";
import { connectionOf, loadKubeconfig } from "../kubernetes/kubeconfig";
import { parseCidr } from "./addresses";
import { Enforcer, Sync } from "./enforcer";
import { applyRuleset, removeTable, tableExists } from "./nft";
import { ApiObject, decodeNamespace, decodePod, decodePolicy } from "./resources";
import { ruleset } from "./ruleset";
import { Watch } from "./watch";

const usage = "usage: netpol --kubeconfig PATH --ready-file PATH --pod-cidr CIDR";

interface Settings {
  kubeconfig: string;
  /** Exists from the first sync until the end. */
  readyFile: string;
  podCidr: string;
}

/** Throws an Error that says which option is wrong. */
function parseSettings(): Settings {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { kubeconfig: text, "ready-file": text, "pod-cidr": text } });
  const { kubeconfig, "ready-file": readyFile, "pod-cidr": podCidr } = values;
  if (!kubeconfig || !readyFile || !podCidr) throw new Error("All three options are needed.");
  if (parseCidr(podCidr) === undefined) {
    throw new Error(`--pod-cidr ${podCidr}: not an IPv4 CIDR, which would look like 10.244.0.0/24.`);
  }
  return { kubeconfig, readyFile, podCidr };
}

function log(event: string, details: object = {}): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...details })}\n`);
}

const failed = (error: Error): void => log("error", { message: error.message });

async function enforce({ kubeconfig, readyFile, podCidr }: Settings): Promise<void> {
  const client = new ApiClient(connectionOf(loadKubeconfig(kubeconfig)));
  const stopping = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stopping.abort());
  rmSync(readyFile, { force: true });

  // Until the first sync no pod is known, so none may speak. Rules that a killed run left behind know better.
  const kept = await tableExists();
  if (!kept) await applyRuleset(ruleset([], podCidr));
  log("start", { pid: process.pid, podCidr, keptRules: kept });

  const changed = (): void => enforcer.changed();
  const watch = <T>(path: string, decode: (object: ApiObject) => T): Watch<T> =>
    new Watch({ client, path, decode, changed, failed });
  const pods = watch("/api/v1/pods", decodePod);
  const namespaces = watch("/api/v1/namespaces", decodeNamespace);
  const policies = watch("/apis/networking.k8s.io/v1/networkpolicies", decodePolicy);
  const watches = [pods, namespaces, policies];

  const enforcer = new Enforcer({
    podCidr,
    state: () =>
      watches.every(({ current }) => current)
        ? { pods: pods.values(), namespaces: namespaces.values(), policies: policies.values() }
        : undefined,
    apply: applyRuleset,
    synced: (sync: Sync) => {
      log("sync", sync);
      writeFileSync(readyFile, `${process.pid}\n`);
    },
    failed,
  });

  await Promise.all(watches.map((each) => each.run(stopping.signal)));
  await enforcer.stop();
  await removeTable();
  rmSync(readyFile, { force: true });
  log("stop");
}

function fail(message: string, exitCode: number): never {
  process.stderr.write(`netpol: ${message}\n`);
  process.exit(exitCode);
}

let given: Settings;
try {
  given = parseSettings();
} catch (error) {
  fail(`${(error as Error).message}\n${usage}`, 2);
}
enforce(given).catch((error: unknown) => fail((error as Error).message, 1));
