import { ClusterConfig, StackConfig } from "../../model";
import {
  BreakGlass,
  breakGlassLabel,
  breakGlassObject,
  ObjectChange,
  readBreakGlass,
  withBreakGlass,
} from "../../model/break-glass";
import { differences } from "../../model/doctor/compare";
import { named } from "../../model/doctor/snapshot";
import { Manifest } from "../../model/ground/manifest";
import { sortedBy } from "../../model/ground/order";
import { apiTimeout, ClusterError, kubectl, kubectlOutput, lastLine } from "../kubectl";

interface Live {
  spec?: unknown;
  metadata: { name: string; managedFields?: { manager?: string; operation?: string }[] };
  data?: Record<string, string>;
}

/** Who applies what is new; what is there already stays its owner's, so that the stack's next update finds no conflict. */
const manager = "egress-grant";

/** The access that is taken beside a stack's file, what is over too, sorted by name. */
export async function takenAccess(config: StackConfig, stack: string): Promise<BreakGlass[]> {
  const { cluster, gateway } = config;
  const output = await kubectlOutput(cluster, "list the access that was taken by egress grant", [
    ...["get", "configmaps", "--namespace", gateway.namespace, "--selector", `${breakGlassLabel}=${stack}`],
    "--output=json",
  ]);
  const { items } = JSON.parse(output) as { items: Live[] };
  return sortedBy(
    items.flatMap((object) => readBreakGlass(object) ?? []),
    ({ name }) => name,
  );
}

/** The same, for readers who can do without it: where it cannot be listed, they are told so on stderr. */
export async function takenAccessIfKnown(config: StackConfig, stack: string): Promise<BreakGlass[]> {
  try {
    return await takenAccess(config, stack);
  } catch (error) {
    if (!(error instanceof ClusterError)) {
      throw error;
    }
    process.stderr.write(`Warning: access that was taken by egress grant is not known: ${error.message}\n`);
    return [];
  }
}

/** A configuration with the access that lasts beside it, as far as that is known: what the mesh lets pass now. */
export async function withTakenAccess(config: StackConfig, stack: string): Promise<StackConfig> {
  return withBreakGlass(config, await takenAccessIfKnown(config, stack), new Date());
}

/** The user that the API server knows who runs this by; undefined where it does not say. */
export async function whoAmI({ cluster }: StackConfig): Promise<string | undefined> {
  const { exitCode, stdout } = await kubectl(cluster, ["auth", "whoami", "--output=json"], { timeout: apiTimeout });
  const { status } = exitCode === 0 ? (JSON.parse(stdout) as { status?: { userInfo?: { username?: string } } }) : {};
  return status?.userInfo?.username;
}

/** A change that is to be made, and who the object belongs to. */
interface Due extends ObjectChange {
  manager: string;
}

/**
 * Which of the changes are to be made still.
 *
 * @returns or undefined where an object is neither as before nor as after: the stack's file says more than is applied
 */
export async function dueChanges(cluster: ClusterConfig, changes: readonly ObjectChange[]): Promise<Due[] | undefined> {
  const due: Due[] = [];
  for (const change of changes) {
    const live = await liveObject(cluster, (change.after ?? change.before)!);
    const applied = live?.metadata.managedFields?.find(({ operation }) => operation === "Apply")?.manager ?? manager;
    if (!isAs(change.after, live)) {
      if (!isAs(change.before, live)) {
        return undefined;
      }
      due.push({ ...change, manager: applied });
    }
  }
  return due;
}

/** Of Istio's kinds the API server fills in nothing. */
function isAs(planned: Manifest | undefined, live: Live | undefined): boolean {
  return planned === undefined || live === undefined
    ? planned === undefined && live === undefined
    : differences(planned.spec, live.spec, !planned.kind.startsWith("Validating")).length === 0;
}

async function liveObject(cluster: ClusterConfig, manifest: Manifest): Promise<Live | undefined> {
  const output = await kubectlOutput(cluster, `read ${named(manifest)}`, [
    ...["get", ...addressOf(manifest), "--output=json", "--show-managed-fields", "--ignore-not-found"],
  ]);
  return output.trim() === "" ? undefined : (JSON.parse(output) as Live);
}

/** What is made of access, beside the changes: ConfigMaps that are new, and those that are no longer needed. */
export interface Records {
  stack: string;
  taken: BreakGlass[];
  given: BreakGlass[];
}

/**
 * Makes the changes in their order; when one fails, those that were made are undone.
 *
 * @throws ClusterError
 */
export async function makeChanges(config: StackConfig, due: readonly Due[], records: Records): Promise<void> {
  const { cluster, gateway } = config;
  const recordOf = (record: BreakGlass) => breakGlassObject(record, records.stack, gateway.namespace);
  const taken = records.taken.map((record): Due => ({ key: record.name, after: recordOf(record), manager }));
  const given = records.given.map((record): Due => ({ key: record.name, before: recordOf(record), manager }));
  const all = [...taken, ...due, ...given];
  for (const { after, manager: owner } of all) {
    if (after !== undefined) {
      await put(cluster, after, owner, ["--dry-run=server"]);
    }
  }
  const made: Due[] = [];
  try {
    for (const change of all) {
      made.push(change);
      await make(cluster, change);
    }
  } catch (error) {
    const left = await takenBack(cluster, made.reverse());
    if (error instanceof ClusterError && left.length > 0) {
      throw new ClusterError(`${error.message}\nNot taken back: ${left.join("; ")}.\n${howToEnd}`);
    }
    throw error;
  }
}

/** Kinds that say who took access and that it ends: they stay as long as something of the access does. */
const ends = ["EnvoyFilter", "ConfigMap"];

/** Undoes what it can of changes, the last one first. @returns what it could not, and why */
async function takenBack(cluster: ClusterConfig, made: readonly Due[]): Promise<string[]> {
  const left: string[] = [];
  for (const { before, after, ...change } of made) {
    if (left.length > 0 && ends.includes((after ?? before)!.kind)) {
      continue;
    }
    try {
      await make(cluster, { ...change, ...(before && { after: before }), ...(after && { before: after }) });
    } catch (error) {
      left.push(error instanceof Error ? error.message : String(error));
    }
  }
  return left;
}

const howToEnd =
  "egress grant lists it and, with --end, removes it; where it is access, it ends by itself as it was to.";

async function make(cluster: ClusterConfig, { before, after, manager: owner }: Due): Promise<void> {
  if (after !== undefined) {
    await put(cluster, after, owner);
  } else if (before !== undefined) {
    await kubectlOutput(cluster, `delete ${named(before)}`, ["delete", ...addressOf(before), "--ignore-not-found"]);
  }
}

async function put(cluster: ClusterConfig, manifest: Manifest, owner: string, options: string[] = []): Promise<void> {
  const args = ["apply", "--server-side", `--field-manager=${owner}`, ...options, "--filename=-"];
  const { exitCode, stderr } = await kubectl(cluster, args, { input: JSON.stringify(manifest), timeout: apiTimeout });
  if (exitCode !== 0) {
    throw new ClusterError(`kubectl cannot apply ${named(manifest)}: ${lastLine(stderr)}`);
  }
}

function addressOf({ apiVersion, kind, metadata }: Manifest): string[] {
  const [group, version] = apiVersion.split("/") as [string, string?];
  const resource = version === undefined ? kind : `${kind}.${version}.${group}`;
  return [resource, metadata.name, ...(metadata.namespace === undefined ? [] : ["--namespace", metadata.namespace])];
}
