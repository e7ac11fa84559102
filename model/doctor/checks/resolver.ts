import { Resolving } from "../../config/dns";
import { grantsOf } from "../../grants";
import { resolverName } from "../../ground/dns";
import { haveLabels } from "../../ground/label-selector";
import { isAlive, isReady, ownerName, ownersOf, Pod } from "../pods";
import { LiveObject, Snapshot } from "../snapshot";
import { Check, Found } from "../types";

interface Service extends LiveObject {
  spec: { clusterIP?: string };
}

/** Whether the stack's own resolver answers, and whether the pods ask it that can ask no other. */
export const resolver: Check = {
  name: "resolver",
  promise: "the stack's own resolver, where it has one, is ready, and guarded pods ask it",
  needs: ({ config, gatewayNamespace }) => {
    const { resolving } = grantsOf(config);
    return resolving === undefined
      ? []
      : [
          ...["pods", "services"].map((resource) => ({ resource, namespace: gatewayNamespace })),
          ...resolving.namespaces.flatMap(({ name }) =>
            ["pods", "replicasets.apps", "jobs.batch"].map((resource) => ({ resource, namespace: name })),
          ),
        ];
  },
  run: ({ config, enforced, gatewayNamespace }, snapshot) => {
    const { resolving } = grantsOf(config);
    return resolving === undefined
      ? []
      : [...notReady(resolving, gatewayNamespace, snapshot), ...asking(resolving, enforced, snapshot)];
  },
};

function notReady({ address }: Resolving, namespace: string, snapshot: Snapshot): Found[] {
  const pods = snapshot.of<Pod>("Pod", namespace).filter(({ metadata }) => metadata.labels?.app === resolverName);
  const ready = pods.filter((pod) => isAlive(pod) && isReady(pod));
  const service = snapshot.of<Service>("Service", namespace).find(({ metadata }) => metadata.name === resolverName);
  const commands = [`kubectl describe pods --namespace ${namespace} --selector app=${resolverName}`];
  if (ready.length === 0) {
    return [
      {
        severity: "breaks-workload",
        object: `Deployment ${namespace}/${resolverName}`,
        problem: "The resolver that guarded pods ask has no ready pod: they find no name, and none of them starts.",
        evidence: [`${pods.length} pods with the label app=${resolverName}, none of them ready`],
        fix: "See why its pods are not ready; `pulumi up` makes it if it is not there.",
        commands,
      },
    ];
  }
  return [
    ...(service?.spec.clusterIP === address
      ? []
      : [
          {
            severity: "breaks-workload" as const,
            object: `Service ${namespace}/${resolverName}`,
            problem: `Guarded pods ask ${address}, and the resolver's Service has another address, or is not there: they find no name.`,
            evidence: [`clusterIP ${service?.spec.clusterIP ?? "of no Service"}`],
            fix: "Apply the stack; a Service of another's that has this address needs another one, or the stack does.",
            commands: [`kubectl get services --all-namespaces --field-selector spec.clusterIP=${address}`],
          },
        ]),
    ...(ready.length > 1
      ? []
      : [
          {
            severity: "warning" as const,
            object: `Deployment ${namespace}/${resolverName}`,
            problem: "Only one pod of the resolver is ready: without it guarded pods find no name.",
            evidence: [`ready: ${ready[0]!.metadata.name}`],
            fix: "See why the others are not.",
            commands,
          },
        ]),
  ];
}

/** Pods that ask another resolver, which policies keep them from, or will. */
function asking({ address, namespaces }: Resolving, enforced: string[], snapshot: Snapshot): Found[] {
  return namespaces.flatMap(({ name, except }) => {
    const others = snapshot
      .of<Pod>("Pod", name)
      .filter((pod) => isAlive(pod) && pod.spec.hostNetwork !== true)
      .filter(({ metadata }) => !except.some(({ selector }) => haveLabels(metadata.labels, selector)))
      .filter(
        ({ spec }) =>
          spec.dnsPolicy !== "None" || spec.dnsConfig?.nameservers?.some((each) => each !== address) !== false,
      );
    return ownersOf(others, snapshot).map((owner): Found => {
      const { dnsPolicy, dnsConfig } = owner.pods[0]!.spec;
      const isWalled = enforced.includes(name);
      return {
        severity: isWalled ? "breaks-workload" : "warning",
        object: ownerName(owner),
        problem: `Its pods do not ask the stack's resolver, ${address}, and ${isWalled ? "reach no other: they find no name" : "will reach no other with guard: enforce"}.`,
        evidence: [`dnsPolicy ${dnsPolicy}, nameservers ${dnsConfig?.nameservers?.join(", ") ?? "the cluster's"}`],
        fix: "Restart them where the stack's mesh injects them, which tells them; in a mesh of somebody else's their owners write dnsPolicy: None and dnsConfig into their pods, as egress check says.",
        commands: [],
      };
    });
  });
}
