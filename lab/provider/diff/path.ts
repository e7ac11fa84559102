import { Path } from "../../json";

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
