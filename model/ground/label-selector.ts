/** Labels of an object of Kubernetes. */
export type Labels = Readonly<Record<string, string>>;

/** A selector of labels, as Kubernetes' objects have it. */
export interface LabelSelector {
  matchLabels?: Labels;
  matchExpressions?: LabelRequirement[];
}

export interface LabelRequirement {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  /** For In and NotIn only. */
  values?: string[];
}

/** Whether labels hold all that are wanted, with these values. Nothing wanted is held by all. */
export function haveLabels(labels: Labels = {}, wanted: Labels = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labelOf(labels, key) === value);
}

/** Whether labels meet every condition of a selector. An empty selector has none and matches everything. */
export function selectorMatches(selector: LabelSelector, labels: Labels = {}): boolean {
  return (
    haveLabels(labels, selector.matchLabels) &&
    (selector.matchExpressions ?? []).every((requirement) => requirementHolds(requirement, labels))
  );
}

function requirementHolds({ key, operator, values = [] }: LabelRequirement, labels: Labels): boolean {
  const value = labelOf(labels, key);
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

/** Only labels that are really there: `constructor` is a valid label key, and every object inherits one. */
function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
