import { listNames } from "../../ground/suggest";
import { sortedBy } from "../../ground/order";
import { denials } from "../denied";
import { checkHost, HostProblem } from "../host";
import { configPath } from "../problem";
import { denySchema } from "../schema";
import { readFields, readItems, Report } from "../shape";
import { DenyEntry } from "../types";
import { Destinations } from "./destinations";

/** An entry, where it stands and as it is written there. */
interface Written {
  entry: DenyEntry;
  path: string;
  value: unknown;
}

/** Hosts that nobody may be allowed, sorted; a destination that has one, or a name below one, is a problem. */
export function readDeny(raw: unknown, owners: Destinations["owners"], report: Report): DenyEntry[] {
  const first = new Map<string, Written>();
  readItems(raw, "deny", report).forEach((value, index) => {
    const path = configPath("deny", index);
    const entry = readEntry(value, index, report);
    if (entry === undefined) {
      return;
    }
    const earlier = first.get(entry.host);
    if (earlier === undefined) {
      first.set(entry.host, { entry, path, value });
    } else {
      report({ path, value, problem: `The host stands at ${earlier.path} already`, fix: "remove one of the two" });
    }
  });
  const entries = sortedBy(
    [...first.values()].map(({ entry }) => entry),
    ({ host }) => host,
  );
  reportDenied([...first.values()], denials(entries), owners, report);
  return entries;
}

function readEntry(value: unknown, index: number, report: Report): DenyEntry | undefined {
  const path = configPath("deny", index);
  if (typeof value !== "string" && (typeof value !== "object" || value === null || Array.isArray(value))) {
    report({
      path,
      value,
      problem: "Not a text",
      allowed: "a host name, as cnn.com, for it and all names below it; or {host: cnn.com, below: false}, for it only",
      fix: "write the name of the host, or remove it",
    });
    return undefined;
  }
  const written = typeof value === "string" ? { host: value } : value;
  const { host, below } = readFields(denySchema, written, ["deny", index], report).sound;
  if (host === undefined || below === undefined) {
    return undefined;
  }
  const check = withoutWildcard(host) ?? checkHost(host);
  if ("host" in check) {
    return { host: check.host, below };
  }
  const { problem, advice } = check;
  const name = check.name?.replace(/^\*\./, "");
  const at = typeof value === "string" ? path : `${path}.host`;
  report({ path: at, value: host, problem, fix: name === undefined ? advice : `write "${name}"` });
  return name === undefined ? undefined : { host: name, below };
}

/** A wildcard at the beginning says what the name says without it. */
function withoutWildcard(host: string): HostProblem | undefined {
  const bare = host.startsWith("*.") ? checkHost(host.slice(2)) : undefined;
  return bare === undefined || "problem" in bare
    ? undefined
    : { problem: "A denied host needs no wildcard: names below it are denied with it", name: bare.host };
}

function reportDenied(
  written: readonly Written[],
  denialsOf: (host: string) => DenyEntry[],
  owners: Destinations["owners"],
  report: Report,
): void {
  const allowed = new Map<DenyEntry, string[]>();
  for (const host of owners.keys()) {
    denialsOf(host).forEach((entry) => allowed.set(entry, [...(allowed.get(entry) ?? []), host]));
  }
  for (const { entry, path, value } of written) {
    const hosts = allowed.get(entry);
    if (hosts === undefined) {
      continue;
    }
    const isSelf = hosts.includes(entry.host);
    const places = hosts.map((host) => `${owners.get(host)!.path} is ${host === entry.host ? "it" : host}`);
    report({
      path,
      value,
      problem: `Nobody may be allowed this host${hosts.length === 1 && isSelf ? "" : ", nor a name below it"}, but ${listNames(places)}`,
      fix: isSelf
        ? "remove one of the two"
        : `remove one of the two, or deny this name only, as {host: ${entry.host}, below: false}`,
    });
  }
}
