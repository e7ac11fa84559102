// A service beside the mesh by itself: what it registers, what it waits for, and under which name it is called.
// Does not prove: that anybody answers there; tests/lab does.
import assert from "node:assert/strict";
import {
  EgressNamespace,
  existingMesh,
  InjectedNamespace,
  JoinableMesh,
  Mesh,
  OutsideService,
  OutsideServiceArgs,
} from "../../../components";
import { RecordingEngine, settled } from "./register";

const host = "legacy.shop.svc.cluster.local";
const way = {
  service: "Service legacy/shop/legacy",
  slice: "EndpointSlice legacy/shop/legacy",
  policy: "NetworkPolicy legacy/shop/egress-to-legacy",
  entry: `ServiceEntry legacy/way-out/${host}`,
  rule: "DestinationRule legacy/shop/legacy",
};

/** A shop in a mesh, and the making of a service beside that mesh, which cart may call. */
async function shop(args: Partial<OutsideServiceArgs> = {}, mesh: () => JoinableMesh = existingMesh) {
  const engine = new RecordingEngine();
  await engine.use();
  const egress = new EgressNamespace("egress", { mesh: mesh(), namespace: "way-out", guardedNamespaces: ["shop"] });
  const namespace = new InjectedNamespace("shop", { egress, namespace: "shop" });
  const make = () =>
    new OutsideService("legacy", {
      namespace,
      service: "legacy",
      addresses: ["10.10.0.4"],
      via: "service",
      clients: ["cart"],
      ...args,
    });
  return { engine, make };
}

function own(engine: RecordingEngine): string[] {
  return engine.started.filter((resource) => resource.includes(" legacy"));
}

describe("OutsideService", () => {
  it("registers the way of the clients' sidecars, and gives the name that they call", async () => {
    const { engine, make } = await shop();
    const service = make();
    assert.equal(await settled(service.host), host);
    assert.match(await settled(service.urn), /::istio-egress:index:OutsideService::legacy$/);
    await engine.quiet();
    assert.deepEqual(own(engine), ["OutsideService legacy", ...Object.values(way)].sort());
  });

  it("has defaults: http on port 80 and https on 443, without mutual TLS", async () => {
    const { engine, make } = await shop();
    make();
    await engine.quiet();
    const { spec } = engine.asked.find(({ name }) => name === `legacy/way-out/${host}`)!.inputs;
    assert.deepEqual(
      spec.ports.map(({ name, number }: { name: string; number: number }) => [name, number]),
      [
        ["http", 80],
        ["https", 443],
      ],
    );
    const rule = engine.asked.find(
      ({ type, name }) => type.endsWith(":DestinationRule") && name.startsWith("legacy/"),
    )!;
    assert.deepEqual(rule.inputs.spec.trafficPolicy, { tls: { mode: "DISABLE" } });
  });

  it("takes ports of its own, and mutual TLS as the mesh has it", async () => {
    const { engine, make } = await shop({ ports: { https: 8443 }, clientMtls: "mesh" });
    make();
    await engine.quiet();
    const { spec } = engine.asked.find(({ name }) => name === `legacy/way-out/${host}`)!.inputs;
    assert.deepEqual(spec.ports, [{ name: "https", number: 8443, protocol: "TLS" }]);
    assert.ok(!own(engine).includes(way.rule));
  });

  it("registers nothing for sidecars where it goes past them", async () => {
    const { engine, make } = await shop({ via: "bypass" });
    const service = make();
    await engine.quiet();
    assert.deepEqual(own(engine), ["OutsideService legacy", way.service, way.slice, way.policy].sort());
    assert.equal(await settled(service.host), host);
  });

  it("waits with what istiod has to know, and with nothing else, until istiod is there", async () => {
    const mesh = () => new Mesh("mesh", { version: "1.31.1", charts: "https://charts.example.com" });
    const { engine, make } = await shop({}, mesh);
    const release = engine.hold("mesh/istio-system/istiod");
    make();
    await engine.quiet();
    assert.deepEqual(own(engine), ["OutsideService legacy", way.service, way.slice, way.policy].sort());
    release();
    await engine.quiet();
    assert.ok(own(engine).includes(way.entry) && own(engine).includes(way.rule));
  });
});

describe("existingMesh", () => {
  it("is there from the start, is not the stack's, and differs from Istio's defaults as it is told", () => {
    assert.deepEqual(existingMesh(), { ready: [], traits: { foreign: true } });
    const traits = { revision: "1-31", trustDomain: "example.org", envoyFilters: false };
    assert.deepEqual(existingMesh(traits), { ready: [], traits: { ...traits, foreign: true } });
  });

  it("has each namespace ask for strict mutual TLS, and nothing installed", async () => {
    const { engine } = await shop();
    await engine.quiet();
    assert.deepEqual(
      engine.started.filter((resource) => /^(PeerAuthentication|Release) /.test(resource)),
      ["PeerAuthentication egress/way-out/default", "PeerAuthentication shop/shop/default"],
    );
  });

  it("gets pods by its revision's label", async () => {
    const { engine } = await shop({}, () => existingMesh({ revision: "1-31" }));
    await engine.quiet();
    const namespace = engine.asked.find(({ type, name }) => type.endsWith(":Namespace") && name.startsWith("shop/"))!;
    assert.equal(namespace.inputs.metadata.labels["istio.io/rev"], "1-31");
    assert.equal(namespace.inputs.metadata.labels["istio-injection"], undefined);
  });
});
