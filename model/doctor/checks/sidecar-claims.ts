import { managerOf } from "../managers";
import { haveLabels } from "../../ground/label-selector";
import { labelsText } from "../labels";
import { isAlive, Pod } from "../pods";
import { Labels, LiveObject, named } from "../snapshot";
import { isPlanned, Subject } from "../subject";
import { Check, Found } from "../types";

interface Sidecar extends LiveObject {
  spec: {
    workloadSelector?: { labels?: Labels };
    outboundTrafficPolicy?: { mode?: string };
    egress?: { hosts?: string[] }[];
  };
}

/** Of several Sidecars for one pod Istio takes one, and does not say which: the stack's own may count for nothing. */
export const sidecarClaims: Check = {
  name: "sidecar-claims",
  promise: "every pod of a guarded namespace is configured by one Sidecar, which is the stack's",
  needs: ({ guarded }) =>
    guarded.flatMap((namespace) =>
      ["sidecars.networking.istio.io", "pods"].map((resource) => ({ resource, namespace })),
    ),
  run: (subject, snapshot) =>
    subject.guarded.flatMap((namespace) => {
      const all = snapshot.of<Sidecar>("Sidecar.networking.istio.io", namespace);
      const pods = snapshot.of<Pod>("Pod", namespace).filter(isAlive);
      return [...foreign(subject, all, pods), ...ourOwn(subject, all, pods)];
    }),
};

function foreign(subject: Subject, all: Sidecar[], pods: Pod[]): Found[] {
  const ours = all.filter((sidecar) => isPlanned(subject, sidecar));
  return all
    .filter((sidecar) => !isPlanned(subject, sidecar))
    .map((sidecar) => {
      const { namespace, name } = sidecar.metadata;
      const claimed = pods.filter((pod) => claims(sidecar, pod));
      const rivals = ours.filter((other) =>
        isWide(sidecar) ? isWide(other) : claimed.some((pod) => !isWide(other) && claims(other, pod)),
      );
      const whom = isWide(sidecar)
        ? "every pod that no other Sidecar selects"
        : `pods with ${labelsText(sidecar.spec.workloadSelector?.labels)}`;
      return {
        severity: "breaks-guard",
        object: named(sidecar),
        problem:
          rivals.length > 0
            ? `It claims ${whom}, as ${rivals.map(named).join(", ")} does: Istio takes one of them, and does not say which.`
            : `It claims ${whom} in place of the namespace's own Sidecar, and is not the stack's.`,
        evidence: [
          `it lets them know ${(sidecar.spec.egress ?? []).flatMap(({ hosts = [] }) => hosts).join(", ") || "every host"}` +
            `, other hosts: ${sidecar.spec.outboundTrafficPolicy?.mode ?? "as the mesh has it"}`,
          `pods that it takes in today: ${claimed.length}`,
          ...managerOf(sidecar),
        ],
        fix: "Delete it. Hosts that it is for are destinations of the stack, and rules.",
        commands: [`kubectl delete sidecars.networking.istio.io ${name} --namespace ${namespace}`],
        config: `istio-egress:allow[]: {from: ${namespace}/<workload>, to: <destination>}`,
      };
    });
}

function ourOwn(subject: Subject, all: Sidecar[], pods: Pod[]): Found[] {
  const ours = all.filter((sidecar) => isPlanned(subject, sidecar) && !isWide(sidecar));
  const pairs = ours.flatMap((one, index) => ours.slice(index + 1).map((other) => [one, other] as const));
  return pairs.flatMap(([one, other]) => {
    const both = pods.filter((pod) => claims(one, pod) && claims(other, pod));
    return both.length === 0
      ? []
      : [
          {
            severity: "breaks-workload" as const,
            object: `${named(one)}, ${named(other)}`,
            problem:
              "Both claim the same pods: Istio takes one of them, and does not say which, so what the other workload is granted is refused.",
            evidence: [`pods: ${both.map(({ metadata }) => metadata.name).join(", ")}`],
            fix: "Give the two workloads selectors that no pod fits both of.",
            commands: [],
            config: `istio-egress:workloads.${other.metadata.name}.existing.selector: {<label>: <value>}`,
          },
        ];
  });
}

function isWide({ spec }: Sidecar): boolean {
  return Object.keys(spec?.workloadSelector?.labels ?? {}).length === 0;
}

function claims(sidecar: Sidecar, { metadata }: Pod): boolean {
  return haveLabels(metadata.labels, sidecar.spec?.workloadSelector?.labels);
}
