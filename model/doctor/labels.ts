import { Labels } from "./snapshot";

/** A selector of labels, as Kubernetes' objects have it. */
export interface LabelSelector {
  matchLabels?: Labels;
  matchExpressions?: Requirement[];
}

export interface Requirement {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  values?: string[];
}

/** Whether labels hold all that are wanted, with these values. Nothing wanted is held by all. */
export function haveLabels(labels: Labels = {}, wanted: Labels = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** Whether a selector takes in an object with these labels; an empty one takes in all. */
export function selects({ matchLabels, matchExpressions = [] }: LabelSelector, labels: Labels = {}): boolean {
  return haveLabels(labels, matchLabels) && matchExpressions.every((requirement) => fulfils(labels, requirement));
}

function fulfils(labels: Labels, { key, operator, values = [] }: Requirement): boolean {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}

/** A selector as one list of requirements. */
export function requirementsOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): Requirement[] {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: "In" as const, values: [value] })),
    ...matchExpressions,
  ];
}

/** A selector as `kubectl --selector` takes it; an empty one is empty. */
export function selectorText(selector: LabelSelector): string {
  return requirementsOf(selector)
    .map(({ key, operator, values = [] }) => {
      switch (operator) {
        case "In":
          return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(", ")})`;
        case "NotIn":
          return `${key} notin (${values.join(", ")})`;
        case "Exists":
          return key;
        case "DoesNotExist":
          return `!${key}`;
      }
    })
    .join(", ");
}

/** Labels as text, `a=b, c=d`; none are "no labels". */
export function labelsText(labels: Labels = {}): string {
  return selectorText({ matchLabels: labels }) || "no labels";
}
