// The enforcer as a process, from objects of a stand-in API server to connections that are cut. Needs root, nftables
// and iproute2, but no lab. Does not prove how it gets on with a real API server: the lab runs on it.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { ApiObject } from "../../lab/netpol/resources";
import { table } from "../../lab/netpol/ruleset";
import { Answer } from "./netpol/agent";
import { EnforcerProcess } from "./netpol/enforcer-process";
import { Machine, podCidr } from "./netpol/machine";

const [client, server, newcomer] = ["10.244.0.2", "10.244.0.3", "10.244.0.4"] as const;

function pod(name: string, podIP: string): ApiObject {
  const object = { metadata: { namespace: "shop", name, labels: { app: name } }, status: { phase: "Running", podIP } };
  return object;
}

const policies = "/apis/networking.k8s.io/v1/networkpolicies";
const silencedClient = {
  metadata: { namespace: "shop", name: "silenced-client" },
  spec: { podSelector: { matchLabels: { app: "client" } }, policyTypes: ["Egress"] },
};

describe("netpol as a process", function () {
  this.timeout(900_000);
  let machine: Machine;
  let bundle: string;
  let options: string[];
  let readyFile: string;
  let enforcer: EnforcerProcess;

  const start = (given = options): EnforcerProcess => (enforcer = new EnforcerProcess(machine.node, bundle, given));
  const call = (from: string, to: string): Promise<Answer> => machine.at(from).ask("tcp", { to, port: 80 });
  const put = (collection: string, object: ApiObject): Promise<void> => machine.node.ask("put", collection, object);
  const remove = (collection: string, object: ApiObject): Promise<void> =>
    machine.node.ask("remove", collection, object);
  const tableIsThere = (): boolean => machine.node.run("nft", ["list", "tables"]).includes(table);

  before(async () => {
    machine = new Machine();
    await machine.start();
    bundle = machine.bundles.make(path.join(__dirname, "../../lab/netpol/main.ts"));
    readyFile = path.join(machine.bundles.folder, "ready");
    const kubeconfig = path.join(machine.bundles.folder, "kubeconfig");
    const api = await machine.node.ask("startApi");
    const config = {
      "current-context": "fake",
      contexts: [{ name: "fake", context: { cluster: "fake", user: "" } }],
      clusters: [{ name: "fake", cluster: { server: api } }],
    };
    writeFileSync(kubeconfig, JSON.stringify(config));
    options = ["--kubeconfig", kubeconfig, "--ready-file", readyFile, "--pod-cidr", podCidr];
    await put("/api/v1/namespaces", { metadata: { name: "shop" } });
    await put("/api/v1/pods", pod("client", client));
    await put("/api/v1/pods", pod("server", server));
  });

  after(() => machine.stop());

  afterEach(async () => {
    await machine.node.ask("outage");
    await enforcer.end("SIGTERM");
    machine.unguard();
  });

  it("lets no pod speak before it knows the policies, and says when it does", async () => {
    await machine.node.ask("outage", 503);
    start();
    await enforcer.logged("start");
    await enforcer.logged("error");
    assert.deepEqual([await call(client, server), existsSync(readyFile)], ["silent", false]);
    await machine.node.ask("outage");
    const { pods, isolated } = await enforcer.logged("sync");
    assert.deepEqual({ pods, isolated }, { pods: 2, isolated: 0 });
    assert.deepEqual([await call(client, server), existsSync(readyFile)], ["answered", true]);
  });

  it("follows policies as they come and go", async () => {
    await start().logged("sync");
    const { policies: known, isolated } = await enforcer.synced(() => put(policies, silencedClient));
    assert.deepEqual({ known, isolated }, { known: 1, isolated: 1 });
    assert.equal(await call(client, server), "silent");
    await enforcer.synced(() => remove(policies, silencedClient));
    assert.equal(await call(client, server), "answered");
  });

  it("keeps a pod cut off until it has heard of it, and again after it is gone", async () => {
    await start().logged("sync");
    assert.equal(await call(newcomer, server), "silent");
    await enforcer.synced(() => put("/api/v1/pods", pod("newcomer", newcomer)));
    assert.equal(await call(newcomer, server), "answered");
    await enforcer.synced(() => remove("/api/v1/pods", pod("newcomer", newcomer)));
    assert.equal(await call(newcomer, server), "silent");
  });

  it("keeps its rules while the API server is away, and catches up after it", async () => {
    await start().logged("sync");
    await machine.node.ask("outage", 503);
    await enforcer.logged("error");
    assert.equal(await call(client, server), "answered");
    await put(policies, silencedClient);
    await enforcer.synced(() => machine.node.ask("outage"));
    assert.equal(await call(client, server), "silent");
    await enforcer.synced(() => remove(policies, silencedClient));
  });

  it("leaves its rules in force when it is killed, and starts again on them", async () => {
    await start().logged("sync");
    await enforcer.synced(() => put(policies, silencedClient));
    await enforcer.end("SIGKILL");
    assert.equal(await call(client, server), "silent");
    await machine.node.ask("outage", 503);
    assert.equal((await start().logged("start")).keptRules, true);
    assert.equal(await call(server, client), "answered");
    await machine.node.ask("outage");
    await enforcer.logged("sync");
    await enforcer.synced(() => remove(policies, silencedClient));
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`takes its table and its ready file away on ${signal}`, async () => {
      await start().logged("sync");
      assert.equal(tableIsThere(), true);
      assert.equal(await enforcer.end(signal), 0);
      assert.deepEqual([tableIsThere(), existsSync(readyFile)], [false, false]);
      assert.equal(enforcer.log.at(-1)?.event, "stop");
    });
  }

  it("ends on SIGTERM while the API server is away", async () => {
    await machine.node.ask("outage", 503);
    await start().logged("error");
    assert.equal(await enforcer.end("SIGTERM"), 0);
    assert.equal(tableIsThere(), false);
  });

  it("refuses wrong options with one sentence and its usage", async () => {
    const usage = "usage: netpol --kubeconfig PATH --ready-file PATH --pod-cidr CIDR\n";
    assert.equal(await start([]).end(), 2);
    assert.equal(enforcer.complaints, `netpol: All three options are needed.\n${usage}`);
    assert.equal(await start([...options.slice(0, -1), "fd00::/8"]).end(), 2);
    assert.match(
      enforcer.complaints,
      /^netpol: --pod-cidr fd00::\/8: not an IPv4 CIDR, which would look like 10\.244\.0\.0\/24\.\n/,
    );
  });

  it("says which kubeconfig it cannot read, and touches nothing", async () => {
    assert.equal(await start(["--kubeconfig", "/nowhere/config", ...options.slice(2)]).end(), 1);
    assert.match(enforcer.complaints, /^netpol: There is no kubeconfig at \/nowhere\/config\.\n$/);
    assert.equal(tableIsThere(), false);
  });
});
