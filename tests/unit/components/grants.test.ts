// Grants by method: what each of them makes, of whatever pods a program has; each refusal beside a grant that is taken.
// Does not prove that anybody is let through or refused: tests/lab/example.test.ts does.
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import {
  EgressClient,
  EgressDestination,
  EgressGateway,
  EgressNamespace,
  existingMesh,
  GrantError,
  InjectedNamespace,
  OutsideService,
  Workload,
} from "../../../components";
import { RecordingEngine, settled } from "./register";

const hosts = ["api.stripe.com", "js.stripe.com"];

async function shop({ listed = false } = {}) {
  const engine = new RecordingEngine();
  await engine.use();
  const mesh = existingMesh(listed ? { envoyFilters: false } : {});
  const egress = new EgressNamespace("egress", { mesh, guardedNamespaces: ["shop", "office"] });
  const gateway = new EgressGateway("gateway", { namespace: egress });
  const namespace = new InjectedNamespace("shop", { egress, namespace: "shop" });
  const office = new InjectedNamespace("office", { egress, namespace: "office" });
  const clock = new EgressClient("clock", {
    namespace,
    serviceAccount: "clock-sa",
    selector: { "app.kubernetes.io/name": "clock" },
  });
  const cart = new Workload("cart", { namespace, workload: "cart", image: "cart:3" });
  const stripe = new EgressDestination("stripe", { gateway, destination: "stripe", hosts });
  const inputs = async (title: string) => {
    await engine.quiet();
    const [kind, name] = title.split(" ");
    return engine.asked.find((asked) => asked.name === name && asked.type.endsWith(`:${kind}`))?.inputs;
  };
  const ledger = (args: { via?: "service" | "bypass"; addresses?: string[] } = {}) =>
    new OutsideService("ledger", { namespace, service: "ledger", addresses: ["10.10.0.4"], via: "service", ...args });
  return { engine, egress, gateway, namespace, office, clock, cart, stripe, ledger, inputs };
}

/** The names that a sidecar knows, without those of the cluster. */
function known(sidecar: any): string[] {
  return (sidecar.spec.egress[0].hosts as string[]).filter((host) => !host.includes("/*."));
}

function refusal(grant: () => unknown): string {
  try {
    grant();
  } catch (error) {
    assert.ok(error instanceof GrantError && pulumi.RunError.isInstance(error), String(error));
    return error.message;
  }
  return assert.fail("it was granted");
}

