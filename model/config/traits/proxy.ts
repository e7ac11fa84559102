import { z } from "zod";
import { checkHost } from "../host";
import { ownRanges, reportUnknownRanges } from "../own-ranges";
import { configPath } from "../problem";
import { RangeProblem } from "../range";
import { Report } from "../shape";
import { normalRanges, ownRangeProblems, privateRangeProblems } from "./private-ranges";
import { Around, Trait } from "./trait";
import { reportWildcard } from "./whole-names";

/** An outside proxy, through which a destination's hosts are reached by CONNECT. */

export interface ProxySaid {
  /**
   * The outside proxy that the gateway reaches the hosts through, by CONNECT, and the private ranges that the proxy is in, if
   * any. `protocols` are `["https"]` beside it unless they are said, and never http.
   * @default the gateway connects to the hosts itself
   * @example { proxy: "proxy.corp.example:3128" }
   */
  via?: ProxyConfig;
}

/** An outside proxy, by its name and port, and where that name may lead. */
export interface ProxyConfig {
  /** `proxy.corp.example:3128` */
  proxy: string;
  /** Private ranges that the proxy's name leads into, in CIDR notation, sorted. @default public addresses only */
  private?: string[];
}

export interface ProxyTold {
  /** The outside proxy that the hosts are reached through: absent where the gateway connects to them itself. */
  proxy?: string;
}

export const proxy: Trait<ProxyConfig, ProxyTold, ProxyConfig> = {
  key: "via",
  about: "hosts",
  schema: z
    .strictObject({
      /** Name and port of the proxy, as `proxy.corp.example:3128`. */
      proxy: z.string().min(1).describe("NAME:PORT, as proxy.corp.example:3128"),
      /** Private ranges that the proxy's name leads into, in CIDR notation, sorted. @default public addresses only */
      private: z.array(z.string()).min(1).optional(),
    })
    .describe("{proxy: NAME:PORT}, as {proxy: proxy.corp.example:3128}"),
  besideAddresses: "A proxy is asked for names, which it looks up",
  speaks: { protocols: ["https"] },
  reachesInside: true,
  noHttp: true,
  opensNoTls: "through a proxy goes the application's own TLS",
  untimed: {
    connect: "The proxy connects to the host, and how long it waits for that is the proxy's own",
    request: "Through a proxy a gateway sees bytes, and no requests",
  },
  read,
  opens: ({ private: ranges }) => ranges,
  dials: ({ proxy }) => proxyPlace(proxy).port,
  facts: {
    proxy: {
      of: ({ proxy }) => proxy,
      label: "through the proxy",
      risks: (before, after) =>
        before === after
          ? []
          : [`through the proxy ${after}: it sees who is called, and decides where each name leads`],
      report: {
        schema: z.string(),
        describe: "The outside proxy that the hosts are reached through; null where there is none",
        line: (proxy) => `through the proxy ${proxy}`,
      },
    },
  },
  onEdge: ({ proxy }) => [`the proxy ${proxy}`],
  way: {
    because: ({ proxy }) => `; it is reached through the proxy ${proxy}`,
    instead: ({ proxy }, place) =>
      `asks the proxy ${proxy} for ${place} by CONNECT: the proxy looks the name up, and connects, or refuses`,
  },
};

