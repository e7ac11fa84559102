// Kubeconfigs, the client and discovery, against a server on this machine that speaks plain HTTP.
// Does not prove: TLS and client certificates; the lab's test of the provider goes through them.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { ApiClient, ApiError, UnreachableError } from "../../../lab/kubernetes/client";
import { Discovery, urlPath } from "../../../lab/kubernetes/discovery";
import { connectionOf, loadKubeconfig, minified } from "../../../lab/kubernetes/kubeconfig";
import { credentialsOf } from "../../../lab/kubernetes/credentials";
import { settingsOf } from "../../../lab/provider/cluster";
import { settingsDifference } from "../../../lab/provider/provider";

function kubeconfig(server: string, user: object = {}, namespace?: string): string {
  return JSON.stringify({
    "current-context": "here",
    clusters: [{ name: "c", cluster: { server, "certificate-authority": "ca.crt" } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "here", context: { cluster: "c", user: "u", namespace } }],
  });
}

describe("a kubeconfig", () => {
  let folder: string;
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "kubeconfig-"))));
  after(() => fs.rmSync(folder, { recursive: true }));

  it("may be given by its contents", () => {
    const connection = connectionOf(loadKubeconfig(kubeconfig("https://one:6443/", {}, "shop")));
    assert.equal(connection.server, "https://one:6443");
    assert.deepEqual([connection.context, connection.namespace], ["here", "shop"]);
  });

  it("may be given by paths, of which the first wins; files in it are relative to it", () => {
    const files = ["one", "two"].map((name) => path.join(folder, name));
    fs.writeFileSync(files[0]!, kubeconfig("https://one:6443"));
    fs.writeFileSync(files[1]!, kubeconfig("https://two:6443"));
    const connection = connectionOf(loadKubeconfig(files.join(path.delimiter)));
    assert.equal(connection.server, "https://one:6443");
    assert.equal(connection.cluster["certificate-authority"], path.join(folder, "ca.crt"));
    assert.equal(connection.namespace, "default");
    assert.deepEqual(connectionOf(loadKubeconfig(JSON.stringify(minified(connection)))).cluster, connection.cluster);
  });

  it("is missed, or found wanting, in one sentence", () => {
    const absent = path.join(folder, "absent");
    assert.throws(() => loadKubeconfig(absent), { message: new RegExp(`no kubeconfig at ${absent}`) });
    assert.throws(() => loadKubeconfig("clusters: [\n"), /not valid YAML/);
    const empty = path.join(folder, "empty");
    fs.writeFileSync(empty, "");
    assert.throws(() => loadKubeconfig(empty), { message: `${empty} is not a kubeconfig: it has no clusters.` });
    const config = loadKubeconfig(kubeconfig("https://one:6443"));
    assert.throws(() => connectionOf(config, "there"), /no context "there"; it has: here\./);
    assert.throws(() => connectionOf(loadKubeconfig(kubeconfig("one"))), /no valid server address: one/);
  });

  it("gives credentials of every usual kind", async () => {
    const of = (user: object) => credentialsOf(connectionOf(loadKubeconfig(kubeconfig("https://one", user))));
    assert.equal((await of({ token: "t" })).authorization, "Bearer t");
    assert.equal((await of({ username: "a", password: "b" })).authorization, "Basic YTpi");
    const certificate = Buffer.from("cert").toString("base64");
    assert.equal(String((await of({ "client-certificate-data": certificate })).certificate), "cert");
    const answer = '{"status":{"token":"from a program","expirationTimestamp":"2999-01-01T00:00:00Z"}}';
    const exec = { command: process.execPath, args: ["-e", "process.stdout.write(process.env.ANSWER)"] };
    const program = await of({ exec: { ...exec, env: [{ name: "ANSWER", value: answer }] } });
    assert.equal(program.authorization, "Bearer from a program");
    assert.ok(program.expires < Infinity);
    await assert.rejects(
      of({ exec: { command: "/nowhere/program" } }),
      /credential program \/nowhere\/program .* failed/,
    );
    await assert.rejects(of({ "auth-provider": {} }), /auth-provider/);
    await assert.rejects(of({ "client-key": "/nowhere/key" }), /client-key \/nowhere\/key cannot be read: ENOENT/);
  });
});

