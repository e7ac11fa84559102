import { ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { repositoryFolder } from "../../../lab/paths";
import { packageProvider } from "../../../lab/provider/package";
import { versions } from "../../../lab/topology";
import { Place } from "./place";

export interface Outcome {
  code: number | null;
  /** Both streams, in the order in which they were written. */
  output: string;
  stdout: string;
}

/** One step of `pulumi preview --json`. */
export interface Step {
  op: string;
  urn: string;
  detailedDiff?: Record<string, { kind: string }> | null;
}

/** A Pulumi project in a folder of its own, with a file backend and a plugin folder of its own. */
export class Project {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-provider-"));
  private readonly environment: NodeJS.ProcessEnv;

  constructor(private readonly place: Place) {
    const backend = path.join(this.folder, "backend");
    fs.mkdirSync(backend);
    this.environment = {
      ...place.env,
      PULUMI_HOME: path.join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: "for tests only",
    };
    const settings = { name: "trial", runtime: { name: "nodejs", options: { typescript: false } } };
    fs.writeFileSync(path.join(this.folder, "Pulumi.yaml"), JSON.stringify(settings));
    fs.writeFileSync(path.join(this.folder, "package.json"), JSON.stringify({ name: "trial", main: "index.js" }));
    fs.symlinkSync(path.join(repositoryFolder, "node_modules"), path.join(this.folder, "node_modules"));
  }

  async prepare(): Promise<void> {
    const archive = await packageProvider(path.join(this.folder, "plugin"));
    const install = ["plugin", "install", "resource", "kubernetes", versions.pulumiKubernetes, "--file", archive];
    await this.fine(["pulumi", ...install]);
    await this.fine(["pulumi", "stack", "init", "trial"]);
  }

  /** Writes the program: statements that find the package's classes under `k8s`. */
  program(statements: string): void {
    const head = 'const pulumi = require("@pulumi/pulumi");\nconst k8s = require("@pulumi/kubernetes");\n';
    fs.writeFileSync(path.join(this.folder, "index.js"), head + statements);
  }

  pulumi(words: string, environment: Record<string, string> = {}): Promise<Outcome> {
    return this.run(["pulumi", ...words.split(" ")], environment);
  }

  /** `pulumi up` that has to succeed; gives what it wrote. */
  async up(environment: Record<string, string> = {}): Promise<string> {
    return (await this.fine(["pulumi", "up", "--yes", "--skip-preview"], environment)).output;
  }

  /** What `pulumi preview` would do, without the resources that stay as they are. */
  async steps(): Promise<Step[]> {
    const { stdout } = await this.fine(["pulumi", "preview", "--json"]);
    const { steps } = JSON.parse(stdout) as { steps: Step[] };
    return steps.filter(({ op }) => op !== "same");
  }

  kubectl(...args: string[]): Promise<Outcome> {
    return this.run(["kubectl", ...args]);
  }

  /** The state as Pulumi has stored it. */
  storedState(): string {
    return fs.readFileSync(path.join(this.folder, "backend", ".pulumi", "stacks", "trial", "trial.json"), "utf8");
  }

  start(command: string[], environment: Record<string, string> = {}): ChildProcess {
    const [program, ...args] = this.place.enter(command);
    const env = { ...this.environment, ...environment };
    return spawn(program!, args, { cwd: this.folder, env, stdio: ["ignore", "pipe", "pipe"] });
  }

  run(command: string[], environment: Record<string, string> = {}): Promise<Outcome> {
    return outcome(this.start(command, environment));
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private async fine(command: string[], environment: Record<string, string> = {}): Promise<Outcome> {
    const result = await this.run(command, environment);
    if (result.code !== 0) {
      throw new Error(`${command.join(" ")} ended with ${result.code}:\n${result.output}`);
    }
    return result;
  }
}

/** What a process has written when it has ended. */
export function outcome(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let output = "";
    let stdout = "";
    child.stdout!.setEncoding("utf8").on("data", (part: string) => {
      output += part;
      stdout += part;
    });
    child.stderr!.setEncoding("utf8").on("data", (part: string) => (output += part));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output, stdout }));
  });
}
