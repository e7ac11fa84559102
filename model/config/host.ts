import { isIP } from "node:net";
import { domainToASCII } from "node:url";

export type HostCheck = { host: string } | { problem: string; fix: string };

const wholeName = "github.com";

/** Suffixes of names that lead to the cluster or the machine itself, never outside. */
const insideSuffixes = ["cluster.local", "svc", "local", "localhost"];

/**
 * The host name in lower case, or why it cannot be one of an allowlist.
 * Only upper case is put right silently: it changes no meaning, as anything else might.
 */
export function checkHost(written: string): HostCheck {
  const host = written.toLowerCase();
  const bare = bareHost(host);
  const writeBare = `write "${bare}"`;

  if (host === "" || /\s/.test(host)) {
    return { problem: "A host name is not empty and holds no blank", fix: `write the name alone, as "${wholeName}"` };
  }
  if (host.includes("*")) {
    return {
      problem: "Wildcard hosts are not supported yet",
      fix: "list the host names one by one",
    };
  }
  if (host.includes("://")) {
    return {
      problem: "A host is a name, not a URL: it has no scheme",
      fix: `${writeBare}; protocols say how it is called`,
    };
  }
  if (isAddress(bare) || isAddress(host)) {
    return {
      problem: "An IP address is not a host: rules are checked against names",
      fix: "write the name under which the address is called",
    };
  }
  if (/[/?#]/.test(host)) {
    return { problem: "A host has no path: rules hold for a whole host", fix: writeBare };
  }
  if (host.includes("@")) {
    return { problem: "A host has no user name", fix: writeBare };
  }
  if (host.includes(":")) {
    return { problem: "A host has no port: http means 80 and https means 443", fix: writeBare };
  }
  if (host.endsWith(".")) {
    return { problem: "A host ends without a dot", fix: writeBare };
  }
  return checkName(host);
}

function checkName(host: string): HostCheck {
  const labels = host.split(".");
  if (host.includes("_")) {
    return { problem: "A host name has no underscore", fix: "write the name that the host's certificate carries" };
  }
  if (/[^\x20-\x7e]/.test(host)) {
    return { problem: "A host name is written in ASCII", fix: `write "${domainToASCII(host)}"` };
  }
  if (host.length > 253 || labels.some((label) => label.length > 63)) {
    return {
      problem: "A host name has 253 characters at most, and 63 between two dots",
      fix: "write the name that DNS knows",
    };
  }
  const bad = labels.find((label) => !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label));
  if (bad !== undefined) {
    return {
      problem: `"${bad}" cannot be a part of a host name: letters, digits and, between them, hyphens`,
      fix: `write the name that DNS knows, as "${wholeName}"`,
    };
  }
  if (labels.length === 1) {
    return {
      problem: "A name without a dot is no host outside the cluster",
      fix: `write the full name, as "${wholeName}"`,
    };
  }
  if (insideSuffixes.some((suffix) => host.endsWith(`.${suffix}`))) {
    return {
      problem: "A name inside the cluster is no outside host",
      fix: "remove it: guarded namespaces reach each other without a rule",
    };
  }
  return { host };
}

/** What is left without scheme, user, path, port and final dots: the name that was probably meant. */
function bareHost(host: string): string {
  return host
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, "")
    .replace(/[/?#].*$/, "")
    .replace(/^.*@/, "")
    .replace(/:\d*$/, "")
    .replace(/\.+$/, "");
}

/** Whether a resolver would take the text for an address: IPv6, or anything whose last part is a number (WHATWG URL). */
function isAddress(text: string): boolean {
  const unbracketed = text.replace(/^\[(.*)\](:\d*)?$/, "$1");
  const last = unbracketed.split(".").at(-1) ?? "";
  return isIP(unbracketed) !== 0 || /^(\d+|0x[0-9a-f]*)$/.test(last);
}
