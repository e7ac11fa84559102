import { StackConfig } from "../config/types";
import { Manifest } from "../ground/manifest";
import { sortedUnique } from "../ground/order";
import { Run, verifyLabel } from "./pods";
import { VerifyPlan } from "./types";

/**
 * Pods that would get round the guard, which nobody may make, the platform neither; and one that is ordinary. Other rules of
 * admission are not for whoever applies a stack, and so nothing that they could try.
 */
const hostile: { tries: string; rule: string; annotations?: object; labels?: object; spec?: object; main?: object }[] =
  [
    { tries: "a Deployment on the node's network", rule: "host-namespaces", spec: { hostNetwork: true } },
    { tries: "a privileged Deployment", rule: "privileges", main: { securityContext: { privileged: true } } },
    {
      tries: "a Deployment with the node's files",
      rule: "volumes",
      spec: { volumes: [{ name: "node", hostPath: { path: "/" } }] },
    },
    {
      tries: "a Deployment as the sidecar's user",
      rule: "sidecar-user",
      main: { securityContext: { runAsUser: 1337 } },
    },
    {
      tries: "a Deployment without a sidecar",
      rule: "labels",
      labels: { "sidecar.istio.io/inject": "false" },
    },
    {
      tries: "a Deployment with addresses left out of redirection",
      rule: "annotations",
      annotations: { "traffic.sidecar.istio.io/excludeOutboundIPRanges": "0.0.0.0/0" },
    },
    {
      tries: "a Deployment whose probe calls another host",
      rule: "probes",
      main: { livenessProbe: { httpGet: { host: "192.0.2.1", port: 80 } } },
    },
  ];

/** What the API server is asked for, in each guarded namespace of the workloads that are verified. */
export function dryRunsOf(
  config: StackConfig,
  namespaces: readonly string[],
  run: Run,
): Pick<VerifyPlan, "dryRuns" | "ordinary"> {
  if (config.admission.mode !== "deny") {
    return { dryRuns: [], ordinary: [] };
  }
  const all = sortedUnique(namespaces);
  return {
    dryRuns: all.flatMap((namespace) =>
      hostile.map(({ tries, rule, ...patch }, index) => ({
        ...{ namespace, tries, rule },
        refused: deployment(namespace, `${index}`, run, patch),
      })),
    ),
    ordinary: all.map((namespace) => deployment(namespace, "ordinary", run, {})),
  };
}

function deployment(
  namespace: string,
  suffix: string,
  { word, image }: Run,
  { annotations, labels, spec, main }: { annotations?: object; labels?: object; spec?: object; main?: object },
): Manifest {
  const own = { [verifyLabel]: word };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `egress-verify-${word}-${suffix}`, namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: own },
      template: {
        metadata: { labels: { ...own, ...labels }, annotations },
        spec: { containers: [{ name: "main", image, ...main }], ...spec },
      },
    },
  };
}
