// Every kind of bad input is refused, at its place in the configuration and with a way out.
// Does not prove: that `pulumi preview` prints the text; tests/unit/components does.
import assert from "node:assert/strict";
import { Case, itRefuses, problemsOf } from "./refused";

const workload = { namespace: "test-app", image: "example.com/app:1" };
const edge = { from: "test-app/app-a", to: "github" };

const managedCluster = { kind: "gke", project: "acme-prod", name: "prod", location: "europe-west1" };

const cases: Case[] = [
  { what: "an unknown key", change: { alow: [] }, at: ["alow"], says: /Unknown key.*did you mean "allow"\?/s },
  { what: "a key of a later version", change: { waypoints: {} }, at: ["waypoints"], says: /Unknown key/ },
  {
    what: "an unknown key of a rule",
    change: { allow: [{ ...edge, expire: "2027-06-30" }] },
    at: ["allow[0].expire"],
    says: /did you mean "expires"\?/,
  },
  {
    what: "an unknown key of a cluster",
    change: { cluster: { kind: "existing", kubecfg: "" } },
    at: ["cluster.kubecfg"],
    says: /Unknown key/,
  },
  {
    what: "another kind of cluster",
    change: { cluster: { kind: "eks" } },
    at: ["cluster.kind"],
    says: /existing, gke/,
  },
  {
    what: "another kind of cluster, and nothing of the keys that GKE's has",
    change: { cluster: { kind: "GKE", project: "acme-prod", name: "prod", location: "europe-west1", nods: {} } },
    at: ["cluster.kind", "cluster.nods"],
    says: /did you mean "gke"\?/,
  },
  {
    what: "one field of a cluster, and nothing that follows from the others",
    change: {
      cluster: { kind: "existing", kubeconfig: 5, ranges: ["10.0.0.0/8"], api: { service: "10.0.0.1" } },
      destinations: { github: { hosts: ["github.com"] }, api: { kind: "kubernetes-api" } },
    },
    at: ["cluster.kubeconfig", "cluster.api.endpoints"],
    says: /but a number/,
  },
  {
    what: "a list for a text",
    change: { allow: [{ ...edge, owner: [] }] },
    at: ["allow[0].owner"],
    says: /Not a text, but a list/,
  },
  {
    what: "a workload without a name for its namespace",
    change: { workloads: { "app-a": { ...workload, namespace: "" } } },
    at: ["workloads.app-a.namespace"],
    says: /Must not be empty/,
  },
  { what: "a cluster without a kind", change: { cluster: {} }, at: ["cluster.kind"], says: /missing.*existing/s },

  ...(["yes", "on", "TRUE"] as const).map((word) => ({
    what: `${word} for a truth value`,
    change: { namespaces: { "test-app": { existing: word }, "istio-workload": {} } },
    at: ["namespaces.test-app.existing"],
    says: /Fix: write true, without quotes\./,
  })),
  {
    what: "a key that JavaScript takes for something else",
    change: JSON.parse('{"namespaces": {"test-app": {}, "istio-workload": {}, "__proto__": {}}}') as Case["change"],
    at: ["namespaces.__proto__"],
    says: /No name, and no key/,
  },
  { what: "a list for a set", change: { workloads: [], allow: [] }, at: ["workloads"], says: /but a list/ },
  { what: "a set for a list", change: { allow: {} }, at: ["allow"], says: /Not a list/ },
  { what: "a text for a rule", change: { allow: ["app-a → github"] }, at: ["allow[0]"], says: /but a text/ },
  {
    what: "a text for a port",
    change: { workloads: { "app-a": { ...workload, port: "8080" } } },
    at: ["workloads.app-a.port"],
    says: /but a text.*Allowed: 1 to 65535\..*Fix: write 8080, without quotes\./s,
  },
  {
    what: "a port out of range",
    change: { workloads: { "app-a": { ...workload, port: 65536 } } },
    at: ["workloads.app-a.port"],
    says: /at most 65535\..*Allowed: 1 to 65535\./s,
  },
  {
    what: "half a replica",
    change: { workloads: { "app-a": { ...workload, replicas: 0.5 } } },
    at: ["workloads.app-a.replicas"],
    says: /Allowed: a whole number from 0 to 1000, or auto\./s,
  },
  {
    what: "fewer than no replicas",
    change: { workloads: { "app-a": { ...workload, replicas: -1 } } },
    at: ["workloads.app-a.replicas"],
    says: /at least 0\..*Allowed: a whole number from 0 to 1000, or auto\./s,
  },
  {
    what: "a truth value for a variable",
    change: { workloads: { "app-a": { ...workload, env: { DEBUG: true } } } },
    at: ["workloads.app-a.env.DEBUG"],
    says: /in quotes: "true"/,
  },
  {
    what: "a workload without an image",
    change: { workloads: { "app-a": { namespace: "test-app" } } },
    at: ["workloads.app-a.image"],
    says: /missing/,
  },
  {
    what: "an empty workload",
    change: { workloads: { "app-a": null } },
    at: ["workloads.app-a.namespace", "workloads.app-a.image"],
    says: /missing/,
  },
  {
    what: "an empty image",
    change: { workloads: { "app-a": { ...workload, image: "" } } },
    at: ["workloads.app-a.image"],
    says: /empty/,
  },
  {
    what: "fewer gateway pods at most than at least",
    change: { gateway: { replicas: 4, maxReplicas: 3 } },
    at: ["gateway.maxReplicas"],
    says: /replicas is 4/,
  },
  { what: "one gateway pod", change: { gateway: { replicas: 1 } }, at: ["gateway.replicas"], says: /at least 2/ },

  {
    what: "a version with a letter",
    change: { mesh: { version: "v1.31.1" } },
    at: ["mesh.version"],
    says: /write "1\.31\.1"/,
  },
  { what: "half a version", change: { mesh: { version: "1.31" } }, at: ["mesh.version"], says: /three numbers/ },
  {
    what: "a version that YAML took for a number",
    change: { mesh: { version: 1.31 } },
    at: ["mesh.version"],
    says: /in quotes as it is in the file/,
  },
  {
    what: "a managed mesh on a cluster that exists",
    change: { mesh: { kind: "cloud-service-mesh" } },
    at: ["mesh.kind"],
    says: /with istio-egress:cluster\.kind: gke.*kind: istio/s,
  },
  {
    what: "a version of a managed mesh",
    change: { mesh: { kind: "cloud-service-mesh", version: "1.31.1" }, cluster: managedCluster },
    at: ["mesh.version"],
    says: /Unknown key.*kind, mtls/s,
  },
  {
    what: "a managed mesh without Workload Identity",
    change: {
      mesh: { kind: "cloud-service-mesh" },
      cluster: { ...managedCluster, relax: { exposedNodeMetadata: "for this test" } },
    },
    at: ["cluster.relax.exposedNodeMetadata"],
    says: /Workload Identity/,
  },
  {
    what: "a managed mesh on a cluster with a problem of its own",
    change: { mesh: { kind: "cloud-service-mesh" }, cluster: { ...managedCluster, location: "mars-1" } },
    at: ["cluster.location"],
    says: /Neither a region nor a zone/,
  },
  {
    what: "EnvoyFilters in words",
    change: { mesh: { kind: "existing", envoyFilters: "no" } },
    at: ["mesh.envoyFilters"],
    says: /true or false/,
  },
  { what: "permissive mTLS", change: { mesh: { mtls: "PERMISSIVE" } }, at: ["mesh.mtls"], says: /STRICT/ },
  {
    what: "a mesh's settings with nothing behind them",
    change: { mesh: { values: { meshConfig: null } } },
    at: ["mesh.values.meshConfig"],
    says: /takes the place of all that is said below this key/,
  },
  {
    what: "charts from the bucket that is switched off",
    change: { mesh: { charts: "https://istio-release.storage.googleapis.com/charts" } },
    at: ["mesh.charts"],
    says: /write "https:\/\/blob\.istio\.io/,
  },
  {
    what: "charts from a bucket",
    change: { mesh: { charts: "s3://example.com/charts" } },
    at: ["mesh.charts"],
    says: /with https:\/\/, http:\/\/ or oci/,
  },
  {
    what: "chart values that open the mesh",
    change: { mesh: { values: { meshConfig: { outboundTrafficPolicy: { mode: "ALLOW_ANY" } } } } },
    at: ["mesh.values.meshConfig.outboundTrafficPolicy.mode"],
    says: /let every host through/,
  },

  {
    what: "a namespace that Kubernetes refuses",
    change: { namespaces: { "test-app": {}, "istio-workload": {}, Test_App: {} } },
    at: ["namespaces.Test_App"],
    says: /RFC 1123.*"test-app"/s,
  },
  {
    what: "a namespace too long for Kubernetes",
    change: { namespaces: { "test-app": {}, "istio-workload": {}, ["n".repeat(64)]: {} } },
    at: [`namespaces.${"n".repeat(64)}`],
    says: /RFC 1123/,
  },
  ...["kube-system", "istio-system", "default"].map((name) => ({
    what: `the namespace ${name}`,
    change: { namespaces: { "test-app": {}, "istio-workload": {}, [name]: {} } },
    at: [`namespaces.${name}`],
    says: /belongs to the (cluster|mesh) itself/,
  })),
  {
    what: "the gateway's namespace",
    change: { namespaces: { "test-app": {}, "istio-workload": {}, "istio-egress": {} } },
    at: ["namespaces.istio-egress"],
    says: /gateway has this namespace to itself/,
  },
  {
    what: "a gateway among the cluster's own",
    change: { gateway: { namespace: "kube-system" } },
    at: ["gateway.namespace"],
    says: /belongs to the cluster/,
  },
  {
    what: "a label that turns injection off",
    change: { namespaces: { "istio-workload": {}, "test-app": { labels: { "istio-injection": "disabled" } } } },
    at: ["namespaces.test-app.labels.istio-injection"],
    says: /set here already/,
  },
  {
    what: "labels that Kubernetes refuses",
    change: { namespaces: { "istio-workload": {}, "test-app": { labels: { "my team": "a", team: "team a" } } } },
    at: ['namespaces.test-app.labels["my team"]', "namespaces.test-app.labels.team"],
    says: /label/,
  },
  {
    what: "a workload that Kubernetes refuses",
    change: { workloads: { app_a: workload }, allow: [] },
    at: ["workloads.app_a"],
    says: /"app-a"/,
  },
  {
    what: "a workload with the identity that every pod may have",
    change: { workloads: { default: workload }, allow: [] },
    at: ["workloads.default"],
    says: /ServiceAccount of this name, which any pod may run under.*rename it/s,
  },
  {
    what: "a Service that Kubernetes refuses",
    change: { workloads: { "1-app": { ...workload, port: 80 } }, allow: [] },
    at: ["workloads.1-app"],
    says: /begins with a letter/,
  },
  {
    what: "a workload in a namespace that is not configured",
    change: { workloads: { "app-a": { ...workload, namespace: "tets-app" } }, allow: [] },
    at: ["workloads.app-a.namespace"],
    says: /Allowed: istio-workload, test-app\..*did you mean "test-app"\?/s,
  },
  {
    what: "a destination with a blank",
    change: { destinations: { "git hub": { hosts: ["github.com"] } }, allow: [] },
    at: ['destinations["git hub"]'],
    says: /RFC 1123/,
  },
  {
    what: "a destination without hosts",
    change: { destinations: { github: { hosts: [] } } },
    at: ["destinations.github.hosts"],
    says: /at least 1/,
  },
  {
    what: "a protocol of another kind",
    change: { destinations: { github: { hosts: ["github.com"], protocols: ["tcp"] } } },
    at: ["destinations.github.protocols[0]"],
    says: /http, https/,
  },

  {
    what: "an unknown workload",
    change: { allow: [{ from: "test-app/app-b", to: "github" }] },
    at: ["allow[0].from"],
    says: /Allowed: istio-workload\/hammer, test-app\/app-a\..*did you mean "test-app\/app-a"\?/s,
  },
  {
    what: "a workload without its namespace",
    change: { allow: [{ from: "app-a", to: "github" }] },
    at: ["allow[0].from"],
    says: /did you mean "test-app\/app-a"\?/,
  },
  {
    what: "a workload of another namespace",
    change: { allow: [{ from: "test-app/hammer", to: "github" }] },
    at: ["allow[0].from"],
    says: /did you mean "istio-workload\/hammer"\?/,
  },
  {
    what: "an unknown destination",
    change: { allow: [{ from: "test-app/app-a", to: "gihub" }] },
    at: ["allow[0].to"],
    says: /Allowed: github, httpbin\..*did you mean "github"\?/s,
  },
  {
    what: "a destination like no other",
    change: { allow: [{ from: "test-app/app-a", to: "maps" }] },
    at: ["allow[0].to"],
    says: /add it to istio-egress:destinations/,
  },
  {
    what: "a host for a destination",
    change: { allow: [{ from: "test-app/app-a", to: "httpbin.org" }] },
    at: ["allow[0].to"],
    says: /write "httpbin"/,
  },
  {
    what: "a rule without an end",
    change: { allow: [{ from: "test-app/app-a" }] },
    at: ["allow[0].to"],
    says: /missing/,
  },
  {
    what: "the same rule twice",
    change: { allow: [edge, { ...edge, owner: "team-a" }] },
    at: ["allow[1]"],
    says: /istio-egress:allow\[0\] already/,
  },
  {
    what: "an empty owner and reason",
    change: { allow: [{ ...edge, owner: "", reason: "" }] },
    at: ["allow[0].owner", "allow[0].reason"],
    says: /empty/,
  },

  {
    what: "a host twice in one destination",
    change: { destinations: { github: { hosts: ["github.com", "GitHub.com"] } } },
    at: ["destinations.github.hosts[1]"],
    says: /destinations\.github\.hosts\[0\] already/,
  },
  {
    what: "a host over two destinations",
    change: { destinations: { github: { hosts: ["github.com"] }, web: { hosts: ["github.com"] } } },
    at: ["destinations.web.hosts[0]"],
    says: /destinations\.github\.hosts\[0\] already.*leave it in one destination/s,
  },
  {
    what: "a day that no calendar has",
    change: { allow: [{ ...edge, expires: "2027-02-30" }] },
    at: ["allow[0].expires"],
    says: /No such day/,
  },
  {
    what: "a word for a date",
    change: { allow: [{ ...edge, expires: "soon" }] },
    at: ["allow[0].expires"],
    says: /Not a date/,
  },
];

