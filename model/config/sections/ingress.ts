import { asRange } from "../../ground/cidr";
import { Ingress, IngressSource } from "../../ground/ingress";
import { sortedBy, sortedNumbers, sortedUnique } from "../../ground/order";
import { sourceProblems } from "../ingress";
import { ownRanges } from "../own-ranges";
import { configPath } from "../problem";
import { ingressSourceSchema } from "../schema";
import { readFields, Report } from "../shape";
import { ClusterConfig, NamespaceConfig } from "../types";

interface Context {
  guarded: ReadonlySet<string>;
  gatewayNamespace: string;
  cluster: ClusterConfig;
}

/** Who may open connections to a namespace's pods; nothing where it is not said. */
export function readIngress(
  namespace: string,
  written: { from: unknown[] } | undefined,
  { cluster, ...context }: Context,
  report: Report,
): Pick<NamespaceConfig, "ingress"> {
  if (written === undefined) {
    return {};
  }
  const controlPlane = configPath("cluster", "network", "controlPlane");
  const own = ownRanges(cluster).filter(({ path }) => path !== controlPlane);
  const from = written.from.flatMap((value, index): IngressSource[] => {
    const at = [namespace, "ingress", "from", index];
    const { whole } = readFields(ingressSourceSchema, value, ["namespaces", ...at], report);
    if (whole === undefined) {
      return [];
    }
    for (const { at: inside, ...problem } of sourceProblems(whole, { ...context, own })) {
      report({ path: configPath("namespaces", ...at, ...inside), ...problem });
    }
    return [normal(whole)];
  });
  const ingress: Ingress = { from: sortedBy(from, (source) => JSON.stringify(source)) };
  return { ingress };
}

/** A source in the one form in which it is compared and planned, whatever the order in the file. */
function normal({ namespace, selector, addresses, ports, reason }: IngressSource): IngressSource {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(selector === undefined
      ? {}
      : { selector: Object.fromEntries(sortedBy(Object.entries(selector), ([key]) => key)) }),
    ...(addresses === undefined ? {} : { addresses: sortedUnique(addresses.map(asRange)) }),
    ...(ports === undefined ? {} : { ports: sortedNumbers(ports) }),
    ...(reason === undefined ? {} : { reason }),
  };
}
