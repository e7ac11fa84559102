import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { state } from "../../../lab/paths";
import { labCommand } from "../../../lab/shell";
import { Arrival, Known, Outcome, Place, Probe } from "./vector";

/** Where the probes of a run are made, and what the addresses are that they name. */
export interface Site {
  /** Namespace, pod and container of each place. */
  places: Partial<Record<Place, [namespace: string, pod: string, container: string]>>;
  addresses: Record<Known, string>;
}

export interface Try {
  from: Place;
  probe: Probe;
}

const script = fs.readFileSync(path.join(__dirname, "probe.py"), "utf8");

/** How long the outside's logs may take to show what has arrived. Milliseconds. */
const logged = 700;

/** How often a probe is made at most whose outcome is not yet what it has to be, and the pause before. Milliseconds. */
const patience = { tries: 4, pause: 2500 };

/**
 * Makes all probes, those of a place in one go, and gives what came of each, in their order.
 *
 * @param isDone whether an outcome is one to stop at: on a machine that is busy, what gets through may come late, and is tried
 *   again. Of what is refused, another try changes nothing @default any is
 */
export async function tryProbes(
  site: Site,
  tries: readonly Try[],
  isDone: (index: number, outcome: Outcome) => boolean = () => true,
): Promise<Outcome[]> {
  const outcomes = await tryOnce(site, tries);
  for (let times = 1; times < patience.tries; times++) {
    const late = tries.flatMap((each, index) => (isDone(index, outcomes[index]!) ? [] : [{ each, index }]));
    if (late.length === 0) {
      break;
    }
    await delay(patience.pause);
    const again = await tryOnce(
      site,
      late.map(({ each }) => each),
    );
    late.forEach(({ index }, at) => (outcomes[index] = again[at]!));
  }
  return outcomes;
}

async function tryOnce(site: Site, tries: readonly Try[]): Promise<Outcome[]> {
  const marked = tries.map(({ from, probe }, index) => {
    const token = `t${randomBytes(8).toString("hex")}`;
    return { id: `${index}`, from, token, probe: filled(site, probe, token) };
  });
  const sizes = [sizeOf("outside.log"), sizeOf("outside-dns.log")] as const;
  const places = [...new Set(tries.map(({ from }) => from))];
  const answers = await Promise.all(
    places.map((place) =>
      answersFrom(
        site,
        place,
        marked.filter(({ from }) => from === place),
      ),
    ),
  );
  const byId: Record<string, string> = Object.assign({}, ...answers);
  await delay(logged);
  const [arrived, looked] = [linesSince("outside.log", sizes[0]), linesSince("outside-dns.log", sizes[1])];
  return marked.map(({ id, token }) => ({
    answer: byId[id]!,
    arrived: arrived.filter((line) => line.includes(token)).map((line) => JSON.parse(line) as Arrival),
    lookUps: looked.filter((line) => line.includes(token)).length,
  }));
}

/** A probe with its addresses and its token in their places. */
function filled(site: Site, probe: Probe, token: string): Probe {
  const text = JSON.stringify(probe)
    .replaceAll("TOKEN", token)
    .replace(/@(gateway6?|istiod|kube-dns|resolver|app-b|free)(?=")/g, (known) => site.addresses[known as Known]);
  return JSON.parse(text) as Probe;
}

async function answersFrom(
  { places }: Site,
  place: Place,
  probes: readonly { id: string; probe: Probe }[],
): Promise<Record<string, string>> {
  const where = places[place];
  if (where === undefined) {
    throw new Error(`There is no place "${place}" on this site.`);
  }
  const [namespace, pod, container] = where;
  const { argv, env } = labCommand([
    ...["kubectl", "exec", "--stdin", `--namespace=${namespace}`, pod, `--container=${container}`, "--"],
    ...["python3", "-c", script],
  ]);
  const child = spawn(argv[0]!, argv.slice(1), { env, timeout: 600_000 });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.end(JSON.stringify(probes.map(({ id, probe }) => ({ id, ...probe }))));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) {
    throw new Error(`The probes in ${namespace}/${pod} did not run to their end (exit ${String(code)}): ${stderr}`);
  }
  return JSON.parse(stdout) as Record<string, string>;
}

function sizeOf(log: string): number {
  return fs.statSync(path.join(state.logs, log)).size;
}

function linesSince(log: string, size: number): string[] {
  return fs.readFileSync(path.join(state.logs, log)).subarray(size).toString("utf8").split("\n");
}