function read(written: ProxyConfig, around: Around, report: Report): ProxyConfig {
  const { destination, spoken, sound, connects, cluster } = around;
  const at = (...place: (string | number)[]) => configPath("destinations", destination, "via", ...place);
  if (!connects) {
    report({
      path: at(),
      problem: "Gateways ask a proxy by an EnvoyFilter, and this mesh takes none",
      fix: "remove it, and keep what is called through a proxy in a mesh that takes EnvoyFilters",
    });
  }
  // What originate says by itself of the protocols is its own problem, below.
  if (spoken.includes("http") && (sound.protocols !== undefined || sound.originate === undefined)) {
    report({
      path: configPath("destinations", destination, "protocols"),
      value: spoken,
      problem: "Through a proxy goes what is asked of it by CONNECT: TLS, and other ports as bytes, and not plain http",
      allowed: "protocols: [https], and ports",
      fix: "write protocols: [https]",
    });
  }
  for (const [key, problem] of Object.entries(notBeside)) {
    if (sound[key] !== undefined) {
      report({ path: configPath("destinations", destination, key), ...problem });
    }
  }
  reportWildcard("via", "A proxy is for hosts that are listed by their whole names", around, report);
  const { proxy, private: ranges } = written;
  if (ranges !== undefined) {
    reportUnknownRanges(at("private"), cluster, report);
  }
  const found = proxyProblems(written);
  const own = ownRanges(cluster);
  const inCluster = (found.length > 0 ? [] : (ranges ?? [])).flatMap((range, index) =>
    ownRangeProblems(range, own).map((problem) => ({ at: ["private", index], ...problem })),
  );
  [...found, ...inCluster].forEach(({ at: place, ...problem }) => report({ path: at(...place), ...problem }));
  return { proxy, ...(ranges === undefined ? {} : { private: normalRanges(ranges) }) };
}

/** What a destination cannot say beside it, and why. */
const notBeside: Record<string, { problem: string; fix: string }> = {
  originate: {
    problem: "A gateway that opens TLS connects to the host itself, and to no proxy",
    fix: "remove one of the two",
  },
  private: {
    problem: "The proxy looks the names up, and nobody else sees where they lead",
    fix: "remove it; where the proxy is, via: {private: […]} says",
  },
};

/** What is wrong with a proxy, and where: the same for one of the configuration and for one of a program. */
export interface ProxyProblem extends Omit<RangeProblem, "fix"> {
  at: (string | number)[];
  fix?: string;
}

/** The proxy's name and port. */
export function proxyPlace(proxy: string): { host: string; port: number } {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(proxy) ?? [];
  return { host, port: Number(port) };
}

export function proxyProblems({ proxy, private: ranges = [] }: ProxyConfig): ProxyProblem[] {
  const form = "NAME:PORT, as proxy.corp.example:3128";
  const { host, port } = proxyPlace(proxy);
  const check = checkHost(host);
  const at = ["proxy"];
  const [, bare = ""] = /^(?:[a-z]+:\/\/)?(?:[^/@]*@)?([^/@:]+:\d+)\/?$/i.exec(proxy) ?? [];
  const mended = bare.toLowerCase();
  const fixed = bare !== "" && mended !== proxy && proxyProblems({ proxy: mended }).length === 0;
  const password = proxy.includes("@") ? "; a proxy that asks for a password is not supported" : "";
  const place: ProxyProblem[] =
    port < 1 || port > 65535
      ? [
          {
            at,
            value: shown(proxy),
            problem: "Not the name and port of a proxy",
            allowed: form,
            fix:
              port === 0 && /:\d+$/.test(proxy) ? "write the port that it listens on" : "write both, without a scheme",
          },
        ]
      : "problem" in check
        ? [
            {
              at,
              value: shown(proxy),
              problem: /^[a-z0-9.-]+:\d+:\d+$/i.test(proxy) ? "Not the name and one port of a proxy" : check.problem,
              allowed: form,
              fix: fixed ? `write "${mended}"${password}` : "write the proxy's name and port, and nothing else",
            },
          ]
        : check.host !== host || host.startsWith("*")
          ? [
              {
                at,
                value: shown(proxy),
                problem: "Not the whole name of a proxy, in lower case",
                allowed: form,
                fix: fixed ? `write "${mended}"` : "write the whole name of one proxy",
              },
            ]
          : [];
  return [
    ...place,
    ...ranges.flatMap((range, index) =>
      privateRangeProblems(range).map((problem) => ({ at: ["private", index], ...problem })),
    ),
  ];
}

/** Without what may be a password: a proxy takes none here. */
function shown(proxy: string): string {
  return proxy.replace(/^.*@/, "…@");
}
