type Values = Record<string, unknown>;

/** Helm's own rule: objects are merged key by key, anything else in `overrides` replaces what was there. */
export function mergeValues(defaults: Values, overrides: Values): Values {
  const merged: Values = { ...defaults };
  for (const [key, override] of Object.entries(overrides)) {
    const current = merged[key];
    merged[key] = isValues(current) && isValues(override) ? mergeValues(current, override) : override;
  }
  return merged;
}

function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
