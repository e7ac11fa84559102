// Every kind of bad input about services beside the mesh, and about the rules that grant them, is refused.
// Does not prove: that the addresses are those of the service that is meant; nobody but its owner knows.
import assert from "node:assert/strict";
import { planNamespace } from "../../../../model";
import { Case, itRefuses, problemsOf } from "./refused";

const sound = { namespace: "istio-workload", addresses: ["10.10.0.4"], via: "service" };
const gke = { kind: "gke", project: "acme-prod", name: "prod", location: "europe-west1" };

/** The service of the other tests, with these keys instead. */
function service(change: Record<string, unknown>): Record<string, unknown> {
  return { outside: { "svc-foo": { ...sound, ...change } } };
}

function called(name: string, change: Record<string, unknown> = {}): Record<string, unknown> {
  return { outside: { [name]: { ...sound, ...change } } };
}

function past(...addresses: string[]): Record<string, unknown> {
  return service({ via: "bypass", addresses });
}

const at = (key: string) => [`outside.svc-foo.${key}`];

const cases: Case[] = [
  { what: "a name that Kubernetes refuses", change: called("svc_foo"), at: ["outside.svc_foo"], says: /"svc-foo"/ },
  {
    what: "a name that no Service may have",
    change: called("1-svc"),
    at: ["outside.1-svc"],
    says: /A Service gets this name.*begins with a letter.*Fix: rename it\./s,
  },
  {
    what: "the name of a destination",
    change: called("github"),
    at: ["outside.github"],
    says: /A destination has this name already, at istio-egress:destinations\.github: .*rename one of the two/s,
  },
  {
    what: "the name of a workload's Service",
    change: called("app-a", { namespace: "test-app" }),
    at: ["outside.app-a"],
    says: /istio-egress:workloads\.app-a has a Service of this name already/,
  },
  {
    what: "a service without its parts",
    change: { outside: { "svc-foo": null } },
    at: ["namespace", "addresses", "via"].flatMap(at),
    says: /missing/,
  },
  { what: "an unknown key", change: service({ adresses: [] }), at: at("adresses"), says: /did you mean "addresses"\?/ },
  {
    what: "a namespace that is not configured",
    change: service({ namespace: "istio-worklaod" }),
    at: at("namespace"),
    says: /Allowed: istio-workload, test-app\..*did you mean "istio-workload"\?/s,
  },
  {
    what: "a namespace like no other",
    change: service({ namespace: "payments" }),
    at: at("namespace"),
    says: /add it to istio-egress:namespaces/,
  },
  { what: "no way", change: service({ via: undefined }), at: at("via"), says: /missing.*Allowed: service, bypass\./s },
  {
    what: "no way, with mutual TLS all the same,",
    change: service({ via: undefined, clientMtls: "mesh" }),
    at: at("via"),
    says: /Allowed: service, bypass\./,
  },
  { what: "another way", change: service({ via: "bypas" }), at: at("via"), says: /did you mean "bypass"\?/ },

  { what: "no address", change: service({ addresses: [] }), at: at("addresses"), says: /at least 1/ },
  {
    what: "an octet too large",
    change: service({ addresses: ["10.10.0.256"] }),
    at: at("addresses[0]"),
    says: /Not an IPv4 address.*Allowed: an address, as 10\.10\.0\.4\./s,
  },
  {
    what: "a name for an address",
    change: past("10.10.0.4", "svc-foo.example.com"),
    at: at("addresses[1]"),
    says: /Not an IPv4 address.*Allowed: an address or a range/s,
  },
  { what: "an IPv6 address", change: past("fd00::4"), at: at("addresses[0]"), says: /Not an IPv4 address/ },
  {
    what: "a range that begins midway",
    change: past("10.10.0.4", "10.10.0.5/28"),
    at: at("addresses[1]"),
    says: /middle of a range.*write "10\.10\.0\.0\/28"/s,
  },
  {
    what: "a public address",
    change: service({ addresses: ["140.82.121.4"] }),
    at: at("addresses[0]"),
    says: /Not private.*Allowed: a part of 10\.0\.0\.0\/8,.*hosts of one of istio-egress:destinations/s,
  },
  {
    what: "an address on the node, where metadata servers are,",
    change: past("169.254.169.254"),
    at: at("addresses[0]"),
    says: /Neither a network of one's own nor public.*Fix: remove it\./s,
  },
  {
    what: "a range for the sidecar",
    change: service({ addresses: ["10.10.0.0/28"] }),
    at: at("addresses[0]"),
    says: /single addresses for endpoints.*list the addresses one by one, or choose via: bypass/s,
  },
  {
    what: "a range too wide",
    change: past("10.10.0.4", "10.10.2.0/23"),
    at: at("addresses[1]"),
    says: /Too wide: 512 addresses would go past the sidecar.*Allowed: \/24 or smaller/s,
  },
  {
    what: "ranges without an address",
    change: past("10.10.0.0/28", "10.10.1.0/28"),
    at: at("addresses"),
    says: /No single address.*name one address of it beside the ranges/s,
  },
  ...Object.entries({
    nodes: "10.0.0.9",
    pods: "10.7.1.1",
    gatewayPods: "10.0.31.255",
    services: "10.0.32.10",
    controlPlane: "172.16.0.2",
  }).map(([range, address]) => ({
    what: `an address of the cluster's own ${range}`,
    change: { ...service({ addresses: [address] }), cluster: gke },
    at: at("addresses[0]"),
    says: new RegExp(`Inside the cluster itself: overlaps istio-egress:cluster\\.network\\.${range}, `),
  })),
  {
    what: "a range that holds the cluster's own",
    change: { ...past("10.10.0.4", "172.16.0.0/24"), cluster: gke },
    at: at("addresses[1]"),
    says: /overlaps istio-egress:cluster\.network\.controlPlane, 172\.16\.0\.0\/28/,
  },

  { what: "no port", change: service({ ports: {} }), at: at("ports"), says: /No port at all.*http, https or both/s },
  {
    what: "one port for both",
    change: service({ ports: { http: 8080, https: 8080 } }),
    at: at("ports"),
    says: /cannot speak both plain HTTP and TLS.*give each its own/s,
  },
  { what: "a port out of range", change: service({ ports: { http: 0 } }), at: at("ports.http"), says: /1 to 65535/ },
  {
    what: "a port of another kind",
    change: service({ ports: { tcp: 5432 } }),
    at: at("ports.tcp"),
    says: /Allowed: http, https\./,
  },
  ...["disabled", "mesh"].map((clientMtls) => ({
    what: `clientMtls: ${clientMtls} past the sidecar`,
    change: service({ via: "bypass", clientMtls }),
    at: at("clientMtls"),
    says: /the application's own.*remove it, or choose via: service/s,
  })),
  {
    what: "mutual TLS of another kind",
    change: service({ clientMtls: "forced" }),
    at: at("clientMtls"),
    says: /Allowed: disabled, mesh\./,
  },

  {
    what: "a rule from another namespace",
    change: { ...service({}), allow: [{ from: "test-app/app-a", to: "svc-foo" }] },
    at: ["allow[0].to"],
    says: /one of the namespace istio-workload, and test-app\/app-a is not.*workloads of istio-workload.*give test-app one of its own under istio-egress:outside/s,
  },
  {
    what: "a rule from a workload that is not there",
    change: { ...service({}), allow: [{ from: "istio-worklaod/hammer", to: "svc-foo" }] },
    at: ["allow[0].from"],
    says: /did you mean "istio-workload\/hammer"\?/,
  },
  {
    what: "a rule to a service that is not there",
    change: { ...service({}), allow: [{ from: "istio-workload/hammer", to: "svc-fo" }] },
    at: ["allow[0].to"],
    says: /Allowed: github, httpbin, svc-foo\..*did you mean "svc-foo"\?/s,
  },
];

