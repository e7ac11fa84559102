import { ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readRecord, Recorded, recordVariable } from "../../../lab/gcp-recorder/record";
import { packageRecorder, recorderVersion } from "../../../lab/gcp-recorder/package";
import { repositoryFolder } from "../../../lab/paths";
import { Progress } from "../../../lab/progress";
import { packageProvider } from "../../../lab/provider/package";
import { versions } from "../../../lab/topology";
import { resolveSome } from "../../../lab/tools/resolve";
import { outcome, Outcome } from "../../lab/provider/project";
import { DeadEnd } from "./dead-end";

/** A resource as a preview would have it. */
export interface PreviewedResource {
  urn: string;
  type: string;
  parent?: string;
  /** URN and id of the provider. */
  provider?: string;
  inputs?: Record<string, any>;
  outputs?: Record<string, any>;
  /** URNs, those that outputs carry as well as those that the program names. */
  dependencies?: string[];
}

export interface Step {
  op: string;
  urn: string;
  newState: PreviewedResource;
}

/** What `pulumi preview --json` says, and what the recorder was asked for. */
export interface Preview {
  exitCode: number | null;
  /** Everything that was written, for messages of failed tests. */
  output: string;
  steps: Step[];
  /** Texts of the engine's errors. */
  errors: string[];
  /** Texts of the engine's warnings. */
  warnings: string[];
  recorded: Recorded[];
  seconds: number;
}

/**
 * Pulumi's own engine with a folder for plugins and a backend of its own. Its `gcp` plugin is the recorder, its
 * `kubernetes` plugin is the lab's stand-in, no credential reaches it, and its way to the network is a dead end.
 */
export class Engine {
  private constructor(
    private readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
    readonly deadEnd: DeadEnd,
  ) {}

  static async start(): Promise<Engine> {
    const { pulumi, "pulumi-language-nodejs": host } = await resolveSome(
      ["pulumi", "pulumi-language-nodejs"],
      new Progress(),
    );
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-preview-"));
    const temporary = path.join(folder, "tmp");
    const backend = path.join(folder, "backend");
    [temporary, backend].forEach((made) => fs.mkdirSync(made));
    const deadEnd = await DeadEnd.open();
    const programs = [pulumi, host].map((tool) => path.dirname(tool.path));
    const engine = new Engine(
      folder,
      {
        ...withoutCloud(process.env),
        ...deadEnd.environment,
        PATH: [...programs, process.env.PATH].join(path.delimiter),
        HOME: folder,
        TMPDIR: temporary,
        PULUMI_HOME: path.join(folder, "home"),
        PULUMI_BACKEND_URL: `file://${backend}`,
        PULUMI_CONFIG_PASSPHRASE: "for tests only",
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
      deadEnd,
    );
    const plugins = path.join(folder, "plugins");
    await engine.install("kubernetes", versions.pulumiKubernetes, await packageProvider(plugins));
    await engine.install("gcp", recorderVersion, await packageRecorder(plugins));
    return engine;
  }

  /** A project of one JavaScript file, whose statements find `pulumi`, `gcp` and `k8s`; its stack is called `trial`. */
  project(statements: string, config: Record<string, string> = {}): string {
    const folder = fs.mkdtempSync(path.join(this.folder, "project-"));
    const packages = { pulumi: "pulumi", gcp: "gcp", k8s: "kubernetes" };
    const head = Object.entries(packages).map(([name, of]) => `const ${name} = require("@pulumi/${of}");\n`);
    const settings = { name: "trial", runtime: { name: "nodejs", options: { typescript: false } } };
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), JSON.stringify(settings));
    fs.writeFileSync(path.join(folder, "Pulumi.trial.yaml"), JSON.stringify({ config }));
    fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "trial", main: "index.js" }));
    fs.writeFileSync(path.join(folder, "index.js"), head.join("") + statements);
    fs.symlinkSync(path.join(repositoryFolder, "node_modules"), path.join(folder, "node_modules"));
    return folder;
  }

  /** Previews a stack that has never been applied, of the project in `folder`. */
  async preview(folder: string, stack = "trial"): Promise<Preview> {
    const record = path.join(this.folder, `${path.basename(folder)}-${stack}.jsonl`);
    fs.rmSync(record, { force: true });
    await this.fine(folder, "stack", "select", "--create", "--stack", stack);
    const started = performance.now();
    const result = await outcome(
      this.start(folder, ["preview", "--json", "--stack", stack], { [recordVariable]: record }),
    );
    return { ...read(result), recorded: readRecord(record), seconds: (performance.now() - started) / 1000 };
  }

  /** Any other command, in any outcome. */
  run(folder: string, ...args: string[]): Promise<Outcome> {
    return outcome(this.start(folder, args));
  }

  /** A command that goes on by itself; this process has to stay awake for the dead end to answer. */
  start(folder: string, args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const stdio = ["ignore", "pipe", "pipe"] as const;
    return spawn("pulumi", args, { cwd: folder, env: { ...this.environment, ...env }, stdio: [...stdio] });
  }

  async stop(): Promise<void> {
    await this.deadEnd.close();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private async install(name: string, version: string, archive: string): Promise<void> {
    await this.fine(this.folder, "plugin", "install", "resource", name, version, "--file", archive);
  }

  private async fine(folder: string, ...args: string[]): Promise<void> {
    const { code, output } = await this.run(folder, ...args);
    if (code !== 0) {
      throw new Error(`pulumi ${args.join(" ")} ended with ${code}: ${output}`);
    }
  }
}

/** Nothing of the machine's own cloud settings may reach a preview. */
function withoutCloud(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(GOOGLE_|GCLOUD_|CLOUDSDK_|KUBE|PULUMI_)/.test(name)),
  );
}

function read({ code, stdout, output }: Outcome): Omit<Preview, "recorded" | "seconds"> {
  const { steps = [], diagnostics = [] } = JSON.parse(stdout) as {
    steps?: Step[];
    diagnostics?: { severity: string; message: string }[];
  };
  const texts = (severity: string) =>
    diagnostics.filter((entry) => entry.severity === severity).map(({ message }) => message.trim());
  return { exitCode: code, output, steps, errors: texts("error"), warnings: texts("warning") };
}
