import { GrantChange } from "../../model/diff";
import { sortedUnique } from "../../model/ground/order";
import { Verb, verbOf } from "./words";

/** More arrows than these say less than the table. */
const mostArrows = 16;

/** Changed ways as a mermaid flowchart: thick where gained, crossed out where lost. Undefined when there are none, or too many. */
export function diffPicture(grants: GrantChange[]): string | undefined {
  if (grants.length === 0 || grants.length > mostArrows) {
    return undefined;
  }
  const workloads = nodes(
    "w",
    grants.map(({ from }) => from),
  );
  const hosts = nodes(
    "h",
    grants.map(({ host }) => host),
  );
  return [
    "flowchart LR",
    ...[...workloads].map(([name, id]) => `  ${id}["${name}"]`),
    ...[...hosts].map(([name, id]) => `  ${id}(["${name}"])`),
    ...grants.map((grant) => `  ${workloads.get(grant.from)} ${arrows[verbOf(grant)]} ${hosts.get(grant.host)}`),
  ].join("\n");
}

const arrows: Record<Verb, string> = {
  gains: '== "gains" ==>',
  loses: '-. "loses" .-x',
  changes: '-- "changes" -->',
};

function nodes(prefix: string, names: string[]): Map<string, string> {
  return new Map(sortedUnique(names).map((name, index) => [name, `${prefix}${index}`]));
}
