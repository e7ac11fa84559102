import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { LabError } from "../errors";
import { cacheFolder, state } from "../paths";
import { packageProvider } from "../provider/package";
import { CommandError, lastLines, run } from "../tools/command";
import { versions } from "../topology";

const version = versions.pulumiKubernetes;
const install = ["plugin", "install", "resource", "kubernetes", version];
const folderName = `resource-kubernetes-v${version}`;
const cachedHome = path.join(cacheFolder, "pulumi-home");
/** There is as long as the official plugin could not be fetched; after a day it is tried again. */
const refusedFile = path.join(cacheFolder, "official-kubernetes-plugin-refused");
const dayMilliseconds = 24 * 3_600_000;

export type PluginChoice = "auto" | "official" | "stand-in";

/** What `ISTIO_EGRESS_KUBERNETES_PLUGIN` asks for; `auto` when it is not set. */
export function pluginChoice(): PluginChoice {
  const choice = process.env.ISTIO_EGRESS_KUBERNETES_PLUGIN ?? "auto";
  if (choice !== "auto" && choice !== "official" && choice !== "stand-in") {
    throw new LabError(`ISTIO_EGRESS_KUBERNETES_PLUGIN is "${choice}": it may be auto, official or stand-in.`);
  }
  return choice;
}

/**
 * Puts a `kubernetes` resource plugin into the lab's Pulumi home: the official one when it is installed or can be
 * fetched, else the lab's stand-in.
 * @param pulumi path of the pulumi CLI
 * @returns in words, which it is
 * @throws LabError when the official one is asked for and cannot be had
 */
export async function installKubernetesPlugin(pulumi: string): Promise<string> {
  const choice = pluginChoice();
  const official = choice === "stand-in" ? undefined : (installed() ?? (await fetched(pulumi, choice)));
  const words =
    official === undefined
      ? `the lab's stand-in for the official kubernetes plugin ${version}`
      : `the official kubernetes plugin ${version}`;
  const plugins = path.join(state.pulumiHome, "plugins");
  fs.mkdirSync(plugins, { recursive: true });
  if (official === undefined) {
    const archive = await packageProvider(path.join(cacheFolder, "provider"));
    await run(pulumi, [...install, "--file", archive, "--reinstall"], { env: pulumiWith(state.pulumiHome) });
  } else {
    fs.rmSync(path.join(plugins, folderName), { recursive: true, force: true });
    fs.symlinkSync(official, path.join(plugins, folderName));
  }
  fs.writeFileSync(state.kubernetesPlugin, `${words}\n`);
  return words;
}

/** In words, which plugin was put there last; undefined where none was yet. */
export function pluginInUse(): string | undefined {
  return fs.existsSync(state.kubernetesPlugin) ? fs.readFileSync(state.kubernetesPlugin, "utf8").trim() : undefined;
}

/** The plugin's folder in the user's own Pulumi home, or in the cache. */
function installed(): string | undefined {
  const homes = [process.env.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi"), cachedHome];
  return homes
    .map((home) => path.join(home, "plugins", folderName))
    .find((folder) => fs.existsSync(path.join(folder, "pulumi-resource-kubernetes")));
}

async function fetched(pulumi: string, choice: PluginChoice): Promise<string | undefined> {
  const refused = fs.statSync(refusedFile, { throwIfNoEntry: false });
  if (choice === "auto" && refused !== undefined && Date.now() - refused.mtimeMs < dayMilliseconds) {
    return undefined;
  }
  try {
    await run(pulumi, install, { env: pulumiWith(cachedHome), timeoutSeconds: 120 });
  } catch (error) {
    if (choice === "official") {
      const reason = error instanceof CommandError ? lastLines(error.stderr, 1) : String(error);
      throw new LabError(`The official kubernetes plugin ${version} is asked for and cannot be fetched: ${reason}`);
    }
    fs.mkdirSync(cacheFolder, { recursive: true });
    fs.writeFileSync(refusedFile, "");
    return undefined;
  }
  fs.rmSync(refusedFile, { force: true });
  return installed();
}

function pulumiWith(home: string): Record<string, string> {
  return { PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
}
