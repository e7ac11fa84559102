import { ClusterConfig } from "../../model";
import { connectTimeout, Told } from "../../model/verify";
import { ClusterError, kubectl, lastLine } from "../kubectl";
import { callsAtOnce, callTimeout, couldNotCall, eachLine, whoAnswered } from "../probe-script";

/**
 * Runs in a pod's container: reads lines of an id and of options for curl, quoted for a shell, makes each call, some at a
 * time, and prints a line for each. It needs no more than a POSIX shell and curl, and writes nothing.
 */
const script = `
try() {
  id=$1; shift
  reply=$(curl --silent --globoff --http1.1 --user-agent egress-verify --output /dev/null --dump-header - --max-time ${callTimeout} \\
    --write-out 'result %{http_code} %{size_download} %{time_connect}' "$@" </dev/null)
  code=$?
  ${whoAnswered}
  echo "$id $code \${reply##*result } $server $time"
}
${eachLine({ read: "IFS= read -r line", call: `eval "set -- $line"; try "$@"` })}
`;

/** One call as the script reads it. */
export function scriptLine(id: string, args: readonly string[]): string {
  return `${[id, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ")}\n`;
}

/** What the script has told of each call, by its id. */
export function parseTold(output: string): Map<string, Told> {
  const told = new Map<string, Told>();
  for (const line of output.split("\n")) {
    const [id, exitCode, status, bodySize, connect, server, time, ...rest] = line.trim().split(" ");
    if (id !== undefined && time !== undefined && rest.length === 0) {
      told.set(id, {
        exitCode: Number(exitCode),
        status: Number(status),
        bodySize: Number(bodySize),
        connected: Number(connect) > 0,
        fromEnvoy: server === "envoy",
        hasUpstreamTime: time === "yes",
      });
    }
  }
  return told;
}

/** curl's options for a connection of which only the opening counts. */
export const connectionArgs = ["--max-time", `${connectTimeout}`];

/** Where calls are made from. */
export interface CallingContainer {
  cluster: ClusterConfig;
  namespace: string;
  pod: string;
  /** @default the pod's first one */
  container?: string;
  /** Ends the calls. @default nothing does */
  signal?: AbortSignal;
}

/**
 * Makes calls from inside a container.
 *
 * @param calls each with curl's options, and its URL among them
 * @returns what came of each that was answered for, by its id; or that the container has no shell or no curl
 * @throws ClusterError where no command can be run in the container
 */
export async function callFrom(
  { cluster, namespace, pod, container, signal }: CallingContainer,
  calls: readonly { id: string; args: readonly string[] }[],
): Promise<Map<string, Told> | "no curl"> {
  const where = ["--namespace", namespace, pod, ...(container === undefined ? [] : ["--container", container])];
  const { exitCode, stdout, stderr } = await kubectl(cluster, ["exec", "--stdin", ...where, "--", "sh", "-c", script], {
    input: calls.map(({ id, args }) => scriptLine(id, args)).join(""),
    timeout: 30 + callTimeout * Math.ceil(calls.length / callsAtOnce),
    signal,
  });
  if (couldNotCall({ stdout, stderr })) {
    return "no curl";
  }
  if (exitCode !== 0) {
    throw new ClusterError(`kubectl cannot run commands in pod ${namespace}/${pod}: ${lastLine(stderr)}`);
  }
  return parseTold(stdout);
}
