// `egress verify` on a cluster that holds, on one whose NetworkPolicies are gone, on one without a gateway, and interrupted:
// what it says, how it ends, and that nothing of it is left.
// Does not prove: a proxy image without a shell, native sidecars, and a cloud's metadata server.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as path from "node:path";
import { admitTenant, as, dismissTenant, tenant } from "./admission/tenant";
import { without } from "./bypass/layers";
import { egress, kubectl, kubectlJson, repository } from "./support/commands";
import { until } from "./support/until";

interface Row {
  from: string;
  tries: string;
  layer: string;
  result: "held" | "leaked" | "unknown";
  seen: string;
}

function verify(): { exitCode: number; rows: Row[]; stderr: string } {
  const { exitCode, stdout, stderr } = egress(["verify", "lab", "--yes", "--json"], { seconds: 600 });
  assert.ok(stdout.startsWith("{"), stdout + stderr);
  return { exitCode, rows: (JSON.parse(stdout) as { rows: Row[] }).rows, stderr };
}

const ofRun = "--selector=app.kubernetes.io/managed-by=egress-verify";

/** The Jobs of runs of `egress verify`, and the pods that do not end yet. */
function left(): string[] {
  const { items } = kubectlJson<{ items: { kind: string; metadata: { name: string; deletionTimestamp?: string } }[] }>(
    ...["get", "jobs,pods", "--all-namespaces", ofRun],
  );
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

describe("egress verify", function () {
  this.timeout(900_000);

  // The Job's controller may make a pod anew while its Job goes, which the garbage collector then takes.
  afterEach(() => until("nothing is left", 60, () => left().length === 0));

  it("finds that all of it holds, workload by workload, and that admission does", () => {
    const { exitCode, rows, stderr } = verify();
    const failed = rows.filter(({ result }) => result !== "held");
    assert.deepEqual(failed, [], stderr);
    assert.equal(exitCode, 0);
    assert.deepEqual([...new Set(rows.map(({ from }) => from))].sort(), [
      ...["test-app", "test-app/app-a", "test-app/app-b"],
    ]);
    assert.match(stderr, /4 Jobs with a pod each would be made/);
    assert.ok(rows.some(({ tries, seen }) => /another ServiceAccount/.test(tries) && seen === "403 from the gateway"));
  });

  it("sends nothing to the workloads' own Services", async () => {
    // A pod that is ready would be an endpoint of app-a's Service.
    const ready = "{.items[*].endpoints[?(@.conditions.ready==true)].addresses[*]}";
    const addresses = () =>
      kubectl("get", "endpointslices", "--namespace=test-app", `--output=jsonpath=${ready}`).split(" ");
    const before = addresses();
    assert.ok(before.length >= 2, before.join(" "));
    const child = spawn("node", [path.join(repository, "cli", "egress.js"), "verify", "lab", "--yes"], {
      stdio: "ignore",
    });
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    const seen = new Set<string>();
    let pods = 0;
    while (child.exitCode === null) {
      pods = Math.max(pods, left().filter((each) => each.startsWith("Pod ")).length);
      addresses().forEach((address) => seen.add(address));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    assert.equal(await ended, 0);
    assert.ok(pods >= 2, `${pods} pods were seen`);
    // The workloads' own may be less for a while: on a busy machine a probe may be late.
    assert.deepEqual(
      [...seen].filter((address) => address !== "" && !before.includes(address)),
      [],
    );
  });

  it("finds the ways that are open without NetworkPolicies, and holds what others still stop", async () => {
    const { exitCode, rows } = await without(undefined, "network", async () => verify());
    assert.equal(exitCode, 1);
    const results = (layer: string) => new Set(rows.filter((row) => row.layer === layer).map(({ result }) => result));
    const leaked = rows.filter(({ result }) => result === "leaked").map(({ tries }) => tries);
    assert.ok(leaked.includes("the granted host's address, as the sidecar's own user"), leaked.join("; "));
    assert.ok(leaked.includes("the API server, as the sidecar's own user"), leaked.join("; "));
    assert.deepEqual(results("the gateway's policies"), new Set(["held"]));
    assert.deepEqual(results("the workload's Sidecar"), new Set(["held"]));
  });

  it("finds what the gateway lets pass without its policies", async () => {
    const { exitCode, rows } = await without(undefined, "policy", async () => verify());
    assert.equal(exitCode, 1);
    assert.ok(rows.some(({ layer, result }) => layer === "the gateway's policies" && result === "leaked"));
  });

  it("does not take a gateway that is gone for one that holds", async () => {
    kubectl("scale", "deployment/egress-gateway", "--namespace=istio-egress", "--replicas=0");
    try {
      kubectl(
        "wait",
        "pods",
        "--namespace=istio-egress",
        "--selector=istio=egress-gateway",
        "--for=delete",
        "--timeout=240s",
      );
      const { exitCode, rows } = verify();
      assert.equal(exitCode, 1);
      const calls = rows.filter(({ from }) => from.includes("/"));
      assert.ok(calls.length > 20);
      assert.deepEqual(new Set(calls.map(({ result }) => result)), new Set(["unknown"]));
    } finally {
      kubectl("scale", "deployment/egress-gateway", "--namespace=istio-egress", "--replicas=2");
      kubectl("rollout", "status", "deployment/egress-gateway", "--namespace=istio-egress", "--timeout=240s");
    }
  });

  it("leaves nothing after Ctrl-C", async () => {
    const child = spawn("node", [path.join(repository, "cli", "egress.js"), "verify", "lab", "--yes"], {
      stdio: "ignore",
    });
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    await until("its Jobs are there", 90, () => left().some((each) => each.startsWith("Job ")));
    child.kill("SIGINT");
    assert.equal(await ended, 130);
  });

  it("makes no pod for who may not make a workload's: the policies hold whoever runs it, too", () => {
    admitTenant();
    try {
      const plan = egress(["verify", "lab", "--dry-run"]);
      assert.equal(plan.exitCode, 0, plan.stderr);
      const job = {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name: "as-verify", namespace: "test-app" },
        spec: {
          template: {
            metadata: { labels: { app: "app-a" } },
            spec: {
              restartPolicy: "Never",
              serviceAccountName: "app-a",
              containers: [{ name: "main", image: "lab.istio-egress.local/workload:1" }],
            },
          },
        },
      };
      const outcome = as(tenant, ["create", "--dry-run=server", "--filename=-"], JSON.stringify(job));
      assert.match((outcome as { said: string }).said, /denied request: identity: /);
    } finally {
      dismissTenant();
    }
  });
});
