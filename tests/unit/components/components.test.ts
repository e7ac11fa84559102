// Does not prove that the parts work together on a cluster: tests/lab does, for the stack made by Platform.
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import {
  EgressDestination,
  EgressGateway,
  EgressNamespace,
  existingMesh,
  InjectedNamespace,
  Mesh,
  Workload,
} from "../../../components";
import { labConfig, RecordingEngine, settled } from "./register";

async function shop() {
  const engine = new RecordingEngine();
  await engine.use();
  const mesh = new Mesh("mesh", { version: "1.31.1", charts: "https://charts.example.com" });
  const egress = new EgressNamespace("egress", { mesh, guardedNamespaces: ["shop"] });
  const gateway = new EgressGateway("gateway", { namespace: egress });
  const namespace = new InjectedNamespace("shop", { egress, namespace: "shop" });
  const hosts = ["api.stripe.com"];
  const cart = new Workload("cart", { namespace, workload: "cart", image: "cart:3", hosts });
  const stripe = new EgressDestination("stripe", { gateway, destination: "stripe", hosts, clients: [cart.client] });
  return { engine, mesh, egress, gateway, namespace, cart, stripe };
}

describe("components by themselves", () => {
  it("give outputs that other resources can wait for", async () => {
    const { mesh, egress, gateway, namespace, cart, stripe } = await shop();
    assert.equal(await settled(mesh.namespace), "istio-system");
    assert.equal(await settled(mesh.version), "1.31.1");
    assert.equal(await settled(egress.namespace), "istio-egress");
    assert.equal(await settled(gateway.identity), "spiffe://cluster.local/ns/istio-egress/sa/egress-gateway");
    assert.equal(await settled(namespace.namespace), "shop");
    assert.equal(await settled(cart.identity), "spiffe://cluster.local/ns/shop/sa/cart");
    assert.deepEqual(await settled(cart.hosts), ["api.stripe.com"]);
    assert.deepEqual(await settled(stripe.hosts), ["api.stripe.com"]);
  });

  it("have defaults: two gateway pods, one pod of a workload, no Service without a port, http and https", async () => {
    const { engine, stripe, cart } = await shop();
    await Promise.all([settled(stripe.urn), settled(cart.urn)]);
    await engine.quiet();
    const inputs = (name: string, kind: string) =>
      engine.asked.find((asked) => asked.name === name && asked.type.endsWith(`:${kind}`))?.inputs;
    assert.equal(inputs("gateway/istio-egress/egress-gateway", "Deployment").spec.replicas, 2);
    assert.equal(inputs("cart/shop/cart", "Deployment").spec.replicas, 1);
    assert.equal(inputs("cart/shop/cart", "Service"), undefined);
    const ports = inputs("egress/destinations/istio-egress/stripe.hosts", "ServiceEntry").spec.ports as {
      number: number;
    }[];
    assert.deepEqual(
      ports.map(({ number }) => number),
      [80, 443],
    );
  });

  it("say which namespace is missing where a mesh takes no EnvoyFilter", async () => {
    const engine = new RecordingEngine();
    await engine.use();
    const egress = new EgressNamespace("egress", {
      mesh: existingMesh({ envoyFilters: false }),
      guardedNamespaces: ["shop"],
    });
    const gateway = new EgressGateway("gateway", { namespace: egress });
    const namespace = new InjectedNamespace("shop", { egress, namespace: "shop" });
    const stripe = (name: string, clientNamespaces?: InjectedNamespace[]) =>
      new EgressDestination(name, {
        gateway,
        destination: "stripe",
        hosts: ["api.stripe.com"],
        clients: [{ namespace: "shop", serviceAccount: "cart" }],
        ...(clientNamespaces === undefined ? {} : { clientNamespaces }),
      });
    assert.throws(() => stripe("without"), /the namespace "shop": add it to clientNamespaces/);
    stripe("with", [namespace]);
    await engine.quiet();
    assert.ok(engine.started.includes("ServiceEntry egress/destinations/shop/stripe.hosts"));
  });

  it("have no host in common, which would be one object of two owners", async () => {
    const { gateway, cart } = await shop();
    const other = (destination: string, hosts: string[]) =>
      new EgressDestination(destination, { gateway, destination, hosts, clients: [cart.client] });
    assert.throws(
      () => other("payments", ["api.stripe.com"]),
      /EgressDestination "payments".*\n.*hosts: DestinationRule istio-egress\/api\.stripe\.com is EgressDestination "stripe"'s already/,
    );
    other("scripts", ["js.stripe.com"]);
  });

  it("give the platform's outputs", async () => {
    const { platform } = await new RecordingEngine().run({ config: labConfig() });
    assert.equal(await settled(platform.gatewayNamespace), "istio-egress");
    assert.deepEqual(await settled(platform.grants), {
      "istio-workload/hammer": [],
      "test-app/app-a": ["github.com", "httpbin.org"],
      "test-app/app-b": ["google.com", "www.google.com"],
    });
    assert.deepEqual(await settled(platform.identities), {
      "istio-workload/hammer": "spiffe://cluster.local/ns/istio-workload/sa/hammer",
      "test-app/app-a": "spiffe://cluster.local/ns/test-app/sa/app-a",
      "test-app/app-b": "spiffe://cluster.local/ns/test-app/sa/app-b",
    });
  });

  it("may be each other's children", async () => {
    const { engine, namespace, egress, mesh } = await shop();
    const child = { parent: namespace };
    const till = new Workload("till", { namespace, workload: "till", image: "till:1" }, child);
    const shelf = new Workload("shelf", { namespace, workload: "shelf", image: "shelf:1" }, child);
    const office = new InjectedNamespace("office", { egress, namespace: "office" }, { parent: mesh });
    await Promise.all([till, shelf, office].map(({ urn }) => settled(urn)));
    await engine.quiet();
    for (const expected of [
      "Deployment till/shop/till",
      "Deployment shelf/shop/shelf",
      "Sidecar office/office/default",
    ]) {
      assert.ok(engine.started.includes(expected), `${expected} waits for itself`);
    }
  });

  it("are known to Pulumi as components, by type", async () => {
    const { mesh } = await shop();
    assert.ok(pulumi.ComponentResource.isInstance(mesh));
    assert.match(await settled(mesh.urn), /::istio-egress:index:Mesh::mesh$/);
  });
});
