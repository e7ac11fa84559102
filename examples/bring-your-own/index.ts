import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { EgressClient, EgressDestination, Platform, readStackConfig } from "istio-egress";
import * as path from "node:path";

const config = new pulumi.Config();

// One provider for all of the program: of the cluster that the allowlist's keys name.
const { kubeconfig, context } = new pulumi.Config("istio-egress").requireObject<kubernetes.ProviderArgs>("cluster");
const opts = { provider: new kubernetes.Provider("cluster", { kubeconfig, context }) };

// The guarded part: the gateways, the namespace `shop`, its workload `cart` and what that may reach, from the allowlist in
// the stack's file.
const platform = new Platform("platform", readStackConfig(), opts);
const shop = platform.namespaces["shop"]!;
const gateway = platform.gateways["egress-gateway"]!;

// Hosts that the program grants itself, to pods that it makes itself. Whatever is made for them says who answers for it.
const owned: pulumi.ResourceTransform = ({ custom, props, opts: options }) =>
  custom
    ? {
        props: { ...props, metadata: { ...props.metadata, labels: { ...props.metadata?.labels, team: "team-time" } } },
        opts: options,
      }
    : undefined;
const time = new EgressDestination(
  "time",
  { gateway, destination: "time", hosts: [config.require("timeHost")] },
  { ...opts, transforms: [owned] },
);
const clock = new EgressClient("clock", { namespace: shop, serviceAccount: "clock" }, opts);
const notes = new EgressClient(
  "notes",
  { namespace: shop, serviceAccount: "notes", selector: { "app.kubernetes.io/instance": "notes" } },
  opts,
);
time.grant(clock, notes);

// A Deployment, under the ServiceAccount and the labels of its client. Its pods start when the client's Sidecar is there.
const account = new kubernetes.core.v1.ServiceAccount(
  "clock",
  { metadata: { name: "clock", namespace: shop.namespace } },
  opts,
);
new kubernetes.apps.v1.Deployment(
  "clock",
  {
    metadata: { name: "clock", namespace: shop.namespace },
    spec: {
      selector: { matchLabels: clock.podLabels },
      template: {
        metadata: { labels: clock.podLabels, annotations: clock.podAnnotations },
        spec: {
          serviceAccountName: account.metadata.name,
          terminationGracePeriodSeconds: 2,
          containers: [{ name: "clock", image: config.require("image"), imagePullPolicy: "IfNotPresent" }],
        },
      },
    },
  },
  { ...opts, dependsOn: clock },
);

// A chart that knows nothing of this: it labels its pods by its release, and has a ServiceAccount of its own.
new kubernetes.helm.v3.Release(
  "notes",
  {
    name: "notes",
    namespace: shop.namespace,
    chart: path.join(__dirname, "chart"),
    values: { note: config.get("note") ?? "no note", image: config.require("image") },
  },
  { ...opts, dependsOn: notes },
);

/** The external hosts that each guarded workload of the allowlist may reach. */
export const grants = platform.grants;
/** Those that the program has granted itself. */
export const own = { clock: clock.hosts, notes: notes.hosts };