describe("bad input", () => {
  itRefuses(cases);

  it("a key that is encrypted and must not be is refused; one that may be is not", () => {
    const problems = problemsOf({}, ["allow", "workloads"]);
    assert.deepEqual(
      problems.map(({ path }) => path),
      ["istio-egress:allow"],
    );
    assert.match(problems[0]!.fix!, /without --secret/);
  });

  it("mistakes of one part do not hide those of another, nor mistakes of shape those of meaning", () => {
    const problems = problemsOf({
      mesh: { version: "x", mtls: "OFF" },
      workloads: { "app-a": { namespace: "nowhere", image: 5 } },
      destinations: { github: { hosts: ["https://github.com"], ports: [80] } },
      allow: [{ from: "test-app/app-z", to: "gihub", expires: "someday", ticket: 7 }],
    });
    assert.deepEqual(problems.map(({ path }) => path.replace("istio-egress:", "")).sort(), [
      "allow[0].expires",
      "allow[0].from",
      "allow[0].ticket",
      "allow[0].to",
      "destinations.github.hosts[0]",
      "destinations.github.ports[0]",
      "mesh.mtls",
      "mesh.version",
      "workloads.app-a.image",
      "workloads.app-a.namespace",
    ]);
  });

  it("a workload in disorder is reported once, not again by every rule that names it", () => {
    const problems = problemsOf({ workloads: { "app-a": { image: "example.com/app:1" } } });
    assert.deepEqual(
      problems.map(({ path }) => path),
      ["istio-egress:workloads.app-a.namespace"],
    );
  });
});
