import * as fs from "node:fs/promises";
import * as path from "node:path";
import { go } from "../../../lab/tools/golang";

const operator = "github.com/prometheus-operator/prometheus-operator";

/** The kinds that stacks make of the Prometheus Operator's. */
const kinds = ["podmonitors", "prometheusrules"];

/**
 * The CustomResourceDefinitions of those kinds, from the Prometheus Operator's own Go module, which go.sum pins; nothing is
 * built of it.
 *
 * @returns each as YAML
 * @throws LabError when the module is not here and cannot be downloaded
 */
export async function monitoringDefinitions(): Promise<string[]> {
  const { stdout } = await go(["mod", "download", "-json", operator], { cwd: path.join(__dirname, "monitoring") });
  const { Dir: folder } = JSON.parse(stdout) as { Dir: string };
  const file = (kind: string) =>
    path.join(folder, "example", "prometheus-operator-crd", `monitoring.coreos.com_${kind}.yaml`);
  return Promise.all(kinds.map((kind) => fs.readFile(file(kind), "utf8")));
}
