import { asRange, formatCidr, overlap, parseCidr } from "../ground/cidr";
import { IngressSource } from "../ground/ingress";
import { listNames } from "../ground/suggest";
import { openIn } from "./adoption";
import { checkLabel, checkLabelName, NameProblem } from "./kubernetes-names";
import { configPath, ConfigProblem } from "./problem";
import { unalignedProblem } from "./range";
import { NamespaceConfig, StackConfig } from "./types";

/** Something that is wrong with a source, and where in it. */
export interface SourceProblem extends NameProblem {
  at: (string | number)[];
  value?: unknown;
}

/** What a source is held against. */
export interface SourceContext {
  /** Guarded namespaces, which call each other without this. */
  guarded: ReadonlySet<string>;
  /** Nothing in it opens connections to workloads. */
  gatewayNamespace: string | undefined;
  /** What is known of the cluster's own nodes, pods and Services. @default nothing */
  own?: readonly { path: string; range: NonNullable<ReturnType<typeof parseCidr>> }[];
}

/** The widest range that may be let in at all. */
const shortestPrefix = 8;

/** The widest one of the cluster's own: an API server's addresses, and no node pool's. */
const shortestOwnPrefix = 28;

/** What is wrong with a source, by itself and beside the rest: the same for a configuration and for a program. */
export function sourceProblems(source: IngressSource, context: SourceContext): SourceProblem[] {
  const { namespace, selector, addresses, reason } = source;
  if ((namespace === undefined) === (addresses === undefined)) {
    return [
      {
        at: [],
        value: source,
        problem:
          namespace === undefined ? "Says of nobody who may call" : "Pods have a namespace, and others addresses",
        allowed: "{namespace: monitoring}, with a selector and ports; or {addresses: [10.128.9.0/28], reason: …}",
        fix: namespace === undefined ? "write the callers' namespace" : "make two entries of it",
      },
    ];
  }
  return [
    ...(namespace === undefined ? [] : namespaceProblems(namespace, context)),
    ...(selector === undefined ? [] : selectorProblems(selector, namespace)),
    ...(addresses ?? []).flatMap((text, index) =>
      addressProblems(text, context).map((problem) => ({ at: ["addresses", index], value: text, ...problem })),
    ),
    ...(addresses !== undefined && reason === undefined
      ? [
          {
            at: ["reason"],
            problem: "Required, but missing: of addresses no identity is known",
            allowed: "a text, as health checks of the load balancer",
          },
        ]
      : []),
  ];
}

function namespaceProblems(namespace: string, { guarded, gatewayNamespace }: SourceContext): SourceProblem[] {
  const problem =
    checkLabelName(namespace) ??
    (guarded.has(namespace)
      ? { problem: "Namespaces of the stack reach each other without this", fix: "remove the entry" }
      : namespace === gatewayNamespace
        ? { problem: "The gateways call nobody in the cluster", fix: "remove the entry" }
        : undefined);
  return problem === undefined ? [] : [{ at: ["namespace"], value: namespace, ...problem }];
}

function selectorProblems(selector: Record<string, string>, namespace: string | undefined): SourceProblem[] {
  const labels = Object.entries(selector);
  if (namespace === undefined || labels.length === 0) {
    return [
      {
        at: ["selector"],
        value: selector,
        problem:
          namespace === undefined ? "Addresses have no labels" : "Without a label it is every pod of the namespace",
        fix: "remove the selector",
      },
    ];
  }
  return labels.flatMap(([key, value]) => {
    const problem = checkLabel(key, value);
    return problem === undefined ? [] : [{ at: ["selector", key], value, ...problem }];
  });
}

function addressProblems(text: string, { own = [] }: SourceContext): NameProblem[] {
  const range = parseCidr(asRange(text));
  if (range === undefined) {
    return [{ problem: "Not a range of IPv4 addresses", allowed: "CIDR notation, as 10.128.9.0/28, or an address" }];
  }
  const unaligned = unalignedProblem(text, range);
  if (unaligned !== undefined) {
    return [{ problem: unaligned.problem, fix: unaligned.fix }];
  }
  if (range.prefix < shortestPrefix) {
    const problem = `Too wide: ${range.size.toLocaleString("en")} addresses could pull data out`;
    return [{ problem, allowed: `/${shortestPrefix} or smaller`, fix: "name the callers' own addresses" }];
  }
  const inside = own.find((each) => overlap(each.range, range));
  return inside === undefined || range.prefix >= shortestOwnPrefix
    ? []
    : [
        {
          problem:
            `Holds addresses of the cluster itself: ${inside.path} is ${formatCidr(inside.range)}. ` +
            "Pods that nobody guards come from there",
          allowed: `pods by their namespace; of the cluster's own addresses /${shortestOwnPrefix} or smaller, as an API server's`,
          fix: "name the namespace of the pods that call",
        },
      ];
}

/** Whether NetworkPolicies keep others from opening connections to a namespace's pods. */
export function isClosed(namespace: NamespaceConfig): boolean {
  return namespace.ingress !== undefined && openIn(namespace) === undefined;
}

/** One warning for all namespaces whose pods anybody may call: data is pulled out of them as well as sent. */
export function ingressWarnings({ namespaces }: Pick<StackConfig, "namespaces">): ConfigProblem[] {
  const open = namespaces.filter(({ ingress }) => ingress === undefined).map(({ name }) => name);
  return open.length === 0
    ? []
    : [
        {
          path: configPath("namespaces"),
          problem:
            `Whoever reaches the cluster's pods may open connections to those of ${listNames(open)!}, and pull data out of them: ` +
            "from pods that nobody guards, by a NodePort, by a load balancer",
          fix: "write ingress: {} for each, with whoever else calls it under from; egress doctor lists what that would cut",
        },
      ];
}
