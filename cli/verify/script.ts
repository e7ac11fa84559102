import { Told } from "../../model/verify";
import { callTimeout, eachLine, whoAnswered } from "../probe-script";

/**
 * Runs in a pod's container: reads lines of an id and of options for curl, quoted for a shell, makes each call, some at a
 * time, and prints a line for each. It needs no more than a POSIX shell and curl, and writes nothing.
 */
export const script = `
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
