import { createHash } from "node:crypto";

/** What Kubernetes takes for a label, and Google for the name of a rule. */
export const longestName = 63;

/**
 * A name of 63 characters at most: its readable part, cut, and eight digits that only `meant` has, so that it is unlike
 * a name that begins the same.
 */
export function hashedName(readable: string, meant: string): string {
  const digits = createHash("sha256").update(meant).digest("hex").slice(0, 8);
  const room = longestName - digits.length - 1;
  return `${readable.slice(0, room).replace(/-+$/, "")}-${digits}`;
}
