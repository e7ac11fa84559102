// A service beside the mesh, by both ways: its name, its addresses, and who gets there.
// Does not prove: that a sidecar, iptables or an enforcer takes it as it is meant; the lab's tests do.
import assert from "node:assert/strict";
import {
  manifestKey,
  neededAnnotations,
  OutsideArgs,
  outsideHost,
  parseConfig,
  Plan,
  planOutside,
  planStack,
} from "../../../../model";
import { explain, readCall } from "../../../../model/explain";
import { now, soundConfig } from "../config/sound-config";
import { find } from "./find";

const args: OutsideArgs = {
  name: "svc-foo",
  namespace: "istio-workload",
  addresses: ["10.10.0.5", "10.10.0.4"],
  ports: { http: 80, https: 443 },
  via: "service",
  clients: ["hammer", "anvil"],
  gatewayNamespace: "istio-egress",
};
const host = "svc-foo.istio-workload.svc.cluster.local";
const keys = {
  service: "Service/istio-workload/svc-foo",
  slice: "EndpointSlice/istio-workload/svc-foo",
  entry: `ServiceEntry/istio-egress/${host}`,
  rule: "DestinationRule/istio-workload/svc-foo",
  policy: "NetworkPolicy/istio-workload/egress-to-svc-foo",
};

describe("planOutside by the sidecar", () => {
  const manifests = planOutside(args);

  it("is a name, a way for the sidecars and one for the pods, sorted", () => {
    assert.deepEqual(manifests.map(manifestKey), [keys.rule, keys.slice, keys.policy, keys.service, keys.entry]);
  });

  it("gives the name to the cluster's DNS, with the addresses behind it, and to no sidecar", () => {
    const { metadata, spec } = find(manifests, keys.service);
    assert.deepEqual(metadata.annotations, { "networking.istio.io/exportTo": "~" });
    assert.deepEqual(spec, {
      clusterIP: "None",
      ports: [
        { name: "http", port: 80, protocol: "TCP" },
        { name: "https", port: 443, protocol: "TCP" },
      ],
    });
    const { metadata: ofSlice, ...slice } = find(manifests, keys.slice);
    assert.equal(ofSlice.labels?.["kubernetes.io/service-name"], "svc-foo");
    assert.deepEqual(slice, {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      addressType: "IPv4",
      endpoints: [
        { addresses: ["10.10.0.4"], conditions: { ready: true } },
        { addresses: ["10.10.0.5"], conditions: { ready: true } },
      ],
      ports: [
        { name: "http", port: 80, protocol: "TCP" },
        { name: "https", port: 443, protocol: "TCP" },
      ],
    });
  });

  it("lets sidecars of the one namespace import it, with the application's TLS left as it is", () => {
    assert.equal(outsideHost(args), host);
    assert.deepEqual(find(manifests, keys.entry).spec, {
      hosts: [host],
      exportTo: ["istio-workload"],
      location: "MESH_EXTERNAL",
      ports: [
        { name: "http", number: 80, protocol: "HTTP" },
        { name: "https", number: 443, protocol: "TLS" },
      ],
      resolution: "STATIC",
      endpoints: [{ address: "10.10.0.4" }, { address: "10.10.0.5" }],
    });
  });

  it("has them call it without mutual TLS, whatever the mesh has for its Services", () => {
    assert.deepEqual(find(manifests, keys.rule).spec, {
      host,
      exportTo: ["."],
      trafficPolicy: { tls: { mode: "DISABLE" } },
    });
  });

  it("says nothing about TLS where it is to be as the mesh has it", () => {
    const asMesh = planOutside({ ...args, clientMtls: "mesh" });
    assert.deepEqual(
      asMesh,
      manifests.filter(({ kind }) => kind !== "DestinationRule"),
    );
    assert.deepEqual(planOutside({ ...args, clientMtls: "disabled" }), manifests);
  });

  it("opens the addresses and ports for the clients' pods alone", () => {
    assert.deepEqual(find(manifests, keys.policy).spec, {
      podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["anvil", "hammer"] }] },
      policyTypes: ["Egress"],
      egress: [
        {
          to: [{ ipBlock: { cidr: "10.10.0.4/32" } }, { ipBlock: { cidr: "10.10.0.5/32" } }],
          ports: [
            { protocol: "TCP", port: 80 },
            { protocol: "TCP", port: 443 },
          ],
        },
      ],
    });
  });

  it("has ports of its own, by what is spoken on them", () => {
    const own = planOutside({ ...args, ports: { https: 8443 } });
    const portsOf = (key: string) => find(own, key).spec.ports;
    assert.deepEqual(portsOf(keys.service), [{ name: "https", port: 8443, protocol: "TCP" }]);
    assert.deepEqual(portsOf(keys.entry), [{ name: "https", number: 8443, protocol: "TLS" }]);
    assert.deepEqual(find(own, keys.policy).spec.egress[0].ports, [{ protocol: "TCP", port: 8443 }]);
    assert.deepEqual((find(own, keys.slice) as any).ports, [{ name: "https", port: 8443, protocol: "TCP" }]);
  });

  it("does not care in which order it is given addresses and clients", () => {
    const other = { ...args, addresses: ["10.10.0.4", "10.10.0.5"], clients: ["anvil", "hammer", "anvil"] };
    assert.deepEqual(planOutside(other), manifests);
  });
});

