import { isWildcard } from "../../ground/hosts";
import { host, listOf, onlyOf, optional, wildcard } from "../check";
import { Need } from "./need";

/** A wildcard, as the gateway that forwards to names below it knows it. */
export interface Wildcard {
  /** As `*.cnn.com`. */
  host: string;
  /** Names below that are not meant; `*.` for all below. @default [] */
  except?: string[];
}

export interface NeedsWildcards {
  /**
   * The wildcards of the destinations behind it. Over TLS it forwards to names below these, and to no others below any, and
   * the destinations' policies say to whom.
   * @default []
   * @example [{ host: "*.cnn.com", except: ["admin.cnn.com"] }]
   */
  wildcards?: Wildcard[];
}

/** Wildcards: over TLS it is the gateway that holds the application's own name to them. */
export const wildcards: Need<Wildcard[]> = {
  check: listOf(onlyOf({ host: wildcard, except: optional(listOf(host)) })),
  needs: (granted, grants) =>
    granted.flatMap(({ name, hosts }) => {
      const except = [...grants.excepted(name)];
      return hosts
        .filter(isWildcard)
        .map((each) => (except.length === 0 ? { host: each } : { host: each, except: [...except] }));
    }),
  // A wildcard that is not told is found with all else that is wrong with it, by `unknownWildcard`.
  asked: {},
};

/** What a gateway was not told of a wildcard: it would refuse names below it, or let pass what is excepted. */
export function unknownWildcard(
  { wildcards: told = [] }: NeedsWildcards,
  listed: string,
  except: readonly string[] = [],
): string | undefined {
  const known = told.find((each) => each.host === listed);
  const missing = known === undefined ? [] : except.filter((name) => !(known.except ?? []).includes(name));
  return known === undefined
    ? `the gateway does not know of it: give its wildcards { host: "${listed}"${except.length === 0 ? "" : ", except"} }`
    : missing.length === 0
      ? undefined
      : `the gateway does not except ${missing.join(", ")}: give its wildcards the same except`;
}
