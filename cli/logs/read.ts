import { Command } from "commander";
import { forwardingOf, meshTraits, StackConfig } from "../../model";
import { Decision, decider, LogPlace } from "../../model/access-log";
import { SeenCall } from "../../model/graph";
import { sortedBy } from "../../model/ground/order";
import { exitCodes } from "../exit-codes";
import { ClusterError, kubectl, lastLine } from "../kubectl";
import { logArguments, LogLimits, podsAtOnce, stampedLine } from "./line";
import { LogSources, requireLogPlaces } from "./pods";
import { inTurns } from "../turns";

/** How long a pod's log may take to be read. Seconds. */
const readTimeout = 120;

/** Ends a command that needs the gateways' logs, as wrong use, where the stack's gateways write none. */
export function requireLogs({ mesh }: StackConfig, stack: string, command: Command): void {
  if (!forwardingOf(meshTraits(mesh)).hasLog) {
    command.error(
      `The gateways and sidecars of ${stack} write no log that could be read here: their mesh takes no EnvoyFilter, by ` +
        "which they would have one. What they log is the mesh's own access log, where the mesh has it.",
      { exitCode: exitCodes.wrongUse },
    );
  }
}

/** What a pod's log held. */
export interface PodLog {
  place: LogPlace;
  decisions: Decision[];
  /** The time that the node put before the last of them; undefined without any. */
  last?: string;
}

/**
 * What the gateways of a stack have decided, and its sidecars, as far as the logs of their pods reach back, in the order
 * in which the calls began.
 *
 * @throws ClusterError when the cluster cannot be asked, or has no pod of a gateway
 */
export async function readDecisions(config: StackConfig, limits: LogLimits & LogSources = {}): Promise<Decision[]> {
  const places = await requireLogPlaces(config, limits);
  return inOrder(await readPodLogs(config, places, limits));
}

/** What came to a gateway: a call that a sidecar refused is on no way of the picture. */
export async function callsAtGateways(config: StackConfig): Promise<SeenCall[]> {
  const decisions = await readDecisions(config, { sidecars: false });
  return decisions.flatMap(({ gateway, protocol, ...call }) =>
    gateway === undefined || protocol === "tcp" || protocol === "dns" ? [] : [{ ...call, gateway, protocol }],
  );
}

/** The logs of some pods, each read by a kubectl of its own. */
export function readPodLogs(
  config: StackConfig,
  places: LogPlace[],
  limits: LogLimits,
  signal?: AbortSignal,
): Promise<PodLog[]> {
  const decide = decider(config);
  const read = async (place: LogPlace): Promise<PodLog> => {
    const args = logArguments(place, limits);
    const { exitCode, stdout, stderr } = await kubectl(config.cluster, args, { timeout: readTimeout, signal });
    // Between the list and the log a pod may go, and its log with it.
    if (exitCode !== 0 && !stderr.includes("(NotFound)")) {
      throw new ClusterError(`kubectl cannot read the log of pod ${place.pod}: ${lastLine(stderr)}`);
    }
    const lines = stdout.split("\n").flatMap((line) => stampedLine(line) ?? []);
    return { place, decisions: lines.map(({ entry }) => decide(entry, place)), last: lines.at(-1)?.stamp };
  };
  return inTurns(places, read, { atOnce: podsAtOnce });
}

/** The decisions of several logs in the order in which the calls began. */
export function inOrder(logs: PodLog[]): Decision[] {
  return sortedBy(
    logs.flatMap(({ decisions }) => decisions),
    ({ time }) => time,
  );
}
