import { createHash } from "node:crypto";
import { sortedUnique } from "./order";

/** A host name and every name that it is below, the nearest first: `www.cnn.com`, `cnn.com`, `com`. */
export function selfAndAbove(host: string): string[] {
  const labels = host.split(".");
  return labels.map((_, index) => labels.slice(index).join("."));
}

/** Whether a host is below another in DNS: `www.cnn.com` is below `cnn.com`, and `evilcnn.com` is not. */
export function isBelow(host: string, above: string): boolean {
  return host.endsWith(`.${above}`);
}

/** Hosts that sidecars are told of together: a ServiceEntry, by its name. */
export interface HostEntry {
  name: string;
  /** Sorted. */
  hosts: string[];
}

/** Hosts that one ServiceEntry may have, by Istio's definition of the kind. */
const mostHosts = 256;

/** Hosts of a destination, to those that name their ServiceEntries. */
export interface EntryHosts {
  /** Name of the destination. */
  name: string;
  hosts: readonly string[];
  /** Whether they are called on ports of bytes: Istio takes such for one host of an entry only. @default false */
  apart?: boolean;
}

/** The ServiceEntries of a destination: as few as Istio takes. With ports of bytes each host has one, of its own name. */
export function entriesOf({ name, hosts, apart = false }: EntryHosts): HostEntry[] {
  return apart ? sortedUnique(hosts).map((host) => ({ name: host, hosts: [host] })) : hostEntries(name, hosts);
}

/**
 * The ServiceEntries of a destination that may share them: one, `github.hosts`, and of more hosts than one may have, halves of halves,
 * `github.hosts-01`, each with the hosts whose hash begins with these binary digits: so one host more is one entry's matter.
 */
function hostEntries(destination: string, hosts: readonly string[], digits = ""): HostEntry[] {
  if (hosts.length <= mostHosts) {
    // With a dot, so that it is no gateway's name: each of these has a ServiceEntry, too.
    const name = `${destination}.hosts${digits === "" ? "" : `-${digits}`}`;
    return hosts.length === 0 ? [] : [{ name, hosts: sortedUnique(hosts) }];
  }
  return ["0", "1"].flatMap((digit) => {
    const half = hosts.filter((host) => hashDigits(host)[digits.length] === digit);
    return hostEntries(destination, half, digits + digit);
  });
}

/** Name of the ServiceEntry by which sidecars are told of one of a destination's hosts. */
export function hostEntryName(of: EntryHosts, host: string): string {
  return entriesOf(of).find((entry) => entry.hosts.includes(host))!.name;
}

/** 32 binary digits that tell hosts apart; more than 256 names will not have the same. */
function hashDigits(host: string): string {
  const hash = createHash("sha256").update(host).digest().readUInt32BE();
  return hash.toString(2).padStart(32, "0");
}

/** Whether a listed host is a wildcard: every name below one, of however many labels, and not that name itself. */
export function isWildcard(host: string): boolean {
  return host.startsWith("*.");
}

/** What names below end with, which is no name itself: `.cnn.com` of `*.cnn.com`. */
export function suffixOf(wildcard: string): string {
  return wildcard.slice(1);
}

/** A host and every wildcard that holds it, the nearest first: `www.cnn.com`, `*.cnn.com`, `*.com`. */
export function selfAndWildcards(host: string): string[] {
  const above = selfAndAbove(host).slice(1);
  return [host, ...above.map((name) => `*.${name}`).filter((wildcard) => wildcard !== host)];
}

/** A name of letters, digits, hyphens and dots as it stands in a regular expression. */
export function inRegex(name: string): string {
  return name.replaceAll(".", "[.]");
}
