import { secretText } from "../config/file/stack";
import { isObject } from "../ground/objects";
import { Step } from "./managers";

/** A field that is not as planned. */
export interface Difference {
  path: Step[];
  /** undefined where the plan says nothing of it. */
  planned: unknown;
  /** undefined where it is not there. */
  live: unknown;
}

/** Booleans that the API server leaves away when they are false: to it, absent is false. */
const absentIfFalse = new Set(["hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty", "readOnly"]);

/** Fields whose values are amounts, which the API server writes in its own way. */
const amounts = new Set(["requests", "limits", "capacity", "hard"]);

/**
 * Where a live value is not as planned; what the stack's file encrypts is not compared. What the plan does not mention is the API server's to fill in, but for lists,
 * where one element more says more.
 *
 * @param exact whether fields count that the plan does not mention: for kinds of which the API server fills in none
 */
export function differences(planned: unknown, live: unknown, exact: boolean, path: Step[] = []): Difference[] {
  if (typeof planned === "string" && planned.includes(secretText)) {
    return [];
  }
  if (isObject(planned) && isObject(live)) {
    const keys = new Set([...Object.keys(planned), ...(exact ? Object.keys(live) : [])]);
    return [...keys].flatMap((key) => differences(planned[key], live[key], exact, [...path, key]));
  }
  if (Array.isArray(planned) && Array.isArray(live)) {
    const count = Math.max(planned.length, live.length);
    return Array.from({ length: count }).flatMap((_, index) =>
      differences(planned[index] as unknown, live[index] as unknown, exact, [...path, index]),
    );
  }
  return isSame(planned, live, exact, path) ? [] : [{ path, planned, live }];
}

function isSame(planned: unknown, live: unknown, exact: boolean, path: Step[]): boolean {
  const key = path.at(-1);
  // An empty rule or selector takes in everything, and an element more is never nothing.
  const emptySays = exact || typeof key === "number";
  if (planned === live || (isNothing(planned, emptySays) && isNothing(live, emptySays))) {
    return true;
  }
  if (live === undefined) {
    return planned === false && absentIfFalse.has(String(key));
  }
  return amounts.has(String(path.at(-2))) || key === "averageValue" || key === "sizeLimit"
    ? amountOf(planned) === amountOf(live)
    : false;
}

/** Nothing, however it is written: the API server keeps no empty text, list or map where it need not. */
function isNothing(value: unknown, emptySays: boolean): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    value === 0 ||
    (Array.isArray(value) && value.length === 0) ||
    (!emptySays && isObject(value) && Object.values(value).every((inner) => isNothing(inner, false)))
  );
}

const suffixes: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** An amount as Kubernetes writes it, `100m` or `1Gi`, as a number rounded to nine digits; anything else as it is. */
function amountOf(value: unknown): unknown {
  const match = /^([\d.]+)(n|u|m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi|)$/.exec(String(value));
  return match === null ? value : (Number(match[1]) * suffixes[match[2]!]!).toPrecision(9);
}

/** A path as it is written: `spec.egress[0].to`, with keys that have dots in brackets. */
export function pathText(path: Step[]): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : /^[\w-]+$/.test(step) ? `.${step}` : `["${step}"]`))
    .join("")
    .replace(/^\./, "");
}