describe("bad input about services beside the mesh", () => {
  itRefuses(cases);

  it("is the name of every NetworkPolicy that a namespace has by itself, in any mesh", () => {
    const args = { name: "istio-workload", guardedNamespaces: ["istio-workload"], gatewayNamespace: "istio-egress" };
    const meshes = [{}, { managed: { range: "199.36.153.4/30" } }];
    const policies = meshes
      .flatMap((mesh) => planNamespace({ ...args, mesh }))
      .filter(({ kind }) => kind === "NetworkPolicy");
    const names = new Set(policies.map(({ metadata }) => metadata.name.replace(/^egress-to-/, "")));
    assert.equal(names.size, 5);
    for (const name of names) {
      assert.deepEqual(
        problemsOf(called(name)).map(({ path, problem }) => [path, problem]),
        [
          [
            `istio-egress:outside.${name}`,
            `The namespace has a NetworkPolicy egress-to-${name} already, and the service would have another`,
          ],
        ],
      );
    }
  });

  it("is no address that stands in a range of one, no range of 256, and no private range there is", () => {
    assert.deepEqual(problemsOf(past("10.10.0.4/32")), []);
    assert.deepEqual(problemsOf(service({ addresses: ["10.10.0.4/32"] })), []);
    assert.deepEqual(problemsOf(past("100.64.7.1", "172.31.255.1", "192.168.77.0/24")), []);
  });

  it("is none about the cluster's ranges where the cluster is not the stack's", () => {
    assert.deepEqual(problemsOf(service({ addresses: ["10.0.32.10"] })), []);
  });

  it("is none about a name that another namespace's Service has, or a workload without one", () => {
    assert.deepEqual(problemsOf(called("app-a")), []);
    assert.deepEqual(problemsOf(called("hammer")), []);
  });
});
