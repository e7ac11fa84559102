import * as fs from "node:fs/promises";
import * as path from "node:path";
import { cacheFolder } from "../paths";
import type { Progress } from "../progress";
import { cached, cacheKey } from "./cache";
import { toolGroups } from "./catalog";
import { go } from "./golang";

/** Files of Istio that are no programs, from the same sources as its programs. */
export interface IstioFiles {
  /** A folder with the Helm charts `base`, `gateway`, `istio-control/istio-discovery` and others. */
  charts: string;
  /** The template that pilot-agent makes Envoy's bootstrap configuration from. */
  bootstrapTemplate: string;
}

/** Any package of the module will do to learn where Go keeps it. */
const anyPackage = "istio.io/istio/pilot/cmd/pilot-agent";
const charts = "charts";
const bootstrapTemplate = "envoy_bootstrap.json";

/** Copies Istio's charts and bootstrap template out of its Go module, which go.sum pins, into the cache. */
export async function resolveIstioFiles(progress: Progress): Promise<IstioFiles> {
  const { folder: moduleFolder, version } = toolGroups.find(({ name }) => name === "istio")!;
  const key = cacheKey([await fs.readFile(path.join(moduleFolder, "go.sum"))]);
  const entry = { folder: path.join(cacheFolder, "tools"), kind: "istio-files", key };
  const folder = await cached(entry, (partial) =>
    progress.step(`taking Istio ${version}'s charts from its module`, () => copyFiles(moduleFolder, partial)),
  );
  return { charts: path.join(folder, charts), bootstrapTemplate: path.join(folder, bootstrapTemplate) };
}

async function copyFiles(moduleFolder: string, folder: string): Promise<void> {
  // Not `go mod download`, which also asks for what the proxy knows of the version, as no build does.
  const { stdout } = await go(["list", "-find", "-f", "{{.Module.Dir}}", anyPackage], { cwd: moduleFolder });
  const source = stdout.trim();
  await fs.cp(path.join(source, "manifests", "charts"), path.join(folder, charts), { recursive: true });
  await fs.copyFile(
    path.join(source, "tools", "packaging", "common", bootstrapTemplate),
    path.join(folder, bootstrapTemplate),
  );
}
