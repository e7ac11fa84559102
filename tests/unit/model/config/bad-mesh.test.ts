// Every kind of bad input about gateways of destinations' own, and about what kinds of mesh have in them, is refused.
// Does not prove: that a mesh that is there already is as the stack says.
import assert from "node:assert/strict";
import { Case, itRefuses, problemsOf } from "./refused";

const gateways = (change: Record<string, unknown>, name = "egress-own") => ({
  gateways: { [name]: { destinations: ["github"], ...change } },
});
const existing = (change: Record<string, unknown>) => ({ mesh: { kind: "existing", ...change } });

const aboutGateways: Case[] = [
  {
    what: "an unknown destination",
    change: gateways({ destinations: ["httpbin", "gihub"] }),
    at: ["gateways.egress-own.destinations[1]"],
    says: /Allowed: github, httpbin\..*did you mean "github"\?/s,
  },
  {
    what: "a destination like no other",
    change: gateways({ destinations: ["payments"] }),
    at: ["gateways.egress-own.destinations[0]"],
    says: /add it to istio-egress:destinations/,
  },
  {
    what: "a service beside the mesh, which no gateway leads to,",
    change: {
      ...gateways({ destinations: ["svc-foo"] }),
      outside: { "svc-foo": { namespace: "test-app", addresses: ["10.10.0.4"], via: "bypass" } },
    },
    at: ["gateways.egress-own.destinations[0]"],
    says: /Not a configured destination/,
  },
  {
    what: "a destination of two gateways",
    change: { gateways: { one: { destinations: ["github"] }, two: { destinations: ["httpbin", "github"] } } },
    at: ["gateways.two.destinations[1]"],
    says: /has a gateway already, at istio-egress:gateways\.one\.destinations\[0\].*remove one of the two/s,
  },
  {
    what: "a destination twice in one gateway",
    change: gateways({ destinations: ["github", "github"] }),
    at: ["gateways.egress-own.destinations[1]"],
    says: /gateways\.egress-own\.destinations\[0\]/,
  },
  {
    what: "a gateway for no destination",
    change: gateways({ destinations: [] }),
    at: ["gateways.egress-own.destinations"],
    says: /at least 1/,
  },
  {
    what: "an empty gateway",
    change: { gateways: { "egress-own": null } },
    at: ["gateways.egress-own.destinations"],
    says: /missing/,
  },
  {
    what: "a namespace of one gateway's own",
    change: gateways({ namespace: "payments" }),
    at: ["gateways.egress-own.namespace"],
    says: /Unknown key.*Allowed: destinations, drain, maxReplicas, replicas\./s,
  },
  {
    what: "the shared gateway's name",
    change: gateways({}, "egress-gateway"),
    at: ["gateways.egress-gateway"],
    says: /all other destinations share has this name.*choose another name/s,
  },
  {
    what: "a gateway with the identity that every pod may have",
    change: gateways({}, "default"),
    at: ["gateways.default"],
    says: /ServiceAccount of this name.*rename it/s,
  },
  {
    what: "a gateway that Kubernetes refuses",
    change: gateways({}, "Egress.Own"),
    at: ['gateways["Egress.Own"]'],
    says: /"egress-own"/,
  },
  {
    what: "a gateway whose Service Kubernetes refuses",
    change: gateways({}, "1-egress"),
    at: ["gateways.1-egress"],
    says: /A Service gets this name.*begins with a letter.*Fix: rename it\./s,
  },
  {
    what: "a gateway of one pod",
    change: gateways({ replicas: 1 }),
    at: ["gateways.egress-own.replicas"],
    says: /at least 2\..*2 to 1000/s,
  },
  {
    what: "fewer pods at most than at least",
    change: gateways({ replicas: 4, maxReplicas: 3 }),
    at: ["gateways.egress-own.maxReplicas"],
    says: /: replicas is 4\..*Allowed: 4 or more\./s,
  },
  {
    what: "fewer pods at most than the shared gateway has at least",
    change: { ...gateways({ maxReplicas: 3 }), gateway: { replicas: 4 } },
    at: ["gateways.egress-own.maxReplicas"],
    says: /: istio-egress:gateway\.replicas is 4\./,
  },
  {
    what: "more pods at least than the shared gateway has at most",
    change: { ...gateways({ replicas: 4 }), gateway: { maxReplicas: 3 } },
    at: ["gateways.egress-own.replicas"],
    says: /: 4\n.*istio-egress:gateway\.maxReplicas is 3\..*Allowed: 3 or fewer\..*maxReplicas beside it/s,
  },
  {
    what: "a drain without a unit, in each place,",
    change: { ...gateways({ drain: 45 }), gateway: { drain: 600 } },
    at: ["gateway.drain", "gateways.egress-own.drain"],
    says: /A time has a unit\..*Allowed: 1s to 1h, in whole minutes or seconds, as 10m or 45s\..*Fix: write "10m"\..*Fix: write "45s"\./s,
  },
  {
    what: "a drain of no time",
    change: gateways({ drain: "0s" }),
    at: ["gateways.egress-own.drain"],
    says: /cut off what is open at once.*write "1s"/s,
  },
  {
    what: "a drain of more than an hour",
    change: { gateway: { drain: "61m" } },
    at: ["gateway.drain"],
    says: /whose rule has gone.*write "1h"/s,
  },
  {
    what: "a drain that is no time",
    change: { gateway: { drain: "soon" } },
    at: ["gateway.drain"],
    says: /Not a time/,
  },
  {
    what: "a contradiction of the shared gateway's, which the others take over,",
    change: { ...gateways({}), gateway: { replicas: 4, maxReplicas: 3 } },
    at: ["gateway.maxReplicas"],
    says: /replicas is 4/,
  },
];

