import { Path } from "../../json";
import { Change } from "./leaves";

/** What the engine is told about old and new inputs of one resource. */
export interface Difference {
  changes: (Change & { replaces: boolean })[];
  /** Whether a replacement must delete the old one first, because both would have one name. */
  deleteBeforeReplace: boolean;
}

export function difference(changes: Change[], replaces: (path: Path) => boolean, sameName: () => boolean): Difference {
  const marked = changes.map((change) => ({ ...change, replaces: replaces(change.path) }));
  return { changes: marked, deleteBeforeReplace: marked.some((change) => change.replaces) && sameName() };
}
