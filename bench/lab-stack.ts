import { inLab, kubectl, kubectlJson } from "../tests/lab/support/commands";

/** Seconds that one run of Pulumi may take. */
const longest = 900;

/** A program that Pulumi runs, in a folder of its own. */
export interface Program {
  folder: string;
  stack: string;
}

/** Runs Pulumi in any outcome. Gives the seconds that it took, and what it wrote where it failed. */
export function tryPulumi({ folder, stack }: Program, ...args: string[]): { seconds: number; failure?: string } {
  const started = performance.now();
  const named = args[0] === "stack" ? args : [...args, "--stack", stack];
  const { exitCode, stdout, stderr } = inLab(["pulumi", ...named, "--non-interactive"], {
    cwd: folder,
    seconds: longest,
  });
  const seconds = (performance.now() - started) / 1000;
  return exitCode === 0 ? { seconds } : { seconds, failure: `${stdout}${stderr}` };
}

/** Runs Pulumi, which has to succeed. Gives the seconds that it took. */
export function pulumi(program: Program, ...args: string[]): number {
  const { seconds, failure } = tryPulumi(program, ...args);
  if (failure !== undefined) {
    throw new Error(`pulumi ${args.join(" ")} in ${program.folder}: ${failure.slice(-4000)}`);
  }
  return seconds;
}

/** What an Envoy holds. */
export interface Held {
  /** Memory that it has allocated. MB. */
  memory: number;
  /** Its configuration, as its administration interface shows it. MB. */
  config: number;
}

/** What the Envoys of some pods hold; of several, the largest figures. */
export function heldBy(namespace: string, labels: string): Held {
  const { items } = kubectlJson<{ items: { metadata: { name: string; deletionTimestamp?: string } }[] }>(
    ...["get", "pods", `--namespace=${namespace}`, `--selector=${labels}`],
  );
  const each = items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata: { name } }) => {
      const sidecar = ["exec", `--namespace=${namespace}`, name, "--container=istio-proxy", "--"];
      const memory = kubectl(...sidecar, "pilot-agent", "request", "GET", "memory");
      // It is counted where it is: of a large gateway it is more than anybody would send.
      const config = kubectl(...sidecar, "sh", "-c", "pilot-agent request GET config_dump | wc -c");
      return { memory: Number((JSON.parse(memory) as { allocated: string }).allocated) / 1e6, config: +config / 1e6 };
    });
  return {
    memory: Math.max(...each.map(({ memory }) => memory)),
    config: Math.max(...each.map(({ config }) => config)),
  };
}
