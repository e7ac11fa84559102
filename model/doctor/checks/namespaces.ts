import { injectionLabel } from "../../plan/metadata";
import { labelsText } from "../labels";
import { isOurs, managerOf, words, writerOf } from "../managers";
import { LiveObject, Snapshot } from "../snapshot";
import { Subject } from "../subject";
import { Check, Found } from "../types";

const injectionLabels = ["istio-injection", "istio.io/rev"];

/** Whose the stack's namespaces are, and whether they ask for the sidecars that it counts on. */
export const namespaces: Check = {
  name: "namespaces",
  promise: "the stack's namespaces are its own, or marked as somebody else's, and ask for the mesh's sidecars",
  needs: () => [{ resource: "namespaces" }],
  run: (subject, snapshot) => {
    const owned = subject.planned.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
    return [
      ...owned.flatMap((name) => notOurs(name, snapshot)),
      ...subject.existing.flatMap((name) => notThere(name, snapshot)),
      ...subject.guarded.flatMap((name) => [...injection(name, subject, snapshot), ...ambient(name, snapshot)]),
    ];
  },
};

function notOurs(name: string, snapshot: Snapshot): Found[] {
  const live = snapshot.namespace(name);
  if (live === undefined || isOurNamespace(live)) {
    return [];
  }
  return [
    {
      severity: "breaks-workload",
      object: `Namespace ${name}`,
      problem:
        "It is there, and the stack did not make it: `pulumi up` would refuse to, or take it over with all that is in it.",
      evidence: [labelsText(live.metadata.labels), ...managerOf(live)],
      fix: "Mark it as somebody else's, and the stack guards it and owns nothing of it; or choose another name.",
      commands: [],
      config: `istio-egress:namespaces.${name}: {existing: true}`,
    },
  ];
}

function notThere(name: string, snapshot: Snapshot): Found[] {
  return snapshot.namespace(name) !== undefined
    ? []
    : [
        {
          severity: "breaks-workload",
          object: `Namespace ${name}`,
          problem: "It is marked as somebody else's, and is not there: `pulumi up` ends in an error.",
          evidence: [`Namespace ${name}: not found`],
          fix: "Have its owner make it, take it out of the stack, or have the stack make it.",
          commands: [],
          config: `istio-egress:namespaces.${name}: {}`,
        },
      ];
}

/** A stack's label, or its plugin's hand: either may have been lost. */
function isOurNamespace({ metadata: { labels = {}, managedFields = [] } }: LiveObject): boolean {
  return labels["app.kubernetes.io/managed-by"] === "pulumi" || managedFields.some(isOurs);
}

/** What injection asks of the namespace's labels: Istio takes `istio-injection` before `istio.io/rev`. */
function injection(name: string, { mesh, enforced }: Subject, snapshot: Snapshot): Found[] {
  const live = snapshot.namespace(name);
  if (live === undefined) {
    return [];
  }
  const { labels = {} } = live.metadata;
  const wanted = injectionLabel(mesh);
  const given = Object.fromEntries(Object.entries(labels).filter(([key]) => injectionLabels.includes(key)));
  const wrong = injectionLabels.filter((key) => key in wanted && given[key] !== wanted[key]);
  const inTheWay = mesh.revision !== undefined && given["istio-injection"] !== undefined ? ["istio-injection"] : [];
  if (wrong.length + inTheWay.length === 0) {
    return [];
  }
  const [key, value] = Object.entries(wanted)[0]!;
  const writer = writerOf(live, ["metadata", "labels", wrong[0] ?? inTheWay[0]!]);
  return [
    {
      severity: enforced.includes(name) ? "breaks-guard" : "warning",
      object: `Namespace ${name}`,
      problem:
        `It asks for ${given["istio-injection"] === "disabled" ? "no sidecars" : "other sidecars than the stack counts on"}: ` +
        "new pods come without the mesh's, with no identity and no sidecar that refuses.",
      evidence: [
        `labels ${labelsText(given)}; the stack's is ${labelsText(wanted)}`,
        ...(writer === undefined ? [] : [`written by ${words(writer)}`]),
      ],
      fix: "Set the label, and restart what has started since.",
      commands: [
        `kubectl label namespace ${name} ${key}=${value} ${inTheWay.map((label) => `${label}- `).join("")}--overwrite`,
      ],
      ...(mesh.revision === undefined && given["istio.io/rev"] !== undefined
        ? { config: `istio-egress:mesh: {kind: existing, revision: ${given["istio.io/rev"]}}` }
        : {}),
    },
  ];
}

function ambient(name: string, snapshot: Snapshot): Found[] {
  const mode = snapshot.namespace(name)?.metadata.labels?.["istio.io/dataplane-mode"];
  return mode === undefined || mode === "none"
    ? []
    : [
        {
          severity: "warning",
          object: `Namespace ${name}`,
          problem: `Its pods without a sidecar join the mesh by \`${mode}\`, where the stack's Sidecars count for nothing.`,
          evidence: [`label istio.io/dataplane-mode: ${mode}`],
          fix: "Take the label away.",
          commands: [`kubectl label namespace ${name} istio.io/dataplane-mode-`],
        },
      ];
}
