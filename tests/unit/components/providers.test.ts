// Whose provider makes what: the caller's, wherever one is given, and otherwise one with the settings of the default one.
// Does not prove what the transforms of a component's options change: tests/lab/example.test.ts does, as mocks run none.
import { Provider as GoogleProvider } from "@pulumi/gcp/provider";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import {
  EgressClient,
  EgressDestination,
  EgressGateway,
  EgressNamespace,
  InjectedNamespace,
  Mesh,
  OutsideService,
  Platform,
  Workload,
} from "../../../components";
import { GkeCluster } from "../../../components/gke";
import { parseConfig } from "../../../model";
import { soundGke } from "../model/gke/gke-config";
import { soundConfig } from "../model/config/sound-config";
import { labConfig, RecordingEngine, today } from "./register";

async function engineWith(settings: Record<string, string> = {}, secret: string[] = []) {
  const engine = new RecordingEngine();
  await engine.use();
  pulumi.runtime.setAllConfig(settings, secret);
  return engine;
}

/** Which providers make the objects of a package, by name; empty for the default one. */
function makers(engine: RecordingEngine, packageName: string): string[] {
  const made = engine.asked.filter(({ type }) => type.startsWith(`${packageName}:`));
  assert.ok(made.length > 0, `nothing of ${packageName} was made`);
  return [...new Set(made.map(({ provider }) => provider.split("::").at(-2) ?? ""))].sort();
}

const gke = () => parseConfig({ ...soundConfig(), cluster: soundGke }, { now: today }).cluster as never;

/** Every component, each with these options. */
function everything(opts: pulumi.ComponentResourceOptions): void {
  const mesh = new Mesh("mesh", { version: "1.31.1", charts: "/srv/charts", discovered: ["old"] }, opts);
  const egress = new EgressNamespace("egress", { mesh, guardedNamespaces: ["shop"] }, opts);
  const gateway = new EgressGateway("gateway", { namespace: egress }, opts);
  const namespace = new InjectedNamespace("shop", { egress, namespace: "shop" }, opts);
  const cart = new Workload("cart", { namespace, workload: "cart", image: "cart:3" }, opts);
  const clock = new EgressClient("clock", { namespace, serviceAccount: "clock" }, opts);
  new EgressDestination("stripe", { gateway, destination: "stripe", hosts: ["stripe.com"] }, opts).grant(cart, clock);
  const service = { namespace, service: "ledger", addresses: ["10.10.0.4"], via: "service" as const };
  new OutsideService("ledger", service, opts).grant(cart);
}

describe("a provider of the caller's", () => {
  const forms: [string, (provider: Provider) => pulumi.ComponentResourceOptions][] = [
    ["provider", (provider) => ({ provider })],
    ["providers", (providers) => ({ providers: [providers] })],
    [
      "its parent's",
      (provider) => ({
        parent: new pulumi.ComponentResource("t:t:T", "top", {}, { providers: { kubernetes: provider } }),
      }),
    ],
  ];
  for (const [form, opts] of forms) {
    it(`makes every child of every component, as ${form}`, async () => {
      const engine = await engineWith();
      everything(opts(new Provider("mine", { context: "mine" })));
      await engine.quiet();
      assert.deepEqual(makers(engine, "kubernetes"), ["mine"]);
    });
  }

  it("is nobody's where none is given: the default one makes them, as the stack's settings have it", async () => {
    const engine = await engineWith({ "kubernetes:context": "theirs" });
    everything({});
    await engine.quiet();
    assert.deepEqual(makers(engine, "kubernetes"), [""]);
  });

  it("makes a whole platform, in the place of its own", async () => {
    const engine = await engineWith();
    new Platform("platform", { config: labConfig() }, { provider: new Provider("mine", { context: "mine" }) });
    await engine.quiet();
    assert.deepEqual(makers(engine, "kubernetes"), ["mine"]);
    assert.deepEqual(
      engine.started.filter((resource) => resource.startsWith("kubernetes ")),
      ["kubernetes mine"],
    );
  });

  it("makes a cluster on GKE", async () => {
    const engine = await engineWith();
    new GkeCluster(
      "gke",
      { gke: gke(), externalPorts: [80, 443] },
      { provider: new GoogleProvider("mine", { project: "acme" }) },
    );
    await engine.quiet();
    assert.deepEqual(makers(engine, "gcp"), ["mine"]);
  });
});

describe("a provider that a component makes itself", () => {
  const settings = (engine: RecordingEngine, name: string) => engine.asked.find((asked) => asked.name === name)!.inputs;

  it("has what the stack says of the default one, but for what the allowlist's own keys say", async () => {
    const given = {
      "kubernetes:context": "theirs",
      "kubernetes:kubeconfig": '{"kind":"Config"}',
      "kubernetes:enableServerSideApply": "true",
      "kubernetes:kubeClientSettings": '{"burst":50}',
      "kubernetes:upsertExistingObjects": "true",
      "kubernetesx:context": "other",
    };
    const engine = await engineWith(given, ["kubernetes:kubeconfig"]);
    const config = parseConfig({ ...soundConfig(), cluster: { kind: "existing", context: "ours" } }, { now: today });
    new Platform("platform", { config });
    await engine.quiet();
    const inputs = settings(engine, "platform-cluster");
    assert.equal(inputs.context, "ours");
    assert.deepEqual([inputs.enableServerSideApply, inputs.upsertExistingObjects], ["true", "false"]);
    assert.deepEqual(JSON.parse(inputs.kubeClientSettings as string), { burst: 50 });
    assert.deepEqual(Object.keys(inputs.kubeconfig as object).length, 2, "the kubeconfig is not a secret");
    assert.equal(inputs.kubeconfig.value, given["kubernetes:kubeconfig"]);
  });

  it("is for the project and region of the cluster, with the stack's settings for Google", async () => {
    const engine = await engineWith({ "gcp:project": "another", "gcp:impersonateServiceAccount": "deployer@acme" });
    new GkeCluster("gke", { gke: gke(), externalPorts: [80, 443] });
    await engine.quiet();
    const { project, impersonateServiceAccount } = settings(engine, "gke/google");
    assert.deepEqual([project, impersonateServiceAccount], [soundGke.project, "deployer@acme"]);
    assert.deepEqual(makers(engine, "gcp"), ["gke/google"]);
  });
});
