import { isIP } from "node:net";

/** A name as an allowlist takes it; or why it is none, and what to do about it, in words. */
export type NameCheck = { host: string } | { problem: string; advice?: string };

/** Suffixes of names that lead to the cluster or the machine itself, never outside. */
const insideSuffixes = ["cluster.local", "svc", "local", "localhost"];

/** Whether a text in lower case is the name of an external host, with nothing around it. */
export function checkName(host: string): NameCheck {
  const labels = host.split(".");
  if (host.includes("_")) {
    return { problem: "A host name has no underscore", advice: "write the name that the host's certificate carries" };
  }
  if (host.length > 253 || labels.some((label) => label.length > 63)) {
    return {
      problem: "A host name has 253 characters at most, and 63 between two dots",
      advice: "write the name that DNS knows",
    };
  }
  if (labels[0] === "" && labels.length > 2 && "host" in checkName(labels.slice(1).join("."))) {
    const name = labels.slice(1).join(".");
    return {
      problem: "A host name begins without a dot",
      advice: `write "${name}", or "*.${name}" for all names below it`,
    };
  }
  const bad = labels.find((label) => !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label));
  if (bad !== undefined) {
    return {
      problem: `"${bad}" cannot be a part of a host name: letters, digits and, between them, hyphens`,
      advice: "write the name that DNS knows",
    };
  }
  if (labels.length === 1) {
    return {
      problem: "A name without a dot is no external host",
      advice: "write the full name, with all of its dots",
    };
  }
  if (insideSuffixes.some((suffix) => host.endsWith(`.${suffix}`))) {
    return {
      problem: "A name inside the cluster is no external host: guarded namespaces reach each other without a rule",
      advice: "remove it; a namespace that is not guarded goes under peers of the one that calls it",
    };
  }
  return { host };
}

/** Whether a resolver would take the text for an address: IPv6, or anything whose last part is a number (WHATWG URL). */
export function isAddress(text: string): boolean {
  const bare = text.replace(/^\[(.*)\]$/, "$1");
  const last = bare.split(".").at(-1) ?? "";
  return isIP(bare) !== 0 || /^(\d+|0x[0-9a-f]*)$/.test(last);
}