describe("a grant of a destination", () => {
  it("is one statement: the gateway's policy, the name's way and the client's Sidecar follow from it", async () => {
    const { stripe, clock, cart, inputs } = await shop();
    assert.equal(stripe.grant(clock, cart), stripe);
    const policy = await inputs("AuthorizationPolicy egress/destinations/istio-egress/allow-stripe");
    assert.deepEqual(policy.spec.rules[0].from, [
      { source: { principals: ["cluster.local/ns/shop/sa/cart", "cluster.local/ns/shop/sa/clock-sa"] } },
    ]);
    for (const sidecar of ["Sidecar clock/shop/clock-sa", "Sidecar cart/shop/cart"]) {
      assert.deepEqual(
        known(await inputs(sidecar)),
        hosts.map((host) => `istio-egress/${host}`),
      );
    }
    const { spec } = await inputs("Sidecar clock/shop/clock-sa");
    assert.deepEqual(spec.workloadSelector, { labels: { "app.kubernetes.io/name": "clock" } });
    assert.deepEqual((await inputs("ServiceEntry egress/destinations/istio-egress/stripe.hosts")).spec.exportTo, [
      "shop",
    ]);
    assert.deepEqual(await settled(clock.hosts), hosts);
    assert.deepEqual(await settled(cart.hosts), hosts);
    assert.equal(await settled(clock.identity), "spiffe://cluster.local/ns/shop/sa/clock-sa");
  });

  it("is of that client only, and nothing is made of a destination that nobody is granted", async () => {
    const { stripe, clock, gateway, inputs, engine } = await shop();
    new EgressDestination("idle", { gateway, destination: "idle", hosts: ["idle.example.com"] });
    stripe.grant(clock);
    assert.deepEqual(known(await inputs("Sidecar cart/shop/cart")), []);
    assert.ok(engine.started.includes("EgressDestination idle"));
    assert.deepEqual(
      engine.started.filter((resource) => resource.includes(" idle/")),
      [],
    );
  });

  it("may be of several destinations, twice, and in a later line of the program than others", async () => {
    const { stripe, clock, cart, gateway, inputs } = await shop();
    const github = new EgressDestination("github", { gateway, destination: "github", hosts: ["github.com"] });
    stripe.grant(clock).grant(clock);
    github.grant(clock);
    stripe.grant(cart);
    assert.deepEqual(known(await inputs("Sidecar clock/shop/clock-sa")), [
      "istio-egress/api.stripe.com",
      "istio-egress/github.com",
      "istio-egress/js.stripe.com",
    ]);
    const { principals } = (await inputs("AuthorizationPolicy egress/destinations/istio-egress/allow-stripe")).spec
      .rules[0].from[0].source;
    assert.equal(principals.length, 2);
  });

  it("of a namespace is for all of its ServiceAccounts, and known to every client's Sidecar there", async () => {
    const { stripe, namespace, inputs } = await shop();
    stripe.grant(namespace);
    for (const sidecar of ["Sidecar shop/shop/default", "Sidecar clock/shop/clock-sa", "Sidecar cart/shop/cart"]) {
      assert.equal(known(await inputs(sidecar)).length, 2, sidecar);
    }
    assert.deepEqual(known(await inputs("Sidecar office/office/default")), []);
    const policy = await inputs("AuthorizationPolicy egress/destinations/istio-egress/allow-stripe");
    assert.deepEqual(policy.spec.rules[0].from[0].source.principals, ["cluster.local/ns/shop/sa/*"]);
  });

  it("puts the way into the client's namespace where the mesh takes no EnvoyFilter", async () => {
    const { stripe, clock, office, engine } = await shop({ listed: true });
    stripe.grant(clock);
    stripe.grant(office);
    await engine.quiet();
    const entries = engine.started.filter((resource) => /^ServiceEntry egress\/destinations\/.*hosts/.test(resource));
    assert.deepEqual(
      entries.map((entry) => entry.split("/")[2]),
      ["istio-egress", "office", "shop"],
    );
  });

  it("grows a program's resources with clients and destinations, not with the edges between them", async () => {
    const count = async (edges: boolean) => {
      const { engine, gateway, clock, cart } = await shop();
      const all = ["a", "b", "c"].map(
        (name) => new EgressDestination(name, { gateway, destination: name, hosts: [`${name}.example.com`] }),
      );
      all.forEach((destination) => destination.grant(clock, ...(edges ? [cart] : [])));
      await engine.quiet();
      return engine.asked.length;
    };
    assert.equal(await count(true), await count(false));
  });

  it("is refused, with what to do about it, where it would not be what it says", async () => {
    const { stripe, clock, gateway, egress, namespace } = await shop();
    const far = new InjectedNamespace("far", { egress, namespace: "far" });
    const stranger = new EgressClient("stranger", { namespace: far, serviceAccount: "stranger" });
    assert.match(
      refusal(() => stripe.grant(stranger)),
      /^EgressDestination "stripe" cannot be granted\.\n {2}EgressClient "stranger": .*closed to the namespace far: add it to guardedNamespaces/,
    );
    const others = new EgressNamespace("others", {
      mesh: existingMesh(),
      namespace: "others-egress",
      guardedNamespaces: ["shop"],
    });
    const elsewhere = new InjectedNamespace("elsewhere", { egress: others, namespace: "shop" });
    assert.match(
      refusal(() => stripe.grant(elsewhere)),
      /gateways in others-egress/,
    );
    const listed = new EgressDestination("listed", {
      gateway,
      destination: "listed",
      hosts: ["listed.example.com"],
      clients: [{ namespace: "shop", serviceAccount: "cart" }],
    });
    assert.match(
      refusal(() => listed.grant(clock)),
      /lists its clients: name this one there too/,
    );
    assert.match(
      refusal(() => stripe.grant(clock, undefined as never, {} as never)),
      /clients\[1\]: Not an EgressClient.*missing\.\n {2}clients\[2\]: .*something else\.$/s,
    );
    assert.doesNotThrow(() => stripe.grant(clock, namespace));
  });

  it("is refused when the program has waited since, and inside apply", async () => {
    const { stripe, clock, cart, gateway, namespace, inputs } = await shop();
    let inside = "";
    const late = new Promise<string>((resolve) => setTimeout(() => resolve("late"), 2));
    pulumi.output(late).apply(() => (inside = refusal(() => stripe.grant(clock))));
    stripe.grant(cart);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const after = refusal(() => stripe.grant(clock));
    for (const message of [after, inside]) {
      assert.match(message, /waited for something/);
    }
    assert.deepEqual(known(await inputs("Sidecar clock/shop/clock-sa")), []);
    const another = new EgressClient("late", { namespace, serviceAccount: "late" });
    const later = new EgressDestination("later", { gateway, destination: "later", hosts: ["later.example.com"] });
    later.grant(another);
    assert.deepEqual(known(await inputs("Sidecar late/shop/late")), ["istio-egress/later.example.com"]);
  });
});

