import { LabelRequirement, Labels, LabelSelector } from "../ground/label-selector";

/** A selector as one list of requirements. */
export function requirementsOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): LabelRequirement[] {
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
