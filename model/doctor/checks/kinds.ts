import { IstioMeshConfig } from "../../config/types";
import { sortedBy } from "../../ground/order";
import { resourceOf, Snapshot } from "../snapshot";
import { Subject } from "../subject";
import { Check, Found } from "../types";

/**
 * Minor version of Kubernetes that a version of Istio supports at least.
 *
 * Source: `istioctl/pkg/install/k8sversion` in Istio's repository, at that version.
 */
const oldestMinor: Record<string, number> = { "1.31": 32 };

/**
 * Version of Kubernetes from which on a kind is there, as `apiVersion/Kind`.
 *
 * Source: the deprecation guide and the changelogs of Kubernetes; istio.io's kinds come with the mesh.
 */
const since: Record<string, string> = {
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy": "1.30",
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding": "1.30",
  "autoscaling/v2/HorizontalPodAutoscaler": "1.23",
  "discovery.k8s.io/v1/EndpointSlice": "1.21",
  "policy/v1/PodDisruptionBudget": "1.21",
};

export const kinds: Check = {
  name: "kinds",
  promise: "the API server has every kind that the stack's objects are of, and is new enough for the mesh",
  needs: () => [],
  run: (subject, snapshot) => [...missing(subject, snapshot), ...tooOld(subject, snapshot)],
};

function missing({ planned, config, stack }: Subject, snapshot: Snapshot): Found[] {
  const kinds = new Map(planned.map(({ apiVersion, kind }) => [`${apiVersion}/${kind}`, { apiVersion, kind }]));
  return sortedBy(kinds.entries(), ([key]) => key)
    .filter(([, object]) => !snapshot.serves(resourceOf(object), object.apiVersion))
    .map(([, { apiVersion, kind }]) => {
      const from = since[`${apiVersion}/${kind}`];
      const ofIstio = apiVersion.includes("istio.io/");
      const own = ofIstio && config.mesh.kind === "istio" ? config.mesh : undefined;
      return {
        severity: "breaks-workload",
        object: `${kind} (${apiVersion})`,
        problem: "The API server does not have this kind in this version: the stack's objects of it cannot be made.",
        evidence: [
          snapshot.servesResource(resourceOf({ apiVersion, kind }))
            ? `it has ${resourceOf({ apiVersion, kind })} in other versions`
            : `it has no ${resourceOf({ apiVersion, kind })}`,
          `Kubernetes ${snapshot.data.serverVersion}${from === undefined ? "" : `; the kind is there from ${from} on`}`,
        ],
        fix:
          own !== undefined
            ? "Define Istio's kinds anew, as its chart does; then apply the stack's objects of them."
            : ofIstio
              ? "Install Istio's definitions (its chart `base`) in a version that has this one."
              : apiVersion.startsWith("monitoring.coreos.com/")
                ? "Install the Prometheus Operator's CustomResourceDefinitions, or write metrics: {mode: counters}."
                : `Upgrade the cluster to ${from === undefined ? "a Kubernetes that has it" : `Kubernetes ${from} or later`}${withoutKind(kind)}.`,
        commands:
          own !== undefined
            ? [
                `kubectl apply --server-side --force-conflicts --filename ${definitions(own)}`,
                // The chart writes it on each, by which all of Istio's are found; its file does not have it.
                `kubectl label --overwrite --filename ${definitions(own)} app.kubernetes.io/part-of=istio`,
                `pulumi up --refresh --stack ${stack}`,
              ]
            : [],
      };
    });
}

/** The key without which the stack makes no objects of a kind, where there is one. */
function withoutKind(kind: string): string {
  return kind.startsWith("ValidatingAdmissionPolicy")
    ? ", or turn admission off: istio-egress:admission: {mode: off}"
    : "";
}

/**
 * Where the definitions of Istio's kinds are: Helm takes none for lost that it has once made.
 *
 * Source: "Upgrade with Helm" in Istio's documentation, and the chart `base` in its repository at that version.
 */
function definitions({ charts, version }: IstioMeshConfig): string {
  const folder = /^[a-z]+:\/\//.test(charts)
    ? `https://raw.githubusercontent.com/istio/istio/${version}/manifests/charts`
    : charts.replace(/\/+$/, "");
  return `${folder}/base/files/crd-all.gen.yaml`;
}

function tooOld({ config: { mesh } }: Subject, snapshot: Snapshot): Found[] {
  if (mesh.kind !== "istio") {
    return [];
  }
  const release = mesh.version.split(".").slice(0, 2).join(".");
  const oldest = oldestMinor[release];
  const minor = Number(/^v1\.(\d+)/.exec(snapshot.data.serverVersion)?.[1]);
  return oldest === undefined || Number.isNaN(minor) || minor >= oldest
    ? []
    : [
        {
          severity: "warning",
          object: `Kubernetes ${snapshot.data.serverVersion}`,
          problem: `Istio ${mesh.version} does not support a Kubernetes as old as this.`,
          evidence: [`the oldest that it supports is 1.${oldest}`],
          fix: "Upgrade the cluster, or install an Istio that supports it.",
          commands: [],
          config: "istio-egress:mesh.version: <a version that supports this Kubernetes>",
        },
      ];
}
