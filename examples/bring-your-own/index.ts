import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Platform, readStackConfig } from "istio-egress";
import * as path from "node:path";

// The guarded part: the mesh, the gateways, the namespace `shop` and what its workloads may reach, from the allowlist in
// the stack's file.
const platform = new Platform("platform", readStackConfig());

// The program's own part, in a namespace that is not in the mesh. Its keys have the project's own prefix.
const config = new pulumi.Config();
const cluster = new kubernetes.Provider("own", { kubeconfig: config.get("kubeconfig") });
const own = { provider: cluster };

const namespace = new kubernetes.core.v1.Namespace("tools", { metadata: { name: "tools" } }, own);
const inTools = { name: "clock", namespace: namespace.metadata.name };
const labels = { app: "clock" };
new kubernetes.apps.v1.Deployment(
  "clock",
  {
    metadata: inTools,
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "clock", image: config.require("image") }] },
      },
    },
  },
  own,
);

new kubernetes.helm.v3.Release(
  "notes",
  {
    name: "notes",
    namespace: namespace.metadata.name,
    chart: path.join(__dirname, "chart"),
    values: { note: config.get("note") ?? "no note" },
  },
  own,
);

/** The external hosts that each guarded workload may reach. */
export const grants = platform.grants;
