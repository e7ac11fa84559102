import { domainToASCII } from "node:url";
import { asRange, isPrivate, parseCidr } from "../ground/cidr";
import { defaultPort, Protocol, protocolOfScheme, protocols } from "../ground/protocols";
import { checkPort, portText, PortText } from "../ground/ports";
import { checkName, isAddress } from "./host-name";
import { configPath } from "./problem";
import { checkWildcard, hasStar } from "./wildcard";

/** What is wrong with a host as it is written. */
export interface HostProblem {
  /** As a sentence without a full stop. */
  problem: string;
  /** The name in it, as an allowlist takes it; absent where there is none that would do. */
  name?: string;
  /** How the name would be called; absent where neither scheme nor port say so. */
  called?: Called;
  /** The address that stands in the place of a name; absent where there is none. */
  address?: string;
  /** What to do about it where there is no such name, in words; absent where there is nothing to be done. */
  advice?: string;
}

/** How a host would be called, by a scheme, a port or both. */
export interface Called {
  /** The protocols on their own ports that this may mean. */
  protocols: Protocol[];
  /** The other port that this means; absent where no destination could have it. */
  port?: PortText;
  /** In words, as `port 587`. */
  way: string;
}

export type HostCheck = { host: string } | HostProblem;

/**
 * The host name, or the wildcard, in lower case, or why it cannot be one of an allowlist.
 * Only upper case is put right silently: it changes no meaning, as anything else might.
 */
export function checkHost(written: string): HostCheck {
  const text = written.toLowerCase();
  const parts = partsOf(text.trim());
  if (text.trim() === "") {
    return { problem: "A host name is not empty", advice: "write the name, or remove it" };
  }
  // The whole text too: an IPv6 address has colons that no port stands behind.
  if (isAddress(parts.name) || isAddress(text)) {
    return { ...addressProblem(parts.name), ...(parts.port === undefined ? {} : { called: calledBy(parts) }) };
  }
  const form = formProblem(text, parts);
  const name = hasStar(parts.name) ? checkWildcard(parts.name) : checkName(parts.name);
  if (form === undefined) {
    return name;
  }
  const called = parts.scheme || parts.port ? { called: calledBy(parts) } : {};
  return { problem: form, ...("host" in name ? { name: name.host } : { advice: name.advice }), ...called };
}

function addressProblem(address: string): HostProblem {
  const range = parseCidr(asRange(address));
  const byName = "write the name under which the address is called";
  return {
    problem: "An IP address is not a host: rules are checked against names",
    address,
    advice:
      range !== undefined && isPrivate(range)
        ? `${byName}; what has a private address and no public name goes under ${configPath("outside")}`
        : byName,
  };
}

/** A name and what is written around it. */
interface Parts {
  /** In ASCII, without final dots. */
  name: string;
  /** What stands before `//`, which may be nothing; undefined where there is no such thing. */
  scheme?: string;
  /** What stands behind the name and a colon. */
  port?: string;
  path: boolean;
  user: boolean;
}

function partsOf(text: string): Parts {
  const [, scheme, rest = text] = /^(?:([^/?#]*?):)?\/\/(.*)$/s.exec(text) ?? [];
  const authority = rest.replace(/[/?#].*$/s, "");
  const place = authority.replace(/^.*@/s, "");
  const [, name = place, port] = /^(\[.*\]|[^:]*):([^:]*)$/.exec(place) ?? [];
  const isUrl = rest !== text;
  return {
    name: (/^[\x20-\x7e]*$/.test(name) ? name : domainToASCII(name)).replace(/\.+$/, ""),
    ...(isUrl ? { scheme: scheme ?? "" } : {}),
    ...(port === undefined || port === "" ? {} : { port }),
    path: authority !== rest,
    user: place !== authority,
  };
}

/** What is written around the name or in another way than it should be, the outermost first; undefined for nothing. */
function formProblem(text: string, { name, scheme, path, port, user }: Parts): string | undefined {
  if (scheme !== undefined) {
    return "A host is a name, not a URL: it has no scheme";
  }
  if (path) {
    return "A host has no path: rules hold for a whole host";
  }
  if (user) {
    return "A host has no user name";
  }
  if (port !== undefined || text.endsWith(":")) {
    return "A host has no port of its own: http means 80 and https means 443, and others stand under ports";
  }
  if (/\s/.test(text)) {
    return "A host name holds no blank";
  }
  if (/[^\x20-\x7e]/.test(text)) {
    return "A host name is written in ASCII";
  }
  return text === name ? undefined : "A host ends without a dot";
}

function calledBy({ scheme = "", port }: Parts): Called {
  const fits = (protocol: Protocol) =>
    (scheme === "" || protocolOfScheme(scheme) === protocol) &&
    (port === undefined || port === `${defaultPort(protocol)}`);
  const words = [...(scheme === "" ? [] : [scheme]), ...(port === undefined ? [] : [`port ${port}`])];
  const fitting = protocols.filter(fits);
  const other =
    fitting.length > 0 || port === undefined ? undefined : checkPort(`${port}/${protocolOfScheme(scheme) ?? "tcp"}`);
  return {
    protocols: fitting,
    ...(other !== undefined && "port" in other ? { port: portText(other.port) } : {}),
    way: words.join(" to "),
  };
}
