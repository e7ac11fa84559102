// Asking a workload's pod, with a kubectl of ours in place of a cluster.
// Does not prove: that the real kubectl answers so; the lab's tests do.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ClusterError } from "../../../cli/kubectl";
import { observe } from "../../../cli/live-probe";
import { ClusterConfig, Verdict, WorkloadConfig } from "../../../model";
import { folderOnPath } from "../folder-on-path";

const cluster: ClusterConfig = {
  kind: "existing",
  kubeconfig: "/etc/kubeconfig",
  context: "prod",
  dns: { resolvers: [], port: 53 },
};
const checkout: WorkloadConfig = {
  name: "checkout",
  namespace: "payments",
  serviceAccount: "checkout-sa",
  selector: { "app.kubernetes.io/name": "checkout", tier: "front" },
};
const appA: WorkloadConfig = {
  ...{ name: "app-a", namespace: "test-app", serviceAccount: "app-a", selector: { app: "app-a" } },
  made: { image: "a", ports: {}, replicas: 1, env: {}, pod: {}, serviceAccountAnnotations: {} },
};
const calls = (["http", "https"] as const).map<Verdict>((protocol) => ({
  from: "test-app/app-a",
  host: "github.com",
  protocol,
  url: `${protocol}://github.com`,
  expected: "allow",
}));

function pod(name: string, ready: boolean, deleted = false): unknown {
  return {
    metadata: { name, ...(deleted ? { deletionTimestamp: "2026-11-22T00:00:00Z" } : {}) },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}

describe("observe", () => {
  const folder = folderOnPath();

  /** Puts a kubectl on PATH that lists these pods, and runs `exec` as a line of shell; it keeps what it was called with. */
  function kubectl(pods: unknown[], exec: string): void {
    fs.writeFileSync(path.join(folder(), "pods.json"), JSON.stringify({ items: pods }));
    const script = `#!/bin/sh
echo "$@" >> "${folder()}/calls"
case "$*" in *"get pods"*) cat "${folder()}/pods.json" ;; *) cat > "${folder()}/input"; ${exec} ;; esac
`;
    fs.writeFileSync(path.join(folder(), "kubectl"), script, { mode: 0o755 });
  }

  function read(name: string): string {
    return fs.readFileSync(path.join(folder(), name), "utf8");
  }

  it("asks one pod that is ready and stays, in one go, on the stack's own cluster", async () => {
    kubectl(
      [pod("going", true, true), pod("starting", false), pod("running", true)],
      "echo https://github.com 35 000 0 other no; echo http://github.com 0 200 276 envoy yes",
    );
    assert.deepEqual(await observe(cluster, appA, calls), [
      { seen: "200", shows: "allow" },
      { seen: "TLS refused", shows: "deny" },
    ]);
    assert.equal(read("input"), "http://github.com\nhttps://github.com\n");
    const [list, exec] = read("calls").split(/^(?=--kubeconfig)/m);
    assert.match(
      list!,
      /^--kubeconfig \/etc\/kubeconfig --context prod get pods --namespace test-app --selector app=app-a /,
    );
    assert.match(exec!, /^--kubeconfig \/etc\/kubeconfig --context prod exec .* running --container app-a -- sh -c /);
  });

  it("finds pods that somebody else made by their labels, and asks in their default container", async () => {
    kubectl([pod("running", true)], "echo http://github.com 0 200 276 envoy yes");
    await observe(cluster, checkout, calls);
    const [list, exec] = read("calls").split(/^(?=--kubeconfig)/m);
    assert.match(list!, /--namespace payments --selector app\.kubernetes\.io\/name=checkout,tier=front /);
    assert.match(exec!, / exec --stdin --namespace payments running -- sh -c /);
  });

  it("says so when no pod is ready", async () => {
    kubectl([pod("starting", false)], "exit 1");
    assert.deepEqual(
      (await observe(cluster, appA, calls)).map(({ seen, shows }) => [seen, shows]),
      calls.map(() => ["no ready pod", "unclear"]),
    );
  });

  for (const [what, exec] of [
    ["curl", "echo no-curl"],
    ["shell", `echo 'exec: "sh": executable file not found in $PATH' >&2; exit 126`],
  ] as const) {
    it(`says so when the container has no ${what}`, async () => {
      kubectl([pod("running", true)], exec);
      assert.equal((await observe(cluster, appA, calls))[0]!.seen, "no curl in the container");
    });
  }

  it("does not take a missing reply for a refusal", async () => {
    kubectl([pod("running", true)], "echo http://github.com 0 200 276 envoy yes");
    assert.deepEqual((await observe(cluster, appA, calls))[1], { seen: "no reply", shows: "unclear" });
  });

  it("fails in one sentence when the cluster cannot be asked", async () => {
    kubectl([pod("running", true)], "echo one >&2; echo 'error: refused' >&2; exit 1");
    await assert.rejects(observe(cluster, appA, calls), {
      constructor: ClusterError,
      message: "kubectl cannot run commands in pod test-app/running: error: refused",
    });
    fs.writeFileSync(path.join(folder(), "kubectl"), "#!/bin/sh\necho 'no route to host' >&2; exit 1\n");
    await assert.rejects(observe(cluster, appA, calls), {
      constructor: ClusterError,
      message: "kubectl cannot list the pods of test-app/app-a: no route to host",
    });
    process.env.PATH = path.join(folder(), "nowhere");
    await assert.rejects(observe(cluster, appA, calls), {
      constructor: ClusterError,
      message: "kubectl is not on PATH.",
    });
  });
});
