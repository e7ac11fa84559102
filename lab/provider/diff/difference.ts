import { isAbsent, isObject, Json, Path, sameJson } from "../../json";

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

export interface Change {
  path: Path;
  kind: "add" | "delete" | "update";
}

/**
 * The smallest parts in which two documents differ, in the order of the new one.
 * Items of lists are compared by their place.
 */
export function changes(before: Json | undefined, after: Json | undefined, path: Path = []): Change[] {
  if (sameJson(before, after)) {
    return [];
  }
  if (isAbsent(before)) {
    return [{ path, kind: "add" }];
  }
  if (isAbsent(after)) {
    return [{ path, kind: "delete" }];
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const places = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
    return places.flatMap((index) => changes(before[index], after[index], [...path, index]));
  }
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])];
    return keys.flatMap((key) => changes(before[key], after[key], [...path, key]));
  }
  return [{ path, kind: "update" }];
}

/** A path as Pulumi writes it: `spec.containers[0].image`, `metadata.labels["app.kubernetes.io/name"]`. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") {
        return `[${step}]`;
      }
      if (!/^[A-Za-z_][\w-]*$/.test(step)) {
        return `[${JSON.stringify(step)}]`;
      }
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}

/** Reads what formatPath writes; `*` and `[*]` stay as the step "*", which stands for every key and index. */
export function parsePath(formatted: string): Path {
  const steps = formatted.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g);
  return [...steps].map(([, quoted, index, plain]) => {
    if (quoted !== undefined) {
      return JSON.parse(`"${quoted}"`) as string;
    }
    return index === undefined || index === "*" ? (plain ?? "*") : Number(index);
  });
}

/** Whether `path` is at or below `pattern`, in which "*" stands for any one step. */
export function isWithin(path: Path, pattern: Path): boolean {
  return pattern.length <= path.length && pattern.every((step, index) => step === "*" || step === path[index]);
}
