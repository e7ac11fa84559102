import { setTimeout as delay } from "node:timers/promises";
import { StackConfig } from "../../model";
import { Decision, decider, LogPlace } from "../../model/access-log";
import { ClusterError, kubectlLines, lastLine } from "../kubectl";
import { logArguments, LogLimits, stampedLine } from "./line";
import { logPlaces, LogSources, requireLogPlaces } from "./pods";
import { inOrder, readPodLogs } from "./read";

export interface FollowOptions extends LogLimits, LogSources {
  /** Called with what has been logged already, in the order of time, then with each decision as it comes. */
  onDecisions: (decisions: Decision[]) => void;
  /** Called with a sentence for each trouble that is got over by trying again. */
  onTrouble: (text: string) => void;
  /** Ends it. */
  signal: AbortSignal;
  /** How often to look for new pods, and for streams that have ended. Seconds. @default 5 */
  every?: number;
  /** How long the cluster may fail to answer in between. Seconds. @default 60 */
  patience?: number;
}

/** A pod whose log is followed. */
interface Followed {
  limits: LogLimits;
  /** Time of the last entry that was read: a stream that is opened again begins behind it. */
  last?: string;
  /** Resolves when the stream ends, for whatever reason; undefined when none is open. */
  stream?: Promise<void>;
}

/**
 * Follows the logs of all of a stack's gateway pods, and of those with a sidecar, until the signal comes: also of pods
 * that appear later, and over streams that break, of which no entry is lost or given twice. No kubectl outlives it.
 *
 * @throws ClusterError when the cluster cannot be asked at the beginning, or for longer than `patience` later on
 */
export async function followDecisions(config: StackConfig, options: FollowOptions): Promise<void> {
  const { signal, every = 5, patience = 60, since, tail } = options;
  const followed = new Map<string, Followed>();
  // Its own, as it ends the streams also when something fails.
  const ending = new AbortController();
  const open = streamOpener(config, options, ending.signal);
  try {
    let places = await requireLogPlaces(config, options, signal);
    const logs = await readPodLogs(config, places, { since, tail }, signal);
    options.onDecisions(inOrder(logs));
    for (const { place, last } of logs) {
      followed.set(keyOf(place), { limits: { since, tail }, last });
    }
    for (let answered = Date.now(); !signal.aborted;) {
      for (const place of places) {
        const pod = followed.get(keyOf(place)) ?? { limits: {} };
        followed.set(keyOf(place), pod);
        pod.stream ??= open(place, pod).finally(() => (pod.stream = undefined));
      }
      await delay(every * 1000, undefined, { signal });
      try {
        places = await logPlaces(config, options, signal);
        answered = Date.now();
      } catch (error) {
        if (!(error instanceof ClusterError) || Date.now() - answered > patience * 1000) {
          throw error;
        }
      }
    }
  } catch (error) {
    // Whatever fails once it was told to end fails for that.
    if (!signal.aborted) {
      throw error;
    }
  } finally {
    ending.abort();
    await Promise.all([...followed.values()].flatMap(({ stream }) => stream ?? []));
  }
}

function keyOf({ namespace, pod }: LogPlace): string {
  return `${namespace}/${pod}`;
}

/** Opens the stream of a pod's log; what it returns resolves at the stream's end, and never rejects. */
function streamOpener(
  config: StackConfig,
  { onDecisions, onTrouble }: FollowOptions,
  signal: AbortSignal,
): (place: LogPlace, pod: Followed) => Promise<void> {
  const decide = decider(config);
  const told = new Set<string>();
  const tell = (text: string) => {
    if (!told.has(text)) {
      told.add(text);
      onTrouble(text);
    }
  };

  return async (place, pod) => {
    const limits = pod.last === undefined ? pod.limits : { sinceTime: pod.last };
    const onLine = (text: string) => {
      const line = stampedLine(text);
      // kubectl asks for whole seconds, so the second in which the last stream ended comes again.
      if (line !== undefined && (pod.last === undefined || line.stamp > pod.last)) {
        pod.last = line.stamp;
        onDecisions([decide(line.entry, place)]);
      }
    };
    try {
      const args = [...logArguments(place, limits), "--follow"];
      const { exitCode, stderr } = await kubectlLines(config.cluster, args, { onLine, signal });
      // Without an exit code it was ended from outside, by the Ctrl-C that ends this process too.
      if (exitCode !== 0 && exitCode !== null && !signal.aborted && !stderr.includes("(NotFound)")) {
        tell(`kubectl cannot follow the log of pod ${place.pod}, and will try again: ${lastLine(stderr)}`);
      }
    } catch (error) {
      tell(`The log of pod ${place.pod} cannot be followed: ${(error as Error).message}`);
    }
  };
}
