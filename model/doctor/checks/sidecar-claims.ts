import { managerOf } from "../managers";
import { groupedBy, sortedBy } from "../../ground/order";
import { bySelectors } from "../../ground/selector-index";
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
  const others = all.filter((sidecar) => !isPlanned(subject, sidecar));
  const oursOf = bySelectors(
    ours.filter((sidecar) => !isWide(sidecar)),
    selectorOf,
  );
  const othersOf = bySelectors(others, selectorOf);
  const taken = new Map<Sidecar, Pod[]>();
  for (const pod of pods) {
    for (const sidecar of othersOf(pod.metadata.labels)) {
      taken.set(sidecar, taken.get(sidecar) ?? []);
      taken.get(sidecar)!.push(pod);
    }
  }
  return others.map((sidecar) => {
    const { namespace, name } = sidecar.metadata;
    const claimed = taken.get(sidecar) ?? [];
    const rivals = isWide(sidecar)
      ? ours.filter(isWide)
      : [...new Set(claimed.flatMap(({ metadata }) => oursOf(metadata.labels)))];
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
  const claiming = bySelectors(ours, selectorOf);
  const shared = groupedBy(
    pods.flatMap((pod) => {
      const claims = claiming(pod.metadata.labels);
      return claims.flatMap((one, index) => claims.slice(index + 1).map((other) => ({ pod, one, other })));
    }),
    ({ one, other }) => `${named(one)}, ${named(other)}`,
  );
  return sortedBy(shared, ([key]) => key).map(([object, both]): Found => {
    const { other } = both[0]!;
    return {
      severity: "breaks-workload",
      object,
      problem:
        "Both claim the same pods: Istio takes one of them, and does not say which, so what the other workload is granted is refused.",
      evidence: [`pods: ${both.map(({ pod }) => pod.metadata.name).join(", ")}`],
      fix: "Give the two workloads selectors that no pod fits both of.",
      commands: [],
      config: `istio-egress:workloads.${other.metadata.name}.existing.selector: {<label>: <value>}`,
    };
  });
}

function selectorOf({ spec }: Sidecar): Labels {
  return spec?.workloadSelector?.labels ?? {};
}

function isWide(sidecar: Sidecar): boolean {
  return Object.keys(selectorOf(sidecar)).length === 0;
}
