import * as fs from "node:fs/promises";
import * as path from "node:path";
import { LabError } from "../errors";
import { CommandError, type CommandOptions, type CommandResult, lastLines, run } from "./command";

/** What the Go command says of itself in a module's folder. */
export interface GoEnvironment {
  /** Such as `go1.26.8`: the toolchain that would build this module. */
  version: string;
  os: string;
  architecture: string;
  buildCache: string;
  moduleCache: string;
}

/** Go's own settings that would change what is built; the others, such as GOPROXY, stay the user's. */
const fixedEnvironment = { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" };

/** Asks Go for its version and folders, and refuses a Go that is missing or too old for the module. */
export async function goEnvironment(moduleFolder: string): Promise<GoEnvironment> {
  const names = ["GOVERSION", "GOOS", "GOARCH", "GOCACHE", "GOMODCACHE"] as const;
  const { stdout } = await go(["env", "-json", ...names], { cwd: moduleFolder });
  const values = JSON.parse(stdout) as Record<(typeof names)[number], string>;
  return {
    version: values.GOVERSION,
    os: values.GOOS,
    architecture: values.GOARCH,
    buildCache: values.GOCACHE,
    moduleCache: values.GOMODCACHE,
  };
}

/** Runs the Go command in a module's folder; its failures become one sentence. */
export async function go(args: readonly string[], options: CommandOptions & { cwd: string }): Promise<CommandResult> {
  try {
    return await run("go", args, { ...options, env: { ...fixedEnvironment, ...options.env } });
  } catch (error) {
    throw error instanceof CommandError ? explainGoFailure(error, await wantedGo(options.cwd), options.cwd) : error;
  }
}

/** What a failed Go command means for its user. */
export function explainGoFailure(error: CommandError, wantedVersion: string, folder: string): LabError {
  const { stderr } = error;
  if (error.code === "ENOENT") {
    return new LabError(
      `Go is not installed, but tools have to be built; install Go ${wantedVersion} or newer and have it on PATH`,
    );
  }
  if (/requires go >= |invalid go version|unknown directive: tool|toolchain not available/.test(stderr)) {
    return new LabError(
      `Go is too old to build ${folder}, which needs ${wantedVersion} or newer; install that and have it on PATH`,
    );
  }
  if (/no space left on device/.test(stderr)) {
    return new LabError(
      `The disk became full while Go built ${folder}; free some space, or choose other disks with GOCACHE, GOMODCACHE and ISTIO_EGRESS_CACHE`,
    );
  }
  const unreachable = networkFailure(stderr);
  if (unreachable !== undefined) {
    return new LabError(
      `The Go module proxy cannot be reached to download what ${folder} is built from (${unreachable}); ` +
        "connect this machine to a network, or name a proxy that it reaches with GOPROXY",
    );
  }
  if (/checksum mismatch|SECURITY ERROR/.test(stderr)) {
    return new LabError(
      `A Go module that was downloaded for ${folder} is not the one that its go.sum pins: ${lastLines(stderr, 3)}`,
    );
  }
  return new LabError(`Go could not build ${folder}: ${lastLines(stderr, 6)}`);
}

function networkFailure(stderr: string): string | undefined {
  const signs =
    /no such host|name resolution|connection refused|network is unreachable|no route to host|i\/o timeout|TLS handshake timeout|connection reset|module lookup disabled by GOPROXY=off/;
  return signs.exec(stderr)?.[0];
}

async function wantedGo(moduleFolder: string): Promise<string> {
  const goMod = await fs.readFile(path.join(moduleFolder, "go.mod"), "utf8").catch(() => "");
  return /^go (\S+)$/m.exec(goMod)?.[1] ?? "1.26";
}
