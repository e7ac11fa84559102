import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { ExistingClusterConfig } from "../model";
import { configPath } from "../model/config/problem";
import { commonLabels } from "../model/ground/labels";

/** How long the API server may take to answer. Seconds. */
const patience = 15;

/**
 * Refuses namespaces that are to be made and are there already, of others, in words that name the key by which they would
 * be brought in. The plugin makes none of them either, but knows no keys. It asks kubectl, and says nothing where that is
 * not installed or has no answer, as in a preview without credentials: then the plugin's own error is the only one.
 *
 * @throws pulumi.RunError with all of them
 */
export async function refuseTaken(cluster: ExistingClusterConfig, namespaces: string[]): Promise<void> {
  const taken = (await namespacesOfOthers(cluster)).filter((name) => namespaces.includes(name));
  if (taken.length > 0) {
    const lines = taken.map((name) => `  ${configPath("namespaces", name)}: {existing: true}`);
    throw new pulumi.RunError(
      `There is a namespace of this name already, which no stack has made: ${taken.join(", ")}. Nothing of it is changed.\n` +
        `Fix: if it is somebody else's, write\n${lines.join("\n")}`,
    );
  }
}

/** Those that no program of Pulumi's has labelled as its own. */
async function namespacesOfOthers({ kubeconfig, context }: ExistingClusterConfig): Promise<string[]> {
  const labels = Object.entries(commonLabels()).map(([key, value]) => `${key}!=${value}`);
  const args = [
    ...["get", "namespaces", `--selector=${labels.join(",")}`, "--output=jsonpath={.items[*].metadata.name}"],
    `--request-timeout=${patience}s`,
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
  ];
  try {
    const { stdout } = await promisify(execFile)("kubectl", args, { timeout: 2 * patience * 1000 });
    return stdout.split(" ").filter((name) => name !== "");
  } catch {
    return [];
  }
}
