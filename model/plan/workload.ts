import { Manifest } from "../ground/manifest";
import { sortedBy } from "../ground/order";
import { PodDns, podDns, podDnsProblems } from "../ground/dns";
import { fieldsOf } from "../ground/objects";
import { podProblems } from "../ground/pods/form";
import { bypassAnnotation, bypassRanges, proxyConfigAnnotation, withDnsCapture } from "../ground/pods/proxy-config";
import { podTemplate } from "../ground/pods/template";
import { MadeArgs, WorkloadArgs } from "./args";
import { workloadChecks } from "./arguments/workloads";
import { ArgumentError, requireArguments } from "./check";
import { appLabels, sortManifests } from "./metadata";
import { planWaysBeside } from "./outside";
import { planSidecar } from "./sidecar";

/**
 * The Sidecar of a workload, which knows exactly the hosts that it is granted, and the way of its pods to services beside
 * the mesh; and, of a workload that is made here, its Deployment and Service, under a ServiceAccount of its own, which is
 * the identity that policies grant hosts to.
 *
 * @throws ArgumentError for what could mean another thing than it says, and for pods that would get round the guard
 */
export function planWorkload(args: WorkloadArgs): Manifest[] {
  requireArguments(`The workload ${args.name}`, args, workloadChecks);
  const { name, namespace, made, beside = [] } = args;
  const selector = selectorOf(args);
  return sortManifests([
    sidecarOfWorkload(args),
    ...(beside.length === 0 ? [] : planWaysBeside({ name, namespace, selector, services: beside })),
    ...(made === undefined ? [] : [serviceAccount(args, made), deployment(args, made), ...service(args, made)]),
  ]);
}

/** The Sidecar of a workload: of its objects the one that grows with what is granted to it. */
export function sidecarOfWorkload(args: WorkloadArgs): Manifest {
  return planSidecar({ ...args, selector: selectorOf(args) });
}

function selectorOf({ name, selector = { app: name } }: WorkloadArgs): Record<string, string> {
  return selector;
}

function serviceAccount({ name, namespace }: WorkloadArgs, { serviceAccountAnnotations = {} }: MadeArgs): Manifest {
  const annotations =
    Object.keys(serviceAccountAnnotations).length === 0 ? {} : { annotations: serviceAccountAnnotations };
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace, labels: appLabels(name), ...annotations },
  };
}

function service(args: WorkloadArgs, made: MadeArgs): Manifest[] {
  const { name, namespace } = args;
  const { port, ports = {} } = made;
  const opened = [
    ...(port === undefined ? [] : [{ name: "http", port: 80, targetPort: port, protocol: "TCP" }]),
    ...sortedBy(Object.entries(ports), ([portName]) => portName).map(([portName, number]) => ({
      name: portName,
      port: number,
      targetPort: number,
      protocol: "TCP",
    })),
  ];
  return opened.length === 0
    ? []
    : [
        {
          apiVersion: "v1",
          kind: "Service",
          metadata: { name, namespace, labels: appLabels(name) },
          spec: { selector: servedBy(args, made), ports: opened },
        },
      ];
}

/** A label of the Deployment's pods that no other pod needs for what the workload is granted. */
const nameLabel = "app.kubernetes.io/name";

/**
 * Labels of the pods that answer for the Service: those of the Deployment. A Job under the workload's account has the label by
 * which its sidecar is told the hosts, and is sent nothing as long as it has not the other one, too.
 */
function servedBy(args: WorkloadArgs, made: MadeArgs): Record<string, string> {
  const { [nameLabel]: name } = podTemplate({ name: args.name, ...made }).metadata.labels;
  return { ...selectorOf(args), ...(name === undefined ? {} : { [nameLabel]: name }) };
}

function deployment(args: WorkloadArgs, made: MadeArgs): Manifest {
  const { name } = args;
  const { replicas = 1 } = made;
  const selector = selectorOf(args);
  const template = podTemplate({ name, ...made });
  const problems = podProblems({ ...template }, { serviceAccount: name, selector });
  if (problems.length > 0) {
    throw new ArgumentError(
      `The workload ${name}`,
      problems.map(({ path, problem, allowed }) => ({
        argument: `made.pod.${path.join(".")}`,
        problem: `${problem}${allowed === undefined ? "" : `; allowed: ${allowed}`}`,
      })),
    );
  }
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: args.namespace, labels: appLabels(name) },
    spec: {
      ...(replicas === "auto" ? {} : { replicas }),
      selector: { matchLabels: selector },
      template: {
        metadata: { ...template.metadata, ...annotations(args, template.metadata.annotations) },
        spec: { ...template.spec, ...names(args, made) },
      },
    },
  };
}

/** Whom the pods ask for names, where that is the stack's resolver. */
function names({ name, namespace, resolver }: WorkloadArgs, { pod }: MadeArgs): Partial<PodDns> {
  if (resolver === undefined) {
    return {};
  }
  const problems = podDnsProblems(pod?.spec);
  if (problems.length > 0) {
    throw new ArgumentError(
      `The workload ${name}`,
      problems.map(({ at, problem }) => ({ argument: `made.pod.spec.${at.join(".")}`, problem })),
    );
  }
  return podDns(namespace, resolver, fieldsOf(pod?.spec?.dnsConfig).options);
}

/** What the pods' own annotations are with those that grants ask for; nothing where there are none. */
function annotations(
  { bypassed = [], tunnels = false }: WorkloadArgs,
  own: Record<string, string> = {},
): Pick<Manifest["metadata"], "annotations"> {
  const all = {
    ...own,
    ...(bypassed.length === 0 ? {} : { [bypassAnnotation]: bypassRanges(bypassed) }),
    ...(tunnels ? { [proxyConfigAnnotation]: withDnsCapture(own[proxyConfigAnnotation]) } : {}),
  };
  return Object.keys(all).length === 0 ? {} : { annotations: all };
}