const aboutMeshes: Case[] = [
  {
    what: "an unknown kind",
    change: { mesh: { kind: "exisiting" } },
    at: ["mesh.kind"],
    says: /Allowed: istio, existing, cloud-service-mesh\..*did you mean "existing"\?/s,
  },
  { what: "a kind like no other", change: { mesh: { kind: "linkerd" } }, at: ["mesh.kind"], says: /Not a known value/ },
  { what: "a number for a kind", change: { mesh: { kind: 1 } }, at: ["mesh.kind"], says: /Not a known value/ },
  { what: "a list for a mesh", change: { mesh: [] }, at: ["mesh"], says: /but a list/ },
  {
    what: "a revision with a dot",
    change: existing({ revision: "1.31" }),
    at: ["mesh.revision"],
    says: /RFC 1123.*Fix: write it as istiod's pods have it in their label istio\.io\/rev\./s,
  },
  { what: "an empty revision", change: existing({ revision: "" }), at: ["mesh.revision"], says: /Must not be empty/ },
  {
    what: "an identity for a trust domain",
    change: existing({ trustDomain: "spiffe://cluster.local" }),
    at: ["mesh.trustDomain"],
    says: /Not a trust domain.*the name alone, as cluster\.local/s,
  },
  {
    what: "a trust domain in upper case",
    change: existing({ trustDomain: "Cluster.Local" }),
    at: ["mesh.trustDomain"],
    says: /Not a trust domain/,
  },
  { what: "an empty trust domain", change: existing({ trustDomain: "" }), at: ["mesh.trustDomain"], says: /empty/ },
  {
    what: "what is installed of a mesh that is there already",
    change: existing({ version: "1.31.1", charts: "/srv/charts", values: {}, clientMtls: "forced" }),
    at: ["mesh.charts", "mesh.clientMtls", "mesh.values", "mesh.version"],
    says: /Allowed: envoyFilters, kind, mtls, revision, trustDomain\./,
  },
  {
    what: "what a mesh of one's own has by itself",
    change: { mesh: { kind: "istio", revision: "1-31", trustDomain: "example.org", envoyFilters: true } },
    at: ["mesh.envoyFilters", "mesh.revision", "mesh.trustDomain"],
    says: /Allowed: charts, clientMtls, kind, mtls, values, version\./,
  },
  {
    what: "a trust domain of a managed mesh, which has its project's,",
    change: {
      mesh: { kind: "cloud-service-mesh", trustDomain: "acme-prod.svc.id.goog" },
      cluster: { kind: "gke", project: "acme-prod", name: "prod", location: "europe-west1" },
    },
    at: ["mesh.trustDomain"],
    says: /Allowed: kind, mtls\./,
  },
  {
    what: "client mTLS of another kind",
    change: { mesh: { clientMtls: "force" } },
    at: ["mesh.clientMtls"],
    says: /Allowed: auto, forced\..*did you mean "forced"\?/s,
  },
  { what: "permissive mTLS", change: existing({ mtls: "PERMISSIVE" }), at: ["mesh.mtls"], says: /STRICT/ },
];

describe("bad input about gateways of destinations' own", () => {
  itRefuses(aboutGateways);

  it("is no gateway that says both ends of its size, whatever the shared one has", () => {
    const own = gateways({ replicas: 4, maxReplicas: 6 });
    assert.deepEqual(problemsOf({ ...own, gateway: { replicas: 2, maxReplicas: 3 } }), []);
  });
});

describe("bad input about a mesh", () => {
  itRefuses(aboutMeshes);
});
