import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A kubectl on PATH that answers from files in place of a cluster, and keeps what it was called with. */
export class FakeKubectl {
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-kubectl-"));
  private readonly path = process.env.PATH;

  constructor() {
    this.script(
      "kubectl",
      `echo "$@" >> "${this.folder}/calls"
case "$*" in *"get pods"*security.istio.io*) exec "${this.folder}/get-sidecars" "$@" ;; esac
case "$*" in *"get configmaps"*) echo '{"items": []}'; exit 0 ;; esac
case "$*" in *"get pods"*) exec "${this.folder}/get" ;; esac
while [ "$1" != logs ]; do shift; done
case "$*" in *--follow*) echo $$ >> "${this.folder}/pids"; exec "${this.folder}/follow-$2" ;; esac
exec "${this.folder}/log-$2"`,
    );
    process.env.PATH = `${this.folder}:${this.path}`;
    this.sidecars({});
  }

  /** The gateways' pods, each with the gateway's name, and a phase that is Running unless it says otherwise. */
  pods(pods: Record<string, { gateway?: string; phase?: string }>): void {
    const items = Object.entries(pods).map(([name, { gateway = "egress-gateway", phase = "Running" }]) => ({
      metadata: { name, labels: { istio: gateway } },
      status: { phase },
    }));
    this.script("get", `cat <<'END'\n${JSON.stringify({ items })}\nEND`);
  }

  /** Pods with a sidecar, by namespace. */
  sidecars(namespaces: Record<string, string[]>): void {
    const list = (pods: string[]) =>
      JSON.stringify({
        items: pods.map((name) => ({ metadata: { name, labels: {} }, status: { phase: "Running" } })),
      });
    const cases = Object.entries(namespaces).map(([name, pods]) => `*"--namespace ${name} "*) echo '${list(pods)}' ;;`);
    this.script("get-sidecars", `case "$*" in\n${cases.join("\n")}\n*) echo '${list([])}' ;;\nesac`);
  }

  /** What `kubectl logs` prints of a pod, and then, with --follow, what it does, as shell. */
  log(pod: string, lines: string[], follow = "exec sleep 60"): void {
    this.script(`log-${pod}`, `cat <<'END'\n${lines.join("\n")}\nEND`);
    this.script(`follow-${pod}`, follow);
  }

  /** A script that fails as kubectl does. */
  fails(name: string, message: string): void {
    this.script(name, `echo '${message}' >&2; exit 1`);
  }

  /** Command lines of kubectl so far, without those that list pods. */
  reads(): string[] {
    return this.lines("calls").filter((call) => !call.includes("get pods"));
  }

  calls(): string[] {
    return this.lines("calls");
  }

  /** Process ids of the streams that were opened and still run. */
  streams(): number[] {
    return this.lines("pids")
      .map(Number)
      .filter((pid) => {
        try {
          return process.kill(pid, 0);
        } catch {
          return false;
        }
      });
  }

  remove(): void {
    process.env.PATH = this.path;
    fs.rmSync(this.folder, { recursive: true });
  }

  private script(name: string, text: string): void {
    const file = path.join(this.folder, name);
    // Put in place at once, as a script that runs cannot be written.
    fs.writeFileSync(`${file}.new`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    fs.renameSync(`${file}.new`, file);
  }

  private lines(name: string): string[] {
    const file = path.join(this.folder, name);
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  }
}

/** A line of `kubectl logs --timestamps`, its entry at so many seconds past a minute, and logged as many later. */
export function logLine(entry: Record<string, unknown>, second: number, later = 0): string {
  const at = (value: number) => `2026-11-22T10:15:${String(value).padStart(2, "0")}`;
  return `${at(second + later)}.500000000Z ${JSON.stringify({ ...entry, time: `${at(second)}.123Z` })}`;
}
