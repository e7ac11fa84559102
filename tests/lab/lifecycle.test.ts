// The lab's own life: status, restarts, a second lab, crashes, and that nothing is left. Runs last: it ends the lab.
// Does not prove: a machine with cgroup v2, or one that was switched off in the middle of a boot.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { labProcesses } from "../../lab/boot/cgroups";
import { LabStatus } from "../../lab/boot/status";
import { stateFolder } from "../../lab/paths";
import { network } from "../../lab/topology";
import { egress, inLab, ok, repository } from "./support/commands";
import { until } from "./support/until";

function status(): LabStatus {
  return JSON.parse(egress(["lab", "status", "--json"]).stdout) as LabStatus;
}

/** What a lab leaves where it can be seen. */
function traces(): string[] {
  const mounts = fs.readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return [
    ...labProcesses().map((pid) => `process ${pid}`),
    ...mounts.filter((line) => line.includes("istio-egress")),
    ...fs.readdirSync("/run/netns").filter((name) => name.startsWith("istio-egress-")),
    // But for what a second lab has, which tests may run in beside this one.
    ...ok([
      "find",
      "/sys/fs/cgroup",
      "-name",
      "istio-egress-apart.*",
      "-prune",
      "-o",
      "-name",
      "istio-egress*",
      "-print",
    ])
      .split("\n")
      .filter(Boolean),
    ...[stateFolder, "/run/istio-egress-lab.json"].filter((file) => fs.existsSync(file)),
    ...ok(["ip", "link", "show"])
      .split("\n")
      .filter((line) => /to-outside|to-lab/.test(line)),
  ];
}

describe("the lab's life", () => {
  it("status --json says what runs, where, in which versions and how much memory: under 2.5 GiB", () => {
    const now = status();
    assert.equal(now.state, "ready");
    assert.equal(now.addresses.apiServer, "https://192.168.77.2:6443");
    assert.equal(now.versions.istio, "1.31.1");
    assert.match(now.kubernetesPlugin!, /kubernetes plugin/);
    assert.ok(Object.values(now.parts).every((part) => ["ready", "done"].includes(part.state)));
    assert.ok(now.residentBytes < 2.5 * 1024 ** 3, `${now.residentBytes} bytes`);
    process.stdout.write(
      `      ${Math.round(now.residentBytes / 1024 ** 2)} MiB resident in ${now.processes} processes\n`,
    );
  });

  it("shell runs a command with KUBECONFIG and PATH set, and hands on its exit code", () => {
    assert.match(
      egress(["lab", "shell", "--", "kubectl", "get", "nodes", "--output=name"]).stdout,
      /^node\/istio-egress-lab$/m,
    );
    assert.equal(egress(["lab", "shell", "--", "sh", "-c", "exit 7"]).exitCode, 7);
  });

  it("the outside cannot be left: nothing beyond the lab's own hosts has a route", () => {
    const ask = 'require("net").connect(80, "192.0.2.1").on("error", (error) => console.log(error.code))';
    assert.match(inLab(["node", "-e", ask]).stdout, /^E(HOST|NET)UNREACH$/m);
  });

  it("a second lab with its state elsewhere says whose the machine is, and touches nothing", () => {
    const second = egress(["lab", "up"], {
      env: { ...process.env, ISTIO_EGRESS_STATE: "/tmp/istio-egress-second-lab" },
    });
    assert.equal(second.exitCode, 1);
    assert.match(second.stderr, new RegExp(`Another lab has this machine, with its state in ${stateFolder}`));
    assert.equal(fs.existsSync("/tmp/istio-egress-second-lab"), false);
    assert.equal(status().state, "ready");
  });

  it("up again leaves the lab as it is", () => {
    const before = status().parts["kube-apiserver"]!.process!.pid;
    assert.match(egress(["lab", "up"]).stdout, /up already/);
    assert.equal(status().parts["kube-apiserver"]!.process!.pid, before);
  });

  it("a part that is killed is restarted, and said to have been", async () => {
    const killed = status().parts["kube-scheduler"]!;
    process.kill(killed.process!.pid, "SIGKILL");
    await until("kube-scheduler is ready again", 90, () => {
      const now = status().parts["kube-scheduler"]!;
      return now.state === "ready" && now.process!.pid !== killed.process!.pid;
    });
    assert.equal(status().parts["kube-scheduler"]!.restarts, killed.restarts + 1);
  });

  it("a killed supervisor is found out: status says so and exits 1", async () => {
    process.kill(JSON.parse(fs.readFileSync(`${stateFolder}/status.json`, "utf8")).supervisor.pid as number, "SIGKILL");
    await until("status says broken", 30, () => status().state === "broken");
    assert.equal(egress(["lab", "status"]).exitCode, 1);
    assert.match(egress(["lab", "status"]).stdout, /the supervisor is gone/);
  });

  it("down after that leaves no process, mount, namespace, control group or file", () => {
    assert.ok(traces().length > 0);
    assert.equal(egress(["lab", "down"]).exitCode, 0);
    assert.deepEqual(traces(), []);
    assert.match(egress(["lab", "down"]).stdout, /no lab/);
    assert.equal(status().state, "down");
  });

  for (const seconds of [0.4, 2, 5]) {
    it(`a boot killed ${seconds} s after it began is taken down whole, and the next one comes up`, async () => {
      const boot = spawn("node", ["cli/egress.js", "lab", "up"], { cwd: repository, stdio: "ignore" });
      await until("the boot makes its state folder", 90, () => fs.existsSync(stateFolder));
      await delay(seconds * 1000);
      boot.kill("SIGKILL");
      await until("the process is gone", 30, () => boot.signalCode !== null || boot.exitCode !== null);
      assert.equal(egress(["lab", "down"]).exitCode, 0);
      assert.deepEqual(traces(), []);
    });
  }

  it("a boot broken off by Ctrl-C leaves nothing", async () => {
    const boot = spawn("node", ["cli/egress.js", "lab", "up"], { cwd: repository, stdio: "ignore" });
    await until("the boot makes its state folder", 90, () => fs.existsSync(stateFolder));
    await delay(1500);
    boot.kill("SIGINT");
    await until("the command has ended", 90, () => boot.signalCode !== null || boot.exitCode !== null);
    assert.deepEqual(traces(), []);
  });

  it("a namespace of the lab's name that is somebody else's is left alone, and named", () => {
    ok(["ip", "netns", "add", network.lab.namespace]);
    try {
      const refused = egress(["lab", "up"]);
      assert.equal(refused.exitCode, 1);
      assert.match(refused.stderr, /network namespace istio-egress-lab is in use/);
      assert.ok(fs.existsSync(`/run/netns/${network.lab.namespace}`));
    } finally {
      ok(["ip", "netns", "delete", network.lab.namespace]);
    }
    assert.deepEqual(traces(), []);
  });
});
