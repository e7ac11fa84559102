import { openFor, probeMethod, probeUrl, Reply, Verdict } from "../model";

/** How long one call may take. Seconds. */
export const callTimeout = 8;

/** Calls that one container makes at a time. */
export const callsAtOnce = 8;

/** What a script prints where it cannot call anything. */
export const noCurl = "no-curl";

/** Sets who answered, of what curl has printed in `$reply`: a proxy of the mesh, and whether it asked somebody else. */
export const whoAnswered = `case "$reply" in *[Ss]erver:\\ envoy*) server=envoy ;; *) server=other ;; esac
  case "$reply" in *[Xx]-[Ee]nvoy-[Uu]pstream-[Ss]ervice-[Tt]ime:*) time=yes ;; *) time=no ;; esac`;

/** The end of a script: reads lines, and makes a call for each, some at a time. */
export function eachLine({ read, call }: { read: string; call: string }): string {
  return `command -v curl >/dev/null || { echo ${noCurl}; exit 0; }
running=0
while ${read}; do
  { ${call}; } &
  running=$((running + 1))
  if [ "$running" -eq ${callsAtOnce} ]; then wait; running=0; fi
done
wait`;
}

/** Whether a container has no curl, or no shell. */
export function couldNotCall({ stdout, stderr }: { stdout: string; stderr: string }): boolean {
  return stdout.trim() === noCurl || /executable file not found/.test(stderr);
}

/**
 * Runs inside a workload's container: reads URLs from its standard input, each with an option of curl's or without,
 * calls each with the container's own curl, and prints a line for each; over TCP it opens a connection, sends nothing, and
 * tells whether it stays open. A host that gives no answer in HTTP/1, behind a proxy, is asked again in HTTP/2 by a curl that
 * can. It needs no more than a POSIX shell, and any version of curl.
 */
export const probeScript = `
tcp() {
  # The sleep keeps curl's input open and says nothing: a server that waits for its client is sent no byte.
  sleep ${openFor} | curl --silent --output /dev/null --max-time ${openFor} --write-out 'result 0 %{size_download}' "telnet://\${1#tcp://}"
}
probe() {
  case "$1" in tcp://*) reply=$(tcp "$1"); code=$?; echo "$1 $code \${reply##*result } other no"; return ;; esac
  reply=$(curl --silent --output /dev/null --dump-header - --max-time ${callTimeout} \\
    --write-out 'result %{http_code} %{size_download}' $2 "$1" </dev/null)
  code=$?
  case "$1 $reply" in http://*[Xx]-[Ee]nvoy-[Uu]pstream-[Ss]ervice-[Tt]ime:*"result 50"[234]*)
    # Of a host that speaks HTTP/2 only, as gRPC's do, that is what a proxy makes of HTTP/1.
    again=$(curl --silent --output /dev/null --dump-header - --max-time ${callTimeout} --http2-prior-knowledge \\
      --write-out 'result %{http_code} %{size_download}' $2 "$1" </dev/null) \\
      && case "$again" in *"result 50"[234]*) ;; *) reply=$again; code=0 ;; esac ;;
  esac
  ${whoAnswered}
  echo "$1 $code \${reply##*result } $server $time"
}
${eachLine({ read: "read -r url option", call: `probe "$url" "$option"` })}
`;

/**
 * What the script is given for one call. A service beside the mesh has no name that a certificate could carry for the
 * asking: what is asked is whether it is reached.
 */
export function probeLine(call: Pick<Verdict, "url" | "request" | "beside">): string {
  return `${[probeUrl(call), ...probeMethod(call), ...(call.beside === undefined ? [] : ["--insecure"])].join(" ")}\n`;
}

/** The replies by URL that the script has printed. */
export function parseReplies(output: string): Map<string, Reply> {
  const replies = new Map<string, Reply>();
  for (const line of output.split("\n")) {
    const [url, exitCode, status, bodySize, server, time, ...rest] = line.trim().split(" ");
    if (url === undefined || time === undefined || rest.length > 0) {
      continue;
    }
    replies.set(url, {
      exitCode: Number(exitCode),
      status: Number(status),
      bodySize: Number(bodySize),
      fromEnvoy: server === "envoy",
      hasUpstreamTime: time === "yes",
    });
  }
  return replies;
}
