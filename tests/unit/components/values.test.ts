// Values that are known later: checked when they are known, secret where they are, and of no effect on which resources
// there are. Does not prove that the engine and a provider take them: tests/lab/example.test.ts does.
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import {
  EgressGateway,
  EgressNamespace,
  existingMesh,
  InjectedNamespace,
  Mesh,
  OutsideService,
  Workload,
  WorkloadArgs,
} from "../../../components";
import { RecordingEngine } from "./register";

/** What marks a secret on the way to the engine. */
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

async function shop() {
  const engine = new RecordingEngine();
  await engine.use();
  const egress = new EgressNamespace("egress", { mesh: existingMesh(), guardedNamespaces: ["shop"] });
  const namespace = new InjectedNamespace("shop", { egress, namespace: "shop" });
  const cart = (args: Partial<WorkloadArgs>) =>
    new Workload("cart", { namespace, workload: "cart", image: "cart:3", ...args });
  const inputs = async (title: string) => {
    await engine.quiet();
    const [kind, name] = title.split(" ");
    return engine.asked.find((asked) => asked.name === name && asked.type.endsWith(`:${kind}`))?.inputs;
  };
  return { engine, egress, namespace, cart, inputs };
}

/** What newer SDKs put before the message of whatever a property fails by. */
const sdkPrefix = /^error serializing property "(spec|metadata)": /;

/** The errors by which registrations fail, while a part of a program runs. */
async function failures(run: () => Promise<void>): Promise<string[]> {
  const seen: string[] = [];
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error) => seen.push((error as Error).message.replace(sdkPrefix, "")));
  try {
    await run();
  } finally {
    process.removeAllListeners("unhandledRejection");
    others.forEach((listener) => process.on("unhandledRejection", listener));
  }
  return [...new Set(seen)];
}

const later = <T>(value: T) => pulumi.output(new Promise<T>((resolve) => setTimeout(() => resolve(value), 5)));

/** The place of an error about one argument. */
const wrong = (component: string, argument: string) =>
  new RegExp(
    `^${component} "\\w+" cannot be made of 1 argument that is wrong\\.\\n {2}${argument.replaceAll(/[[\]]/g, "\\$&")}: `,
  );

describe("values of a Workload that are known later", () => {
  it("are in its Deployment as plain ones are", async () => {
    const { cart, inputs } = await shop();
    cart({
      image: later("cart:4"),
      replicas: later(3),
      env: { LEVEL: later("info"), PLAIN: "plain" },
      command: ["/bin/run", later("fast")],
      args: [Promise.resolve("now")],
      serviceAccountAnnotations: { role: later("reader") },
      pod: { spec: { terminationGracePeriodSeconds: later(5) } },
    });
    const { spec } = await inputs("Deployment cart/shop/cart");
    const [container] = spec.template.spec.containers;
    assert.deepEqual(
      [container.image, container.command, container.args, spec.replicas],
      ["cart:4", ["/bin/run", "fast"], ["now"], 3],
    );
    assert.deepEqual(container.env, [
      { name: "LEVEL", value: "info" },
      { name: "PLAIN", value: "plain" },
    ]);
    assert.equal(spec.template.spec.terminationGracePeriodSeconds, 5);
    assert.deepEqual((await inputs("ServiceAccount cart/shop/cart")).metadata.annotations, { role: "reader" });
  });

  it("hide themselves where they are secret, and nothing beside them", async () => {
    await shop();
    const egress = new EgressNamespace("own", { mesh: existingMesh(), guardedNamespaces: ["shop"] });
    const namespace = new InjectedNamespace("shop", { egress, namespace: "shop" });
    const sent: Record<string, Promise<any>> = {};
    // As it goes to the engine: the mocks hide the whole of what holds a secret.
    const remember: pulumi.ResourceTransformation = ({ type, props }) => {
      sent[type.split(":").at(-1)!] = pulumi.runtime.serializeProperties("sent", props);
      return undefined;
    };
    const env = { TOKEN: pulumi.secret("hush"), LEVEL: "info" };
    new Workload(
      "cart",
      { namespace, workload: "cart", image: "cart:3", replicas: 2, env },
      { transformations: [remember] },
    );
    const { spec } = await sent.Deployment!;
    const [container] = spec.template.spec.containers;
    assert.deepEqual([spec.replicas, container.image], [2, "cart:3"]);
    const value = Object.fromEntries(container.env.map((each: any) => [each.name, each.value]));
    assert.equal(value.LEVEL, "info");
    assert.deepEqual([Object.values(value.TOKEN).includes(secretMark), value.TOKEN.value], [true, "hush"]);
    assert.ok(!JSON.stringify([await sent.Sidecar, await sent.ServiceAccount]).includes("hush"));
  });

  const cases: [string, Partial<WorkloadArgs>, RegExp][] = [
    ["an empty image", { image: later("") }, wrong("Workload", "image")],
    ["a number for a text", { env: { A: later(5 as never) } }, wrong("Workload", "env.A")],
    ["no text in a list", { command: ["/bin/run", later(undefined as never)] }, wrong("Workload", "command[1]")],
    ["half a pod", { replicas: later(0.5) }, wrong("Workload", "replicas")],
    [
      "pods on the host's network",
      { pod: { spec: { hostNetwork: later(true) } } },
      wrong("Workload", "pod.spec.hostNetwork"),
    ],
  ];
  for (const [what, args, message] of cases) {
    it(`fail the Deployment, in the words of a plain one: ${what}`, async () => {
      const { cart, inputs, engine } = await shop();
      const said = await failures(async () => {
        cart(args);
        await engine.quiet();
      });
      assert.equal(said.length, 1, said.join("\n"));
      assert.match(said[0]!, message);
      assert.equal(await inputs("Deployment cart/shop/cart"), undefined);
      assert.ok((await inputs("Sidecar cart/shop/cart")) !== undefined);
    });
  }
});

