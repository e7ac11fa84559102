import * as fs from "node:fs";
import * as path from "node:path";
import { LabError } from "./errors";
import { state } from "./paths";
import { network } from "./topology";

/** Environment of commands that work on the lab: its kubeconfig, its tools first on PATH, a Pulumi backend of its own. */
export function labEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    KUBECONFIG: state.kubeconfig,
    PATH: `${state.bin}:${process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin"}`,
    // Pulumi leaves pipes behind in the folder for temporary files.
    TMPDIR: state.temporary,
    PULUMI_HOME: state.pulumiHome,
    PULUMI_BACKEND_URL: `file://${state.pulumiBackend}`,
    // The lab's stack keeps no secret of anybody's; its passphrase only has to be the same every time.
    PULUMI_CONFIG_PASSPHRASE: "lab",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Writes the state once, at the end, not at each step, which with a file as backend costs more than all else. A run
    // that is killed has then recorded nothing of what it made: good for a stack that goes with its cluster, no other.
    PULUMI_EXPERIMENTAL: "true",
    PULUMI_SKIP_CHECKPOINTS: "true",
    // Without a way out, looking for a missing plugin would hang for minutes instead of failing.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ISTIO_EGRESS_HELM: `${state.bin}/helm`,
  };
}

/**
 * The command that runs `argv` inside the lab's network namespace. It stays in the caller's mount namespace.
 * @throws LabError when no lab is up
 */
export function labCommand(argv: string[]): { argv: string[]; env: NodeJS.ProcessEnv } {
  if (!fs.existsSync(state.kubeconfig)) {
    throw new LabError("The lab is not up: start it with `npx egress lab up`.");
  }
  return {
    argv: ["nsenter", `--net=/run/netns/${network.lab.namespace}`, "--", ...argv],
    env: labEnvironment(),
  };
}

/** Whether a kubeconfig is the lab's: its cluster is reached from inside the lab only. */
export function isLabKubeconfig(file: string): boolean {
  return path.resolve(file) === state.kubeconfig;
}
