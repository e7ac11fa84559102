import { apply } from "../support/commands";
import { elsewhere, guarded } from "./attacks";

/** What a tenant changes or asks for by a command, with a twin that is allowed on the same way. */
export interface Change {
  /** What is changed. */
  what: string;
  /** As a sentence goes on after "it tries". */
  tries: string;
  /** The rule that refuses it. */
  rule: string;
  /** Arguments of kubectl; POD is a pod of the tenant's that runs. */
  refused: string[];
  allowed: string[];
}

const [dryRun, inGuarded, inElsewhere] = ["--dry-run=server", `--namespace=${guarded}`, `--namespace=${elsewhere}`];

/** Changes of pods that run, of the stack's own objects, and what else is no object of its own. */
export const changes: Change[] = [
  {
    what: "the label of a pod that runs, into a workload's",
    tries: "a workload's label on a pod that runs",
    rule: "identity",
    refused: ["label", "pod", "POD", "app=app-a", inGuarded, dryRun],
    allowed: ["label", "pod", "POD", "team=a", inGuarded, dryRun],
  },
  {
    what: "the annotation of a pod that runs, into one of Istio's",
    tries: "an annotation of Istio's on a pod that runs",
    rule: "annotations",
    refused: ["annotate", "pod", "POD", "sidecar.istio.io/inject=false", inGuarded, dryRun],
    allowed: ["annotate", "pod", "POD", "team=a", inGuarded, dryRun],
  },
  {
    what: "a granted workload's image; its replicas are free",
    tries: "another image for a granted workload",
    rule: "identity",
    refused: ["set", "image", "deployment/app-a", "app-a=lab.istio-egress.local/workload:2", inGuarded, dryRun],
    allowed: ["scale", "deployment/app-a", "--replicas=2", inGuarded, dryRun],
  },
  {
    what: "a NetworkPolicy of the stack's, away",
    tries: "to delete a NetworkPolicy of the stack's",
    rule: "network-policies",
    refused: ["delete", "networkpolicy", "egress-to-mesh", inGuarded, dryRun],
    allowed: ["delete", "networkpolicy", "own", inElsewhere, dryRun],
  },
  {
    what: "a Sidecar of the stack's, away",
    tries: "to delete a Sidecar of the stack's",
    rule: "istio-objects",
    refused: ["delete", "sidecars.networking.istio.io", "app-a", inGuarded, dryRun],
    allowed: ["delete", "sidecars.networking.istio.io", "own", inElsewhere, dryRun],
  },
  {
    what: "the namespace's label of injection",
    tries: "to take the label of injection from the namespace",
    rule: "namespace-labels",
    refused: ["label", "namespace", guarded, "istio-injection-", dryRun],
    allowed: ["label", "namespace", guarded, "team=a", dryRun],
  },
  {
    what: "a token's audience",
    tries: "a token of a granted ServiceAccount for the mesh's own authority",
    rule: "tokens",
    refused: ["create", "token", "app-a", "--audience=istio-ca", inGuarded],
    allowed: ["create", "token", "app-a", inGuarded],
  },
];

/** Puts objects of the tenant's own into their own namespace, which twins of changes are about. */
export function makeOwnObjects(): void {
  apply({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "own", namespace: elsewhere },
    spec: { podSelector: {} },
  });
  apply({
    apiVersion: "networking.istio.io/v1",
    kind: "Sidecar",
    metadata: { name: "own", namespace: elsewhere },
    spec: { egress: [{ hosts: ["./*"] }] },
  });
}