describe("values of other components that are known later", () => {
  it("are in their objects as plain ones are", async () => {
    const { engine, inputs } = await shop();
    const egress = new EgressNamespace("own", {
      mesh: existingMesh(),
      namespace: "own-egress",
      guardedNamespaces: ["own"],
      resolvers: [later("169.254.20.10")],
      dnsPort: later(1053),
    });
    const namespace = new InjectedNamespace("own", { egress, namespace: "own", labels: { team: later("pay") } });
    new EgressGateway("gate", { namespace: egress, replicas: later(3) });
    const service = { namespace, via: "service" as const, clients: ["cart"] };
    new OutsideService("ledger", { ...service, service: "ledger", addresses: ["10.10.0.4", later("10.10.0.3/32")] });
    new OutsideService("books", { ...service, service: "books", addresses: later(["10.10.0.5"]) });
    new Mesh("mesh", { version: "1.31.1", charts: "/srv/charts", values: { pilot: { resources: later({ a: "b" }) } } });
    await engine.quiet();
    assert.equal((await inputs("Namespace own/own")).metadata.labels.team, "pay");
    for (const policy of ["own/own-egress/egress-to-dns", "own/own/egress-to-dns"]) {
      const text = JSON.stringify((await inputs(`NetworkPolicy ${policy}`)).spec);
      assert.ok(text.includes("169.254.20.10/32") && text.includes("1053"), text);
    }
    assert.equal((await inputs("Deployment gate/own-egress/egress-gateway")).spec.replicas, 3);
    const slice = await inputs("EndpointSlice ledger/own/ledger");
    assert.deepEqual(
      slice.endpoints.map(({ addresses }: any) => addresses),
      [["10.10.0.3"], ["10.10.0.4"]],
    );
    assert.deepEqual((await inputs("NetworkPolicy books/own/egress-to-books")).spec.egress[0].to, [
      { ipBlock: { cidr: "10.10.0.5/32" } },
    ]);
    const istiod = JSON.stringify(await inputs("Release mesh/istio-system/istiod"));
    assert.match(istiod, /"resources":\{"a":"b"\}/);
    assert.match(istiod, new RegExp(secretMark));
  });

  it("fail their objects where they are wrong, in the words of plain ones, and no secret is told", async () => {
    const { namespace, egress, engine, inputs } = await shop();
    const said = await failures(async () => {
      const service = { namespace, service: "ledger", via: "service" as const, clients: ["cart"] };
      new OutsideService("ledger", { ...service, addresses: [pulumi.secret("8.8.4.4")] });
      new OutsideService("books", { ...service, service: "books", addresses: [later("10.0.0.0/24")] });
      new EgressGateway("gate", { namespace: egress, replicas: later(1) });
      new EgressGateway("wide", { namespace: egress, gateway: "wide", replicas: later(4), maxReplicas: 4 });
      new Mesh("mesh", { version: "1.31.1", charts: "/srv/charts", values: later({ meshConfig: null }) });
      await engine.quiet();
    });
    const about = (text: string) => said.filter((each) => each.includes(text));
    assert.match(about('"ledger"')[0]!, /addresses\[0\]: "?\[secret\]"?: Not private/);
    assert.match(about('"books"')[0]!, /addresses\[0\]: "10\.0\.0\.0\/24": A Service has single addresses/);
    assert.match(about('"gate"')[0]!, /replicas: Not a whole number from 2/);
    assert.match(about('"wide"')[0]!, /Which objects there are must be known from the start/);
    assert.match(about('"mesh"')[0]!, /values\.meshConfig: /);
    assert.ok(!said.join().includes("8.8.4.4"));
    for (const object of ["EndpointSlice ledger/shop/ledger", "Release mesh/istio-system/istiod"]) {
      assert.equal(await inputs(object), undefined, object);
    }
  });

  it("leave it to what is plain to be refused at once", async () => {
    const { namespace } = await shop();
    const args = { namespace, service: "ledger", via: "service" as const, clients: ["cart"] };
    assert.throws(
      () => new OutsideService("ledger", { ...args, addresses: [later("10.10.0.4"), "8.8.8.8"] }),
      /addresses\[1\]: "8\.8\.8\.8": Not private/,
    );
    assert.doesNotThrow(() => new OutsideService("ledger", { ...args, addresses: [later("10.10.0.4"), "10.10.0.8"] }));
  });
});
