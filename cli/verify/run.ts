import { setTimeout as delay } from "node:timers/promises";
import { forwardingOf, meshTraits, StackConfig } from "../../model";
import { Decision } from "../../model/access-log";
import { grantsOf } from "../../model/grants";
import { Manifest } from "../../model/ground/manifest";
import { proxyContainer } from "../../model/ground/names";
import { groupedBy } from "../../model/ground/order";
import {
  By,
  Call,
  Known,
  Outcome,
  outcomeOf,
  Row,
  rowOf,
  Twin,
  verifyContainer,
  VerifyPlan,
  WorkloadPlan,
} from "../../model/verify";
import { ClusterError } from "../kubectl";
import { readDecisions } from "../logs/read";
import { inTurns } from "../turns";
import { apiAddress, create, gatewayAddress, isDenial, started } from "./pods";
import { callFrom, connectionArgs } from "./script";

/** Workloads that are verified at a time. */
const workloadsAtOnce = 4;

/** How long a gateway's log may take to show a call. Milliseconds. */
const logged = 15_000;

export interface VerifyRun {
  config: StackConfig;
  plan: VerifyPlan;
  signal: AbortSignal;
}

/**
 * Makes the pods of a plan and everything that is tried from them, and gives a row for each attempt, in the plan's order.
 * What was made stays: to remove it, in any outcome, is the caller's.
 *
 * @throws ClusterError where the cluster cannot be asked, or makes a pod that it should
 */
export async function verifyAll(run: VerifyRun): Promise<Row[]> {
  const api = await apiAddress(run.config.cluster);
  const rows = await inTurns(run.plan.workloads, (workload) => verifyWorkload(run, workload, api), {
    atOnce: workloadsAtOnce,
  });
  return [...rows.flat(), ...(await dryRuns(run))];
}

async function verifyWorkload({ config, signal }: VerifyRun, plan: WorkloadPlan, api: string): Promise<Row[]> {
  const { from, twins, attempts } = plan;
  const begun = new Date().toISOString();
  const pods = await startPods(config, plan.pods, signal);
  const unresolved = grantsOf(config).resolving?.has(from) ?? false;
  const make = (calls: readonly Call[], known: Known) => callAll({ config, pods, signal }, calls, known, unresolved);

  const known: Known = { API_ADDRESS: api, GATEWAY_ADDRESS: await addressOf(config, twins) };
  const came = await make(twins, known);
  Object.assign(known, await dialled({ config, signal }, from, begun));
  const beside = new Map(twins.map((twin) => [twin.id, { twin, outcome: came.get(twin.id)! }]));
  const seen = await make(attempts, known);
  return attempts.map((attempt) => rowOf(from, attempt, seen.get(attempt.id)!, beside));
}

type Pods = Record<By, { pod: string; namespace: string } | { refused: string } | undefined>;

async function startPods(
  config: StackConfig,
  jobs: Record<By, Manifest | undefined>,
  signal: AbortSignal,
): Promise<Pods> {
  const start = async (job: Manifest | undefined): Promise<Pods[By]> => {
    if (job === undefined) {
      return undefined;
    }
    signal.throwIfAborted();
    const { made, said } = await create(config.cluster, job);
    if (!made && isDenial(said)) {
      return { refused: said };
    }
    if (!made) {
      throw new ClusterError(`kubectl cannot create Job ${job.metadata.namespace}/${job.metadata.name}: ${said}`);
    }
    const came = await started(config.cluster, job, signal);
    return "refused" in came ? came : { ...came, namespace: job.metadata.namespace! };
  };
  const [workload, impostor] = await Promise.all([start(jobs.workload), start(jobs.impostor)]);
  if (workload !== undefined && "refused" in workload) {
    throw new ClusterError(
      `Admission refuses a pod under the workload's own ServiceAccount: ${workload.refused}\n` +
        "Fix: run this as who applies the stack, or as one of the workload's owners: istio-egress:admission.platform and owners.",
    );
  }
  return { workload, impostor };
}

interface Place {
  config: StackConfig;
  pods: Pods;
  signal: AbortSignal;
}