describe("planOutside past the sidecar", () => {
  const past: OutsideArgs = { ...args, via: "bypass", addresses: ["10.10.1.0/28", "10.10.0.4"] };

  it("is a name and a way for the pods, and nothing that a sidecar reads", () => {
    const manifests = planOutside(past);
    assert.deepEqual(manifests.map(manifestKey), [keys.slice, keys.policy, keys.service]);
    assert.deepEqual(find(manifests, keys.policy).spec.egress[0].to, [
      { ipBlock: { cidr: "10.10.0.4/32" } },
      { ipBlock: { cidr: "10.10.1.0/28" } },
    ]);
  });

  it("has the single addresses only behind its name, and is refused without any", () => {
    const { endpoints } = find(planOutside(past), keys.slice) as any;
    assert.deepEqual(endpoints, [{ addresses: ["10.10.0.4"], conditions: { ready: true } }]);
    assert.throws(
      () => planOutside({ ...past, addresses: ["10.10.1.0/28"] }),
      /addresses: No single address: the service would have a name that leads nowhere/,
    );
  });
});

describe("a service beside the mesh in a stack", () => {
  const service = { namespace: "istio-workload", addresses: ["10.10.0.4/32"], via: "service" };
  const hammer = { namespace: "istio-workload", image: "i" };
  const rule = { from: "istio-workload/hammer", to: "svc-foo" };

  function plan(outside: Record<string, unknown>, allow: unknown[] = [rule]): Plan {
    const workloads = { hammer, anvil: hammer };
    const config = { ...soundConfig(), workloads, allow, outside };
    return planStack(parseConfig(config, { now }));
  }

  function ofWorkload({ workloads }: Plan, name: string) {
    const { manifests } = workloads.find((workload) => workload.name === name)!;
    const { template } = find(manifests, `Deployment/istio-workload/${name}`).spec;
    return {
      knows: find(manifests, `Sidecar/istio-workload/${name}`).spec.egress[0].hosts.slice(2) as string[],
      past: template.metadata.annotations as Record<string, string> | undefined,
    };
  }

  it("is known to the sidecars of the workloads that are granted it, and to no neighbour's", () => {
    const planned = plan({ "svc-foo": service });
    assert.deepEqual(ofWorkload(planned, "hammer"), { knows: [`istio-egress/${host}`], past: undefined });
    assert.deepEqual(ofWorkload(planned, "anvil"), { knows: [], past: undefined });
    assert.deepEqual(find(planned.outside[0]!.manifests, keys.entry).spec.endpoints, [{ address: "10.10.0.4" }]);
  });

  it("goes past the sidecars of the workloads that are granted it, and of no neighbour", () => {
    const bypass = { ...service, via: "bypass", addresses: ["10.10.1.0/28", "10.10.0.4"] };
    const planned = plan({ "svc-foo": bypass, "svc-bar": { ...bypass, addresses: ["10.10.0.9"] } }, [
      rule,
      { ...rule, to: "svc-bar" },
    ]);
    const annotation = "traffic.sidecar.istio.io/excludeOutboundIPRanges";
    assert.deepEqual(ofWorkload(planned, "hammer"), {
      knows: [],
      past: { [annotation]: "10.10.0.4/32,10.10.0.9/32,10.10.1.0/28" },
    });
    assert.deepEqual(ofWorkload(planned, "anvil"), { knows: [], past: undefined });
  });

  it("has http on port 80 and https on 443, without mutual TLS, unless it says otherwise", () => {
    const [planned] = plan({ "svc-foo": service }).outside;
    const spelled = { ...service, ports: { http: 80, https: 443 }, clientMtls: "disabled" };
    assert.deepEqual([planned], plan({ "svc-foo": spelled }).outside);
    assert.deepEqual(
      find(planned!.manifests, keys.service).spec.ports.map(({ port }: { port: number }) => port),
      [80, 443],
    );
    assert.ok(planned!.manifests.some(({ kind }) => kind === "DestinationRule"));
  });

  describe("granted to pods that others make", () => {
    const wrench = {
      namespace: "istio-workload",
      existing: { serviceAccount: "wrench", selector: { tool: "wrench", size: "9" } },
    };
    const ofWrench = { ...rule, from: "istio-workload/wrench" };

    function parsed(outside: Record<string, unknown>, allow: unknown[]) {
      const config = { ...soundConfig(), workloads: { hammer, wrench }, allow, outside };
      return parseConfig(config, { now });
    }

    function policies(config: ReturnType<typeof parsed>) {
      const { outside, workloads } = planStack(config);
      return [...outside, ...workloads]
        .flatMap(({ manifests }) => manifests)
        .filter(({ kind }) => kind === "NetworkPolicy")
        .map(({ metadata, spec }: any) => [metadata.name, spec.podSelector, spec.egress[0].to]);
    }

    const cidr = (text: string) => [{ ipBlock: { cidr: text } }];

    it("is opened by the labels that they go by, for them only, and known to their sidecars", () => {
      const config = parsed({ "svc-foo": service }, [ofWrench]);
      assert.deepEqual(policies(config), [
        ["egress-of-wrench", { matchLabels: { tool: "wrench", size: "9" } }, cidr("10.10.0.4/32")],
      ]);
      const [planned] = planStack(config).workloads.filter(({ name }) => name === "wrench");
      const sidecar = find(planned!.manifests, "Sidecar/istio-workload/wrench");
      assert.deepEqual(sidecar.spec.egress[0].hosts.slice(2), [`istio-egress/${host}`]);
      assert.deepEqual(neededAnnotations(config), []);
    });

    it("is opened for a workload that is made here beside them by a policy of its own", () => {
      assert.deepEqual(policies(parsed({ "svc-foo": service }, [rule, ofWrench])), [
        [
          "egress-to-svc-foo",
          { matchExpressions: [{ key: "app", operator: "In", values: ["hammer"] }] },
          cidr("10.10.0.4/32"),
        ],
        ["egress-of-wrench", { matchLabels: { tool: "wrench", size: "9" } }, cidr("10.10.0.4/32")],
      ]);
    });

    it("says which annotation they need to go past their sidecars, with all addresses that are granted so", () => {
      const bypass = { ...service, via: "bypass" };
      const config = parsed({ "svc-foo": bypass, "svc-bar": { ...bypass, addresses: ["10.10.0.9"] } }, [
        ofWrench,
        { ...ofWrench, to: "svc-bar" },
      ]);
      const warnings = neededAnnotations(config);
      assert.deepEqual(
        warnings.map(({ path, value }) => [path, value]),
        [
          [
            "istio-egress:allow[0], istio-egress:allow[1]",
            "istio-workload/wrench → svc-foo, istio-workload/wrench → svc-bar",
          ],
        ],
      );
      assert.match(
        warnings[0]!.problem,
        /need the annotation traffic\.sidecar\.istio\.io\/excludeOutboundIPRanges: "10\.10\.0\.4\/32,10\.10\.0\.9\/32"/,
      );
      const explained = explain(config, "istio-workload/wrench", callOf(`http://${host}`));
      assert.equal(explained.allowed, true);
      assert.deepEqual(explained.way.at(-1)!.by, ["NetworkPolicy/istio-workload/egress-of-wrench"]);
      assert.match(explained.way.at(-2)!.what, /its pods need the annotation/);
    });

    it("is not granted to every ServiceAccount of the namespace", () => {
      assert.throws(
        () => parsed({ "svc-foo": service }, [{ ...rule, from: "istio-workload/*" }]),
        /No gateway asks for the identity on this way: labels of pods open it/,
      );
    });
  });

  it("is nothing at all as long as nobody is granted it", () => {
    assert.deepEqual(plan({ "svc-foo": service }, []), plan({}, []));
  });
});

function callOf(url: string) {
  const read = readCall(url);
  assert.ok("call" in read);
  return read.call;
}
