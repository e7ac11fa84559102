import { didYouMean } from "../../ground/suggest";
import { directKinds } from "../../ground/direct";
import { DirectConfig, directTable } from "../direct";
import { checkLabelName } from "../kubernetes-names";
import { configPath } from "../problem";
import { directSchema } from "../schema";
import { readFields, Report } from "../shape";
import { ClusterConfig } from "../types";

/** A destination that has a kind: one that the cluster has itself, and that is nothing beside its kind. */
export function readDirect(
  name: string,
  written: Record<string, unknown>,
  cluster: ClusterConfig,
  earlier: readonly DirectConfig[],
  report: Report,
): DirectConfig[] {
  const at = (...place: string[]) => configPath("destinations", name, ...place);
  const problem = checkLabelName(name);
  if (problem !== undefined) {
    report({ path: at(), value: name, ...problem });
  }
  const kind = directKinds.find((known) => known === written.kind);
  if (kind === undefined) {
    report({
      path: at("kind"),
      ...(written.kind === null ? {} : { value: written.kind }),
      problem: "Not a kind of destination: what is outside has hosts or addresses, and no kind",
      allowed: directKinds.join(", "),
      fix: didYouMean(String(written.kind ?? ""), directKinds) ?? "remove it, and list hosts or addresses",
    });
    return [];
  }
  readFields(directSchema, written, ["destinations", name], report);
  const found = directTable[kind].problem(cluster);
  if (found !== undefined) {
    const { at: place, ...words } = found;
    report({ path: place ?? at("kind"), ...(place === undefined ? { value: kind } : {}), ...words });
  }
  const first = earlier.find((other) => other.kind === kind);
  if (first !== undefined) {
    report({
      path: at("kind"),
      value: kind,
      problem: `${configPath("destinations", first.name)} is of this kind already, and a cluster has one`,
      fix: "leave it in one of the two, and allow that one to whoever needs it",
    });
    return [];
  }
  return [{ name, kind }];
}
