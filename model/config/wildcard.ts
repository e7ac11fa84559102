import { getDomain, parse } from "tldts";
import { isBelow } from "../ground/hosts";
import { checkName, NameCheck } from "./host-name";
import { echoes } from "./unreachable";

/** Whether a text means to be a wildcard: no host has a `*` in its name. */
export function hasStar(text: string): boolean {
  return text.includes("*");
}

const asIn = "as in *.cnn.com";

/** Whether a text in lower case is a wildcard as an allowlist takes it: `*.` and a domain that belongs to somebody. */
export function checkWildcard(text: string): NameCheck {
  const domain = text.replace(/^(\*+\.)+/, "");
  if (/^[*.]+$/.test(text)) {
    return { problem: "A * would be every host there is", advice: `write the domain whose names are meant, ${asIn}` };
  }
  if (hasStar(domain)) {
    return {
      problem: `A * stands for whole labels, at the beginning of a name only: ${misplaced(domain)}`,
      advice: `write the names one by one, or the domain whose names are all meant, ${asIn}`,
    };
  }
  const check = domain.includes(".") ? checkName(domain) : { host: domain };
  if ("problem" in check) {
    return check;
  }
  const open = whoseNames(domain);
  if (open !== undefined) {
    return {
      problem: `Names below ${domain} ${open}`,
      advice: isEcho(domain)
        ? "write the names one by one"
        : `write the domains that are meant, as *.example.${domain}, or the names one by one`,
    };
  }
  const wildcard = `*.${domain}`;
  return text === wildcard
    ? { host: wildcard }
    : { problem: "One *. holds names of one label and of more", advice: `write "${wildcard}"` };
}

function misplaced(domain: string): string {
  return /^\*[^.]/.test(domain)
    ? `${domain} would hold evil${domain.replace(/^\*+/, "")} as well`
    : "what comes before it is anybody's";
}

/** Whether names below a domain lead to addresses that stand in them: such a service reads them at any place in a name. */
function isEcho(domain: string): boolean {
  return echoes.some((echo) => domain === echo || isBelow(domain, echo));
}

/** Why names below a domain are no one owner's, as the end of a sentence; undefined where they are. */
function whoseNames(domain: string): string | undefined {
  if (isEcho(domain)) {
    return "stand for whatever address the caller likes";
  }
  const { publicSuffix, isIcann } = parse(domain, { allowPrivateDomains: true });
  if (publicSuffix === domain && isIcann) {
    return "belong to whoever registers one: it is a public suffix";
  }
  return domain.includes(".") ? undefined : "are those of a whole top-level domain";
}

/**
 * Whether names below a wildcard's domain are given to the customers of a service, as those below `github.io` are: the
 * second part of the public suffix list.
 */
export function isShared(wildcard: string): boolean {
  const domain = wildcard.slice(2);
  return getDomain(domain, { allowPrivateDomains: true }) === null;
}
