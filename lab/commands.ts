import { spawn } from "node:child_process";
import type { Command } from "commander";
import type { LabStatus } from "./boot/status";
import { state } from "./paths";
import { labCommand } from "./shell";

/** Adds the lab's commands to `egress lab`; each loads what it needs when it is called. */
export function registerCommands(lab: Command): void {
  lab
    .command("up")
    .description("install, find or build what is missing, and boot the lab; a lab that is up is left as it is")
    .action(up);
  lab.command("down").description("take the lab away, whatever state it is in").action(down);
  lab
    .command("status")
    .description("what runs, where, and how much memory it takes; exit 1 unless all of it works")
    .option("--json", "as JSON")
    .action(status);
  lab
    .command("shell")
    .description("run a command, or a shell, inside the lab, with KUBECONFIG and PATH set")
    .argument("[command...]", "the command and its arguments, after --")
    .action(shell);
}

async function up(): Promise<void> {
  const [{ labUp }, { Progress }] = await Promise.all([import("./boot/up"), import("./progress")]);
  if (await labUp(new Progress())) {
    process.stdout.write(`The lab is up. KUBECONFIG=${state.kubeconfig} works inside \`npx egress lab shell\`.\n`);
  } else {
    process.stdout.write("The lab is up already.\n");
  }
}

async function down(): Promise<void> {
  const { labDown } = await import("./boot/down");
  process.stdout.write(
    (await labDown()) ? "The lab is down, and nothing of it is left.\n" : "There is no lab to take down.\n",
  );
}

async function status(options: { json?: boolean }): Promise<void> {
  const { labStatus } = await import("./boot/status");
  const now = labStatus();
  process.stdout.write(options.json ? `${JSON.stringify(now, undefined, 2)}\n` : describe(now));
  process.exitCode = now.state === "ready" ? 0 : 1;
}

function describe(now: LabStatus): string {
  const lines = [`lab: ${now.state}${now.error === undefined ? "" : ` (${now.error})`}`];
  if (now.processes > 0) {
    const mebibytes = Math.round(now.residentBytes / 1024 / 1024);
    lines.push(`memory: ${mebibytes} MiB resident in ${now.processes} processes`);
    lines.push(...Object.entries(now.addresses).map(([name, address]) => `${name}: ${address}`));
    lines.push(...Object.entries(now.versions).map(([name, version]) => `${name}: ${version}`));
    lines.push(`Pulumi uses: ${now.kubernetesPlugin ?? "no kubernetes plugin yet"}`);
    for (const [name, part] of Object.entries(now.parts)) {
      const restarts = part.restarts > 0 ? `, restarted ${part.restarts} times` : "";
      const after = part.readyAfter === undefined ? "" : ` after ${part.readyAfter.toFixed(1)} s`;
      lines.push(`  ${name}: ${part.state}${after}${restarts}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

async function shell(command: string[]): Promise<void> {
  const { argv, env } = labCommand(command.length > 0 ? command : [process.env.SHELL ?? "/bin/sh"]);
  const child = spawn(argv[0]!, argv.slice(1), { env, stdio: "inherit" });
  // Ctrl-C reaches the command by itself; this process stays to hand on how it ended.
  process.on("SIGINT", () => undefined);
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + (signal === "SIGINT" ? 2 : 15)));
  });
}
