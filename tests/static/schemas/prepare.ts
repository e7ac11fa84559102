import * as fs from "node:fs/promises";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { cacheFolder } from "../../../lab/paths";
import { Progress } from "../../../lab/progress";
import { cached, cacheKey } from "../../../lab/tools/cache";
import { resolveIstioFiles } from "../../../lab/tools/istio-files";
import { versions } from "../../../lab/topology";
import { monitoringDefinitions } from "./monitoring";
import { apiDefinitions, CustomResourceDefinition, definedSchemas, kubernetesSchemas } from "./kubernetes";

/** What the schemas are made by: another converter makes them anew, and another version of the Prometheus Operator. */
const converters = ["strict.ts", "kubernetes.ts", "prepare.ts", "monitoring.ts", path.join("monitoring", "go.sum")];

/** Where kubeconform finds the schema of an object in the folder; `schemaKey` names the files. */
export function schemaLocation(folder: string): string {
  return path.join(folder, "{{.Group}}", "{{.ResourceAPIVersion}}", "{{.ResourceKind}}.json");
}

/**
 * Strict schemas of everything that the pinned Kubernetes, Istio's CRDs and the Prometheus Operator's define, made in the cache from their own
 * Go modules.
 *
 * @returns their folder
 * @throws LabError when a module is not here and cannot be downloaded
 */
export async function prepareSchemas(progress: Progress): Promise<string> {
  const sources = await Promise.all(converters.map((file) => fs.readFile(path.join(__dirname, file))));
  const key = cacheKey([versions.kubernetes, versions.istio, ...sources]);
  const entry = { folder: path.join(cacheFolder, "schemas"), kind: "strict", key };
  return cached(
    entry,
    (partial) =>
      progress.step(`making schemas of Kubernetes ${versions.kubernetes} and Istio ${versions.istio}`, () =>
        write(partial, progress),
      ),
    { onlyOne: true },
  );
}

async function write(folder: string, progress: Progress): Promise<void> {
  const { charts } = await resolveIstioFiles(progress);
  const crds = await fs.readFile(path.join(charts, "base", "files", "crd-all.gen.yaml"), "utf8");
  const documents = [crds, ...(await monitoringDefinitions())].flatMap((text) => documentsOf(text));
  const isDefinition = (document: object | null): document is CustomResourceDefinition =>
    document !== null && "kind" in document && document.kind === "CustomResourceDefinition";
  const definitions = await apiDefinitions();
  const schemas = [...kubernetesSchemas(definitions), ...definedSchemas(documents.filter(isDefinition), definitions)];
  for (const [name, schema] of schemas) {
    const file = path.join(folder, `${name}.json`);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, JSON.stringify(schema));
  }
}

function documentsOf(text: string): ({ kind?: string } | null)[] {
  return parseAllDocuments(text).map((document) => document.toJS() as { kind?: string } | null);
}
