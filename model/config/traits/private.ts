import { z } from "zod";
import { isWildcard } from "../../ground/hosts";
import { present } from "../../ground/objects";
import { listNames } from "../../ground/suggest";
import { ownRanges, reportUnknownRanges } from "../own-ranges";
import { configPath } from "../problem";
import { Report } from "../shape";
import { normalRanges, ownRangeProblems, privateRangeProblems } from "./private-ranges";
import { Around, Trait } from "./trait";

/** Names of a private network: where a destination's hosts lead, and nowhere else. */

export interface PrivateSaid {
  /**
   * Private ranges, in CIDR notation, sorted, that the hosts lead into, and nowhere else; none that hold addresses of the
   * cluster.
   * @default they lead to public addresses, and nowhere else
   * @example ["10.20.0.0/16"]
   */
  private?: string[];
}

export interface PrivateTold {
  /** Private ranges that the hosts lead into: absent where they lead to public addresses. */
  private?: string[];
}

export const privateTrait: Trait<string[], PrivateTold, string[]> = {
  key: "private",
  about: "hosts",
  schema: z.array(z.string()).min(1),
  besideAddresses: "Addresses are what they are: private ones are listed among them",
  reachesInside: true,
  read,
  opens: (ranges) => ranges,
  holdsTo: (ranges) => ranges,
  facts: {
    private: {
      of: (ranges) => ranges,
      label: "leads into",
      unsaid: "public addresses",
      risks: (before, after) =>
        before === undefined || after.some((range) => !before.includes(range))
          ? [
              `into ${before === undefined ? "" : "more of "}a private network, ${after.join(", ")}: ` +
                "whoever makes these names decides which of its addresses they are",
            ]
          : [],
      gone: "led into private ranges only before, and is held to them no longer",
      report: {
        schema: z.array(z.string()),
        describe: "Private ranges that the hosts lead into; null for the internet",
        line: (ranges) => `in private ranges: ${ranges.join(", ")}`,
      },
    },
  },
  onEdge: (ranges) => ranges,
  way: {
    because: (ranges) => `; it leads into ${listNames(ranges)}, and is refused wherever else it leads`,
    onlyIf: (ranges) => `, goes on only if that leads into ${listNames(ranges)}`,
  },
};

function read(written: string[], { destination, hosts, connects, cluster }: Around, report: Report): string[] {
  const at = (...place: number[]) => configPath("destinations", destination, "private", ...place);
  if (!connects) {
    report({
      path: at(),
      value: written,
      problem: "Gateways hold a host to ranges of its own by an EnvoyFilter, and this mesh takes none",
      fix: `remove it; what has private addresses goes under ${configPath("outside")}`,
    });
  }
  const wildcard = hosts.find(isWildcard);
  if (wildcard !== undefined) {
    report({
      path: at(),
      value: wildcard,
      problem: "Ranges are for hosts that are listed by their whole names",
      fix: "list the names that are called in the place of the wildcard, or remove private",
    });
  }
  reportUnknownRanges(at(), cluster, report);
  const own = ownRanges(cluster);
  written.forEach((text, index) => {
    const found = privateRangeProblems(text);
    (found.length > 0 ? found : ownRangeProblems(text, own)).forEach((problem) =>
      report({ path: at(index), ...problem }),
    );
  });
  return normalRanges(present(written));
}
