import { kubectlAside } from "./commands";
import { Caller, execIn } from "./requests";

/** Calls that a workload made while something changed, and how many of them had no 200. */
export interface Load {
  made: number;
  failed: number;
}

/**
 * Makes a change while a workload calls these URLs one after the other, and some calls more, until every proxy has heard of
 * the change.
 */
export async function underLoad(
  { caller, urls }: { caller: Caller; urls: string[] },
  change: () => void | Promise<void>,
): Promise<Load> {
  const loop = `rm -f /tmp/stop; while [ ! -e /tmp/stop ]; do for u in ${urls.join(" ")}; do curl -s -o /dev/null -m 30 -w '%{http_code} ' $u; done; sleep 0.1; done`;
  const { namespace, workload } = caller;
  const load = kubectlAside("exec", `--namespace=${namespace}`, `deployment/${workload}`, "--", "sh", "-c", loop);
  try {
    await change();
    execIn(caller, "sleep", "5");
  } finally {
    execIn(caller, "touch", "/tmp/stop");
  }
  const statuses = (await load).split(" ").filter(Boolean);
  return { made: statuses.length, failed: statuses.filter((status) => status !== "200").length };
}