describe("the provider's settings", () => {
  it("take booleans as JSON text, and from the environment", () => {
    assert.equal(settingsOf({ enablePatchForce: "true" }).patchForce, true);
    assert.equal(settingsOf({ enablePatchForce: "false" }).patchForce, false);
    assert.equal(settingsOf({}).patchForce, false);
  });

  it("lead to another cluster when its address or its identifier changes", () => {
    const [one, two] = ["https://one", "https://two"].map((server) => ({ kubeconfig: kubeconfig(server) }));
    assert.equal(settingsDifference(one!, two!).otherCluster, true);
    assert.equal(
      settingsDifference(one!, { kubeconfig: kubeconfig("https://one", { token: "new" }) }).otherCluster,
      false,
    );
    const id = { clusterIdentifier: "same" };
    assert.equal(settingsDifference({ ...one!, ...id }, { ...two!, ...id }).otherCluster, false);
  });
});

describe("the client", () => {
  let server: http.Server;
  let client: ApiClient;
  let lists: object[];
  const asked: string[] = [];

  before(async () => {
    server = http.createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const refused = request.url!.startsWith("/refused");
      const items = request.url === "/apis" ? lists : [];
      response
        .writeHead(refused ? 409 : 200)
        .end(JSON.stringify(refused ? { message: "no", reason: "Conflict" } : { items }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    client = new ApiClient(connectionOf(loadKubeconfig(kubeconfig(`http://127.0.0.1:${port}`))));
  });
  after(() => server.close().closeAllConnections());

  it("gives the server's refusal as it is", async () => {
    await assert.rejects(client.request({ method: "GET", path: "/refused" }), (error) => {
      assert.ok(error instanceof ApiError);
      assert.deepEqual([error.code, error.reason, error.message], [409, "Conflict", "no"]);
      return true;
    });
  });

  it("names the address and the cause when nobody answers", async () => {
    const nobody = new ApiClient(connectionOf(loadKubeconfig(kubeconfig("http://127.0.0.1:9"))));
    await assert.rejects(nobody.request({ method: "GET", path: "/" }), (error) => {
      assert.ok(error instanceof UnreachableError);
      assert.match(error.message, /http:\/\/127\.0\.0\.1:9 \(context "here"\): connection refused/);
      return true;
    });
  });

  it("finds kinds by discovery, asks once for all, and again for one that is missing", async () => {
    const resource = (kind: string, resource: string, scope: string) => ({ resource, scope, responseKind: { kind } });
    lists = [
      {
        metadata: { name: "apps" },
        versions: [{ version: "v1", resources: [resource("Deployment", "deployments", "Namespaced")] }],
      },
    ];
    const discovery = new Discovery(client);
    asked.length = 0;
    const found = await Promise.all([1, 2, 3].map(() => discovery.find("apps/v1", "Deployment")));
    assert.equal(asked.length, 2);
    assert.equal(urlPath(found[0]!, "shop", "cart"), "/apis/apps/v1/namespaces/shop/deployments/cart");
    assert.equal(await discovery.find("apps/v2", "Deployment"), undefined);
    assert.deepEqual(discovery.otherVersions("apps/v2", "Deployment"), ["apps/v1"]);
    lists.push({
      metadata: { name: "x.org" },
      versions: [{ version: "v1", resources: [resource("Widget", "widgets", "Cluster")] }],
    });
    await new Promise((resolve) => setTimeout(resolve, 250));
    const widget = await discovery.find("x.org/v1", "Widget");
    assert.equal(urlPath(widget!, "ignored", "a:b"), "/apis/x.org/v1/widgets/a%3Ab");
  });
});
