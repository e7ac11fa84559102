import { Observation, StackConfig } from "../../model";
import { homeOf, IngressVerdict } from "../../model/callers";
import { isClosed } from "../../model/config/ingress";
import { Pod, proxyOf } from "../../model/doctor/pods";
import { IngressSource } from "../../model/ground/ingress";
import { groupedBy, sortedUnique } from "../../model/ground/order";
import { outcomeOf, Told } from "../../model/verify";
import { ClusterError } from "../kubectl";
import { inTurns } from "../turns";
import { podsOf } from "../verify/pods";
import { callFrom, connectionArgs } from "../verify/script";
import { IngressCell } from "./cells";
import { asking, Called, calledPod, callingPod } from "./pick";

/** Namespaces that are read, and pods that are asked, at a time. */
const atOnce = 4;

/** Pods of a namespace that probes can be made from and sent to; or why they are not known. */
type Pods = { pods: Pod[] } | { unknown: string };

/** A connection to be opened, from inside a pod. */
interface Attempt {
  id: string;
  verdict: IngressVerdict;
  from: Pod;
  to: Called;
}

/**
 * The verdicts with every connection opened for real that a pod can be found for: by a caller's sidecar's own container,
 * past its redirection, where it has one. Pods of namespaces that are not guarded are nobody's of the stack: where they cannot
 * be listed or asked, the cell says so, and is neither right nor wrong.
 *
 * @throws ClusterError when pods of guarded namespaces cannot be listed
 */
export async function liveIngress(config: StackConfig, verdicts: readonly IngressVerdict[]): Promise<IngressCell[]> {
  const pods = await readPods(config, verdicts);
  const guarded = config.namespaces.flatMap(({ name }) => {
    const known = pods.get(name);
    return known !== undefined && "pods" in known ? known.pods.filter(proxyOf) : [];
  });
  const sources = new Map(config.namespaces.map((each) => [each.name, isClosed(each) ? each.ingress!.from : []]));
  const found = verdicts.map((verdict, index): Attempt | string => {
    const ends = endsOf(guarded, verdict, pods, sources.get(verdict.into)!);
    return typeof ends === "string" ? ends : { id: `${index}`, verdict, ...ends };
  });
  const attempts = found.filter((each) => typeof each !== "string");
  const byPod = groupedBy(attempts, ({ from: { metadata } }) => `${metadata.namespace}/${metadata.name}`);
  const told = new Map<string, Observation>();
  await inTurns(
    [...byPod.values()],
    async (own) => (await ask(config, own)).forEach((seen, id) => told.set(id, seen)),
    { atOnce },
  );
  return verdicts.map((verdict, index) => {
    const attempt = found[index]!;
    const { seen, shows } =
      typeof attempt === "string" ? notPod(attempt) : (told.get(attempt.id) ?? { seen: "no reply", shows: "unclear" });
    return { verdict, seen, ok: shows === "nothing" ? null : shows === verdict.expected };
  });
}

/** Whether a connection can be opened at all: some callers are known by no pod. */
export function isAsked({ caller: { kind } }: IngressVerdict): boolean {
  return kind !== "addresses" && kind !== "anybody";
}

function notPod(why: string): Observation {
  return { seen: `not asked: ${why}`, shows: "nothing" };
}

/** Both ends of a connection; or why there are none. */
function endsOf(
  guarded: readonly Pod[],
  verdict: IngressVerdict,
  pods: ReadonlyMap<string, Pods>,
  sources: readonly IngressSource[],
): { from: Pod; to: Called } | string {
  const { caller, into } = verdict;
  if (caller.kind === "anybody") {
    return "it names no pod";
  }
  if (caller.kind === "addresses") {
    return "no pod is known to have such an address";
  }
  const called = pods.get(into)!;
  const to = "pods" in called ? calledPod(called.pods, verdict) : undefined;
  if (to === undefined) {
    return `no ready pod of ${into} is known to listen there`;
  }
  if (caller.kind === "guarded") {
    const from = otherPod(guarded, to.pod);
    return from === undefined ? "no other guarded pod is ready" : { from, to };
  }
  const callers = pods.get(caller.namespace)!;
  if ("unknown" in callers) {
    return callers.unknown;
  }
  const from = callingPod(callers.pods, caller, sources);
  return from === undefined ? `no ready pod of ${caller.namespace} is such a caller` : { from, to };
}

/** Another pod than the called one, of another namespace where there is one. */
function otherPod(guarded: readonly Pod[], called: Pod): Pod | undefined {
  const { namespace } = called.metadata;
  return guarded.find(({ metadata }) => metadata.namespace !== namespace) ?? guarded.find((pod) => pod !== called);
}

/** Pods of the namespaces at both ends. */
async function readPods(config: StackConfig, verdicts: readonly IngressVerdict[]): Promise<Map<string, Pods>> {
  const guarded = new Set(config.namespaces.map(({ name }) => name));
  const isPod = verdicts.some(({ caller }) => caller.kind === "guarded");
  const names = sortedUnique([
    ...verdicts.flatMap(({ caller, into }) => [into, ...[homeOf(caller) ?? []].flat()]),
    ...(isPod ? guarded : []),
  ]);
  const read = await inTurns(
    names,
    async (name): Promise<[string, Pods]> => {
      try {
        return [name, { pods: asking(await podsOf(config.cluster, name)) }];
      } catch (error) {
        if (error instanceof ClusterError && !guarded.has(name)) {
          return [name, { unknown: error.message }];
        }
        throw error;
      }
    },
    { atOnce },
  );
  return new Map(read);
}

/** Opens connections from one pod, and says what came of each, by its id. */
async function ask({ cluster }: StackConfig, attempts: readonly Attempt[]): Promise<Map<string, Observation>> {
  const { from } = attempts[0]!;
  const { name: pod, namespace = "" } = from.metadata;
  const none = (why: string) => new Map(attempts.map(({ id }) => [id, notPod(why)]));
  try {
    const told = await callFrom(
      { cluster, namespace, pod, container: proxyOf(from)?.name },
      // Nothing is sent on it.
      attempts.map(({ id, to: { address, port } }) => ({
        id,
        args: [...connectionArgs, `telnet://${address}:${port}`],
      })),
    );
    return told === "no curl"
      ? none(`no shell or no curl in ${namespace}/${pod}`)
      : new Map(
          attempts.flatMap((attempt) => {
            const reply = told.get(attempt.id);
            return reply === undefined ? [] : [[attempt.id, observed(attempt, reply)] as const];
          }),
        );
  } catch (error) {
    if (error instanceof ClusterError) {
      return none(error.message);
    }
    throw error;
  }
}

/** curl's exit code where nobody listens, or where a policy refuses at once. */
const refusedAtOnce = 7;

function observed({ to: { pod } }: Attempt, told: Told): Observation {
  if (!told.connected && told.exitCode === refusedAtOnce && proxyOf(pod) === undefined) {
    // Without a sidecar it may be that the pod does not listen there.
    return { seen: "connection refused", shows: "unclear" };
  }
  const { seen, shows } = outcomeOf({ how: "connection" }, told, false);
  return { seen, shows: shows === "through" ? "allow" : shows === "refused" ? "deny" : "unclear" };
}
