import { Fields, isObject } from "../objects";
import { didYouMean, listNames } from "../suggest";
import { inQuotes, kindOf, kinds } from "../words";
import { Field, fieldsOfType } from "./fields";
import { guardProblems, PodProblem } from "./guard";

/**
 * All that a pod template has against it: what Kubernetes would not take, by the fields and their types, and what opens
 * the guard. Of a value that is out of form nothing else is said.
 *
 * @param template what the pods would be made from, ours and the workload's own part merged
 * @param own the ServiceAccount and the labels by which the pods are told
 */
export function podProblems(
  template: { metadata: Fields; spec: Fields },
  own: { serviceAccount: string; selector: Record<string, string> },
): PodProblem[] {
  const form = formProblems(template.spec, "PodSpec", ["spec"]);
  const isSaid = ({ path }: PodProblem) =>
    form.some((other) => other.path.every((step, at) => at >= path.length || step === path[at]));
  return [...form, ...guardProblems(template, own).filter((problem) => !isSaid(problem))];
}

/** What of a set of keys and values is not as Kubernetes' type asks, at any depth. */
function formProblems(value: unknown, type: string, at: PropertyKey[]): PodProblem[] {
  if (!isObject(value)) {
    return [notA("object", value, at)];
  }
  const known = fieldsOfType.get(type)!;
  const given = Object.entries(value).flatMap(([key, part]): PodProblem[] => {
    const field = known.get(key);
    if (field !== undefined) {
      return ofField(part, field, [...at, key]);
    }
    return type === "Volume" ? [] : [unknownField(key, part, [...known.keys()], [...at, key])];
  });
  const missing = [...known].filter(([key, { isRequired }]) => isRequired && value[key] === undefined);
  return [
    ...given,
    ...missing.map(([key, field]) => ({
      path: [...at, key],
      value: undefined,
      problem: "Required, but missing",
      allowed: field.isList ? kinds.array : (kinds[kindNames[field.takes] ?? "object"] ?? field.takes),
    })),
  ];
}

function ofField(value: unknown, { takes, isList, isRequired }: Field, at: PropertyKey[]): PodProblem[] {
  if (isRequired && (value === "" || (Array.isArray(value) && value.length === 0))) {
    return [{ path: at, value, problem: "Must not be empty" }];
  }
  if (!isList) {
    return ofKind(value, takes, at);
  }
  return Array.isArray(value)
    ? value.flatMap((item: unknown, index) => ofKind(item, takes, [...at, index]))
    : [notA("array", value, at)];
}

function ofKind(value: unknown, takes: string, at: PropertyKey[]): PodProblem[] {
  switch (takes) {
    case "any":
      return [];
    case "text":
      return typeof value === "string" ? [] : [notA("string", value, at)];
    case "number":
      return Number.isInteger(value) ? [] : [notA("int", value, at)];
    case "truth":
      return typeof value === "boolean" ? [] : [notA("boolean", value, at)];
    case "scalar":
      return typeof value === "string" || typeof value === "number" ? [] : [notA("scalar", value, at)];
    case "texts":
    case "scalars":
      return isObject(value)
        ? Object.entries(value).flatMap(([key, part]) => ofKind(part, takes.slice(0, -1), [...at, key]))
        : [notA("object", value, at)];
    default:
      return formProblems(value, takes, at);
  }
}

const kindNames: Readonly<Record<string, string>> = {
  text: "string",
  number: "int",
  truth: "boolean",
  scalar: "scalar",
};

function notA(kind: string, value: unknown, path: PropertyKey[]): PodProblem {
  const isQuotable = kind === "string" && (typeof value === "number" || typeof value === "boolean");
  return {
    path,
    value,
    problem: `Not ${kinds[kind]!}, but ${kindOf(value)}`,
    ...(isQuotable ? { fix: inQuotes(String(value)) } : {}),
  };
}

function unknownField(key: string, value: unknown, known: readonly string[], path: PropertyKey[]): PodProblem {
  return {
    path,
    value,
    problem: "Kubernetes has no such field there",
    allowed: listNames(known),
    fix: didYouMean(key, known) ?? "remove it",
  };
}
