import { z } from "zod";
import { listNames } from "../../ground/suggest";
import { ownRanges, reportUnknownRanges } from "../own-ranges";
import { configPath } from "../problem";
import { Report } from "../shape";
import { normalRanges, ownRangeProblems, privateRangeProblems } from "./private-ranges";
import { Around, Trait } from "./trait";
import { reportWildcard } from "./whole-names";

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

function read(written: string[], around: Around, report: Report): string[] {
  const { destination, connects, cluster } = around;
  const at = (...place: number[]) => configPath("destinations", destination, "private", ...place);
  if (!connects) {
    report({
      path: at(),
      value: written,
      problem: "Gateways hold a host to ranges of its own by an EnvoyFilter, and this mesh takes none",
      fix: `remove it; what has private addresses goes under ${configPath("outside")}`,
    });
  }
  reportWildcard("private", "Ranges are for hosts that are listed by their whole names", around, report);
  reportUnknownRanges(at(), cluster, report);
  const own = ownRanges(cluster);
  written.forEach((text, index) => {
    const found = privateRangeProblems(text);
    (found.length > 0 ? found : ownRangeProblems(text, own)).forEach((problem) =>
      report({ path: at(index), ...problem }),
    );
  });
  return normalRanges(written);
}
