import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { Manifest, manifestKey, planStack, StackConfig } from "../../../model";

/** The Kubernetes objects that a configuration plans, without what Helm charts make. */
export function plannedManifests(config: StackConfig): Manifest[] {
  return manifestsIn(planStack(config));
}

/** A file for each object, as `kubectl apply` would take it; in a folder of its own. */
export function writeManifests(manifests: Manifest[], folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  for (const manifest of manifests) {
    const file = `${manifestKey(manifest).replaceAll("/", "_")}.${manifest.apiVersion.replaceAll("/", "_")}.yaml`;
    fs.writeFileSync(path.join(folder, file), stringify(manifest, { aliasDuplicateObjects: false }));
  }
}

/** Whatever in a plan is a Kubernetes object, wherever the plan keeps it. */
function manifestsIn(part: unknown): Manifest[] {
  if (typeof part !== "object" || part === null) {
    return [];
  }
  return isManifest(part) ? [part] : Object.values(part).flatMap(manifestsIn);
}

function isManifest(part: object): part is Manifest {
  return "apiVersion" in part && "kind" in part && "metadata" in part;
}