/** What came of each call, by its id. */
async function callAll(
  { config, pods, signal }: Place,
  calls: readonly Call[],
  known: Known,
  unresolved: boolean,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (const group of groupedBy(calls, ({ by, container }) => `${by} ${container}`).values()) {
    const { by, container } = group[0]!;
    const pod = pods[by];
    if (pod === undefined || "refused" in pod) {
      const seen = pod === undefined ? "not made" : "the pod was refused by admission";
      group.forEach(({ id }) => outcomes.set(id, { seen, shows: pod === undefined ? "unclear" : "refused" }));
      continue;
    }
    const filled = group.map((call) => ({ call, args: fill(call.args, known) }));
    const told = await callFrom(
      { cluster: config.cluster, ...pod, container: container === "own" ? verifyContainer : proxyContainer, signal },
      filled.flatMap(({ call: { id, how }, args }) =>
        args === undefined ? [] : [{ id, args: how === "connection" ? [...connectionArgs, ...args] : args }],
      ),
    );
    for (const { call, args } of filled) {
      const reply = told === "no curl" ? undefined : told.get(call.id);
      outcomes.set(
        call.id,
        args === undefined
          ? { seen: "not made, as no gateway's address is known", shows: "unclear" }
          : told === "no curl"
            ? { seen: "no shell or no curl in the container", shows: "unclear" }
            : reply === undefined
              ? { seen: "no reply", shows: "unclear" }
              : outcomeOf(call, reply, unresolved),
      );
    }
  }
  return outcomes;
}

const words = ["DIALLED_ADDRESS", "DIALLED_PORT", "GATEWAY_ADDRESS", "API_ADDRESS"] as const;

/** Options with what is known in the place of its words; undefined where one of them is not known. */
function fill(args: readonly string[], known: Known): string[] | undefined {
  const used = words.filter((word) => args.some((arg) => arg.includes(word)));
  return used.some((word) => known[word] === undefined)
    ? undefined
    : args.map((arg) => used.reduce((text, word) => text.replaceAll(word, known[word]!), arg));
}

/** An address of the gateway that the granted calls go through. */
async function addressOf(config: StackConfig, twins: readonly Twin[]): Promise<string | undefined> {
  const meaning = grantsOf(config).meaning(new URL(twins[0]!.title).hostname);
  return meaning.kind === "destination" ? gatewayAddress(config, meaning.target.gateway) : undefined;
}

/** What the gateway dialled for the granted calls, as its log says; nothing where it has none. */
async function dialled(
  { config, signal }: Pick<VerifyRun, "config" | "signal">,
  from: string,
  sinceTime: string,
): Promise<Known> {
  if (!forwardingOf(meshTraits(config.mesh)).hasLog) {
    return {};
  }
  const isOurs = ({ from: caller, upstream, allowed, time }: Decision) =>
    caller === from && allowed && upstream !== undefined && time >= sinceTime;
  for (const end = Date.now() + logged; Date.now() < end;) {
    signal.throwIfAborted();
    let decisions: Decision[];
    try {
      decisions = await readDecisions(config, { sidecars: false, sinceTime });
    } catch (error) {
      // Without a gateway there is no log, and nothing was dialled.
      if (error instanceof ClusterError) {
        return {};
      }
      throw error;
    }
    const upstream = decisions.find(isOurs)?.upstream;
    if (upstream !== undefined) {
      const at = upstream.lastIndexOf(":");
      return { DIALLED_ADDRESS: upstream.slice(0, at), DIALLED_PORT: upstream.slice(at + 1) };
    }
    await delay(1000, undefined, { signal });
  }
  return {};
}

/** What the API server says of objects that nobody may make; nothing is made. */
async function dryRuns({ config, plan, signal }: VerifyRun): Promise<Row[]> {
  const dry = ["--dry-run=server"];
  const ordinary = new Map<string, { made: boolean; said: string }>();
  for (const manifest of plan.ordinary) {
    signal.throwIfAborted();
    ordinary.set(manifest.metadata.namespace!, await create(config.cluster, manifest, dry));
  }
  return inTurns(
    plan.dryRuns,
    async ({ namespace, tries, rule, refused }): Promise<Row> => {
      signal.throwIfAborted();
      const { made, said } = await create(config.cluster, refused, dry);
      const beside = ordinary.get(namespace)!;
      const isRefused = !made && isDenial(said) && said.includes(`${rule}: `);
      return {
        ...{ from: namespace, tries, layer: `admission: ${rule}` },
        result: made ? "leaked" : isRefused && beside.made ? "held" : "unknown",
        seen: made ? "let in by the API server" : isRefused ? `refused: ${rule}` : said,
        twin: `an ordinary Deployment: ${beside.made ? "let in" : beside.said}`,
      };
    },
    { atOnce: workloadsAtOnce },
  );
}