describe("a grant of a service beside the mesh", () => {
  it("by its name: the client's Sidecar knows it, and its own pods' labels open the addresses", async () => {
    const { ledger, clock, inputs } = await shop();
    ledger().grant(clock);
    assert.deepEqual(known(await inputs("Sidecar clock/shop/clock-sa")), [
      "istio-egress/ledger.shop.svc.cluster.local",
    ]);
    const { spec } = await inputs("NetworkPolicy clock/shop/egress-of-clock-sa");
    assert.deepEqual(spec.podSelector, { matchLabels: { "app.kubernetes.io/name": "clock" } });
    assert.deepEqual(
      spec.egress.map(({ to }: any) => to),
      [[{ ipBlock: { cidr: "10.10.0.4/32" } }]],
    );
    assert.deepEqual(await settled(clock.podAnnotations), {});
    assert.equal(await inputs("NetworkPolicy cart/shop/egress-of-cart"), undefined);
    assert.equal(await inputs("NetworkPolicy ledger/shop/egress-to-ledger"), undefined);
  });

  it("past the sidecar: pods that are made here get the annotation, and others are told of it", async () => {
    const { ledger, clock, cart, inputs } = await shop();
    ledger({ via: "bypass", addresses: ["10.10.1.0/28", "10.10.0.4"] }).grant(clock, cart);
    const expected = { "traffic.sidecar.istio.io/excludeOutboundIPRanges": "10.10.0.4/32,10.10.1.0/28" };
    assert.deepEqual(await settled(clock.podAnnotations), expected);
    assert.deepEqual((await inputs("Deployment cart/shop/cart")).spec.template.metadata.annotations, expected);
    assert.deepEqual(known(await inputs("Sidecar cart/shop/cart")), []);
    assert.ok((await inputs("NetworkPolicy cart/shop/egress-of-cart")) !== undefined);
  });

  it("is refused to another namespace, to a whole one, and beside a list of clients", async () => {
    const { ledger, office, namespace, clock } = await shop();
    const service = ledger();
    assert.match(
      refusal(() => service.grant(new EgressClient("desk", { namespace: office, serviceAccount: "desk" }))),
      /EgressClient "desk": The service is one of the namespace shop: give office one of its own/,
    );
    assert.match(
      refusal(() => service.grant(namespace)),
      /grant it to an EgressClient or a Workload/,
    );
    const listed = new OutsideService("books", {
      namespace,
      service: "books",
      addresses: ["10.10.0.5"],
      via: "service",
      clients: ["cart"],
    });
    assert.match(
      refusal(() => listed.grant(clock)),
      /lists its clients/,
    );
    assert.doesNotThrow(() => service.grant(clock));
  });
});
