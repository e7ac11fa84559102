import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ClusterConfig } from "../../model";
import {
  Call,
  diagnose,
  Reading,
  readingsOf,
  Report,
  Snapshot,
  SnapshotData,
  Subject,
  withoutSecrets,
} from "../../model/doctor";
import { apiTimeout, kubectl, kubectlOutput, lastLine } from "../kubectl";
import { inTurns } from "../turns";
import { addressed, labOf } from "./text";

/** How many calls are under way at once: an API server has others to serve. */
const atOnce = 4;

/** kubectl's words for a right that is missing. */
const forbidden = /cannot (?:list|get) resource "([^"]+)" in API group "([^"]*)"/;

/**
 * What is found on a stack's cluster, with commands that go to it.
 *
 * @throws ClusterError when the cluster cannot be asked at all
 */
export async function examine(subject: Subject): Promise<Report> {
  return addressed(diagnose(subject, new Snapshot(await readCluster(subject))), subject.config.cluster);
}

/**
 * Reads what the checks of a stack need, and changes nothing. What the API server does not have is not asked for; what
 * it refuses to show is noted down.
 *
 * @throws ClusterError when the cluster cannot be asked at all
 */
async function readCluster(subject: Subject): Promise<SnapshotData> {
  const { cluster } = subject.config;
  const takenAt = `${new Date().toISOString().slice(0, 19)}Z`;
  const version = await kubectlOutput(cluster, "ask the API server for its version", ["version", "--output=json"]);
  const resources = lines(await kubectlOutput(cluster, "list its resources", ["api-resources", "--output=name"]));
  const apiVersions = lines(await kubectlOutput(cluster, "list its versions", ["api-versions"]));
  const calls = readingsOf(subject)
    .map((call) => ({ ...call, resources: call.resources.filter((resource) => resources.includes(resource)) }))
    .filter(({ resources }) => resources.length > 0);

  const answers = await inTurns(calls, (call) => read(cluster, call), { atOnce });
  return {
    objects: answers.flatMap(({ objects }) => objects),
    refused: answers.flatMap(({ refused }) => refused),
    resources,
    apiVersions,
    serverVersion: (JSON.parse(version) as { serverVersion: { gitVersion: string } }).serverVersion.gitVersion,
    takenAt,
  };
}

type Answer = Pick<SnapshotData, "objects" | "refused">;

async function read(cluster: ClusterConfig, { resources, namespace, selector }: Call): Promise<Answer> {
  const args = [
    "get",
    resources.join(","),
    ...(namespace === undefined ? ["--all-namespaces"] : ["--namespace", namespace]),
    ...(selector === undefined ? [] : ["--selector", selector]),
    ...["--output=json", "--show-managed-fields", "--ignore-not-found"],
  ];
  const { exitCode, stdout, stderr } = await kubectl(cluster, args, { timeout: 2 * apiTimeout });
  const objects = (stdout.trim() === "" ? [] : (JSON.parse(stdout) as { items: Answer["objects"] }).items).map(
    withoutSecrets,
  );
  const place = namespace === undefined ? {} : { namespace };
  const denied = lines(stderr).flatMap((line) => {
    const [, name, group] = forbidden.exec(line) ?? [];
    return name === undefined ? [] : [{ resource: group === "" ? name : `${name}.${group}`, ...place, reason: line }];
  });
  // What fails for another reason fails as a whole: which of the resources it was is not said.
  const failed = exitCode !== 0 && denied.length === 0;
  const unread: (Reading & { reason: string })[] = failed
    ? resources.map((resource) => ({ resource, ...place, reason: lastLine(stderr) }))
    : denied;
  return { objects: failed ? [] : objects, refused: unread };
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/**
 * Which `kubernetes` plugin Pulumi has, as far as it can be known from here: the lab notes down its own; elsewhere there
 * are those that are installed on this machine, and whoever runs `pulumi up` on another has that one's.
 */
export function pluginInUse(cluster: ClusterConfig): string {
  const inLab = labOf(cluster)?.pluginInUse();
  if (inLab !== undefined) {
    return `Pulumi's plugin in the lab: ${inLab}.`;
  }
  const folder = path.join(process.env.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi"), "plugins");
  const installed = (fs.existsSync(folder) ? fs.readdirSync(folder) : [])
    .flatMap((name) => /^resource-kubernetes-(v.+)$/.exec(name)?.[1] ?? [])
    .filter((version) => !/\.(lock|partial)$/.test(version))
    .sort();
  return installed.length === 0
    ? "Which kubernetes plugin applies the stack cannot be known from this machine: Pulumi has none here."
    : `Pulumi's kubernetes plugins on this machine: ${installed.join(", ")}. Another machine that applies the stack may have another.`;
}
