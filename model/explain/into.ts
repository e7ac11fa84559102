import { ingressPath, ingressPolicies } from "../callers";
import { isClosed } from "../config/ingress";
import { checkLabelName } from "../config/kubernetes-names";
import { openIn } from "../config/adoption";
import { NamespaceConfig, StackConfig } from "../config/types";
import { IngressSource, sourceText } from "../ground/ingress";
import { namespaceOf, serviceOfHost } from "../ground/names";
import { namespaceNamed } from "./around";
import { Call } from "./call";
import { Explanation, Step, Suggestion } from "./types";

/**
 * Whether pods of a namespace that the stack does not guard may call those behind a Service of a guarded one.
 *
 * @param from `namespace/workload`, or `namespace/*`
 * @returns undefined where the caller is the stack's, or what is called is not
 */
export function explainInto(config: StackConfig, from: string, call: Call): Explanation | undefined {
  const service = serviceOfHost(call.host);
  const home = namespaceOf(from);
  const called = service === undefined ? undefined : namespaceNamed(config, service.namespace);
  const isForeign = checkLabelName(home) === undefined && from.includes("/") && home !== config.gateway.namespace;
  if (called === undefined || !isForeign || namespaceNamed(config, home) !== undefined) {
    return undefined;
  }
  const path = ingressPath(called.name);
  if (!isClosed(called)) {
    const because =
      openIn(called) ?? `${path} says nothing, and whoever reaches the pods of ${called.name} may call them`;
    return { ...call, from, allowed: true, because, way: [anybody(called), identity(called)] };
  }
  const sources = called.ingress?.from ?? [];
  const own = sources.filter(({ namespace }) => namespace === home);
  if (own.length > 0) {
    const because = `${path}.from lets in ${own.map(sourceText).join("; ")}`;
    return { ...call, from, allowed: true, because, way: [letIn(called, own), identity(called)] };
  }
  return {
    ...call,
    from,
    allowed: false,
    refusal: "ingress",
    because: `${path} lets in ${sources.length === 0 ? "guarded namespaces only" : `guarded namespaces, and ${sources.map(sourceText).join("; ")}`}`,
    way: [
      {
        at: `the pods of ${called.name}`,
        what: "take no connection from there: it ends without an answer",
        by: ingressPolicies(called),
      },
    ],
    suggestion: addSource(called, home),
  };
}

function anybody({ name }: NamespaceConfig): Step {
  return { at: `the pods of ${name}`, what: "take connections from whoever reaches them", by: [] };
}

function letIn({ name }: NamespaceConfig, sources: IngressSource[]): Step {
  const some = sources.every(({ selector }) => selector !== undefined) ? " that have these labels" : "";
  const ports = sources.every(({ ports }) => ports !== undefined) ? ", on the ports of the pods that are named" : "";
  return {
    at: `the pods of ${name}`,
    what: `take connections from pods of the namespace${some}${ports}`,
    by: [`NetworkPolicy/${name}/ingress-from-others`],
  };
}

function identity({ name }: NamespaceConfig): Step {
  return {
    at: `the sidecar of a pod of ${name}`,
    what: "asks the caller for an identity of the mesh, but on its own ports 15020, 15021 and 15090; a pod without a sidecar asks nobody",
    by: [],
  };
}

function addSource({ name, ingress }: NamespaceConfig, namespace: string): Suggestion {
  return {
    add: { namespaces: { [name]: { ingress: { from: [...(ingress?.from ?? []), { namespace }] } } } },
    beware: `every pod of ${namespace} may call every pod of ${name} then, on every port: labels and ports of theirs make it less`,
  };
}
