import { ControlPlane, controlPlanes, planeName } from "../control-planes";
import { isAlive, Pod, troubleOf } from "../pods";
import { Snapshot } from "../snapshot";
import { Subject } from "../subject";
import { Check, Found } from "../types";

/** Whether istiod is where the stack's policies open the way to it, ready, and of the revision that is asked for. */
export const controlPlane: Check = {
  name: "control-plane",
  promise: "istiod is ready, in the namespace and of the revision that the stack counts on",
  needs: ({ controlPlane: namespace }) =>
    namespace === undefined ? [] : [{ resource: "deployments.apps" }, { resource: "pods", namespace }],
  run: (subject, snapshot) => {
    const assumed = subject.controlPlane;
    if (assumed === undefined) {
      return [];
    }
    const planes = controlPlanes(snapshot);
    const here = planes.filter(({ namespace }) => namespace === assumed);
    return [
      ...(here.length === 0 ? [elsewhere(subject, assumed, planes)] : []),
      ...here.flatMap((plane) => notReady(plane, snapshot)),
      ...(here.length === 0 ? [] : otherRevision(subject, here)),
    ];
  },
};

function elsewhere({ stack, config }: Subject, assumed: string, planes: ControlPlane[]): Found {
  const object = `Deployment ${assumed}/istiod`;
  const consequence = "the stack's policies let sidecars reach no other, so none gets its certificate or its rules";
  const first = planes[0];
  if (first !== undefined && config.mesh.kind !== "istio") {
    return {
      severity: "breaks-workload",
      object,
      problem: `There is no istiod in ${assumed}: ${consequence}.`,
      evidence: planes.map((plane) => `istiod is ${planeName(plane)}`),
      fix: "Say where it is.",
      commands: [],
      config: `istio-egress:cluster.controlPlane: {namespace: ${first.namespace}}`,
    };
  }
  return config.mesh.kind === "istio"
    ? {
        severity: "breaks-workload",
        object,
        problem: "The stack's istiod is not there: no pod gets a sidecar, and those that run learn no new rules.",
        evidence: [`no Deployment with the label app=istiod in ${assumed}`],
        fix:
          "The stack installs it by the Helm release `istiod`. Where that was never applied, apply the stack; Helm takes " +
          "for there what it has once made: apply what `helm get manifest istiod` gives.",
        commands: [`pulumi up --stack ${stack}`],
      }
    : {
        severity: "breaks-workload",
        object,
        problem: `There is no istiod in the cluster: ${consequence}.`,
        evidence: ["no Deployment with the label app=istiod in any namespace"],
        fix: "Install it, or, where the control plane is outside the cluster, say by which addresses it is reached.",
        commands: [],
        config: "istio-egress:cluster.controlPlane: {ranges: [<its addresses, as 10.1.0.0/28>]}",
      };
}

function notReady(plane: ControlPlane, snapshot: Snapshot): Found[] {
  const wanted = plane.deployment.spec.replicas ?? 1;
  if (wanted > 0 && plane.ready >= wanted) {
    return [];
  }
  const { namespace, name } = plane.deployment.metadata;
  const pods = snapshot.of<Pod>("Pod", namespace).filter(isAlive);
  const troubles = pods
    .filter(({ metadata }) => metadata.labels?.app === "istiod")
    .flatMap((pod) => {
      const trouble = troubleOf(pod);
      return trouble === undefined ? [] : [`pod ${pod.metadata.name}: ${trouble}`];
    });
  return [
    {
      severity: plane.ready === 0 ? "breaks-workload" : "warning",
      object: `Deployment ${namespace}/${name}`,
      problem:
        plane.ready === 0
          ? "No istiod is ready: no pod can be injected, so none can start, and no sidecar learns of new rules."
          : "Not every istiod is ready.",
      evidence: [`${plane.ready} of ${wanted} ready`, ...troubles],
      fix: wanted === 0 ? "Scale it up." : "See why its pods do not become ready.",
      commands: [
        wanted === 0
          ? `kubectl scale deployment/${name} --namespace ${namespace} --replicas 1`
          : `kubectl describe deployment/${name} --namespace ${namespace}`,
      ],
    },
  ];
}

function otherRevision({ mesh: { revision = "default" } }: Subject, here: ControlPlane[]): Found[] {
  const names = here.flatMap((plane) => [plane.revision, ...plane.tags]);
  return names.includes(revision)
    ? []
    : [
        {
          severity: "breaks-workload",
          object: `Deployment ${here[0]!.namespace}/${here[0]!.deployment.metadata.name}`,
          problem: `No istiod answers to the revision ${revision}, which the stack's namespaces ask for: new pods get no sidecar.`,
          evidence: here.map((plane) => `istiod is ${planeName(plane)}, tags: ${plane.tags.join(", ") || "none"}`),
          fix: "Name a revision that is there, or a tag of one.",
          commands: [],
          config: `istio-egress:mesh: {kind: existing, revision: ${here[0]!.revision}}`,
        },
      ];
}
