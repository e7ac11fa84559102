import { isWildcard } from "../../ground/hosts";
import { configPath } from "../problem";
import { Report } from "../shape";
import { Around } from "./trait";

/** Reports a wildcard among the hosts of a trait that holds for whole names only. @param key the trait's */
export function reportWildcard(
  key: string,
  problem: string,
  { destination, hosts }: Pick<Around, "destination" | "hosts">,
  report: Report,
): void {
  const wildcard = hosts.find(isWildcard);
  if (wildcard !== undefined) {
    report({
      path: configPath("destinations", destination, key),
      value: wildcard,
      problem,
      fix: `list the names that are called in the place of the wildcard, or remove ${key}`,
    });
  }
}
