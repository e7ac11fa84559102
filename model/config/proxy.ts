import { checkHost } from "./host";
import { privateRangeProblems, PrivateRangeProblem } from "./private";

/** An outside proxy, by its name and port, and where that name may lead. */
export interface ProxyConfig {
  /** `proxy.corp.example:3128` */
  proxy: string;
  /** Private ranges that the proxy's name leads into, in CIDR notation, sorted. @default public addresses only */
  private?: string[];
}

/** What is wrong with a proxy, and where: the same for one of the configuration and for one of a program. */
export interface ProxyProblem extends Omit<PrivateRangeProblem, "fix"> {
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
  const place: ProxyProblem[] =
    port < 1 || port > 65535
      ? [
          {
            at,
            value: shown(proxy),
            problem: "Not the name and port of a proxy",
            allowed: form,
            fix: "write both, without a scheme",
          },
        ]
      : "problem" in check
        ? [
            {
              at,
              value: shown(proxy),
              problem: check.problem,
              allowed: form,
              fix: "write the proxy's name and port, and nothing else",
            },
          ]
        : check.host !== host || host.startsWith("*")
          ? [
              {
                at,
                value: shown(proxy),
                problem: "Not the whole name of a proxy, in lower case",
                allowed: form,
                fix: `write the name of one proxy`,
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
