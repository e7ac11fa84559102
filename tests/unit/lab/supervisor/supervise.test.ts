// The supervisor with small commands for parts. Does not prove: namespaces, mounts or the real parts.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Part } from "../../../../lab/boot/boot-plan";
import { LabStatusFile } from "../../../../lab/boot/status";
import { Supervisor } from "../../../../lab/supervisor/supervise";

describe("Supervisor", () => {
  let folder: string;
  const file = (name: string): string => path.join(folder, name);
  const status = (): LabStatusFile => JSON.parse(fs.readFileSync(file("status.json"), "utf8")) as LabStatusFile;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-supervisor-"));
  });

  afterEach(() => {
    // Services are restarted without end: their scripts end themselves once the folder is gone.
    fs.rmSync(folder, { recursive: true });
  });

  function boot(parts: Part[], timeout = 10): Promise<void> {
    return new Supervisor({ parts, timeout, logs: folder, statusFile: file("status.json"), mounts: [] }).boot();
  }

  function task(name: string, script: string, after: string[] = []): Part {
    return { kind: "task", name, argv: ["sh", "-c", script], network: "lab", after };
  }

  it("starts a part when what it needs is done, and not before", async () => {
    await boot([
      task("last", `test -e ${file("b")}`, ["second"]),
      task("second", `test -e ${file("a")} && touch ${file("b")}`, ["first"]),
      task("first", `sleep 0.2; touch ${file("a")}`),
    ]);
    assert.equal(status().phase, "ready");
    assert.deepEqual(
      Object.values(status().parts).map((part) => part.state),
      ["done", "done", "done"],
    );
  });

  it("quotes what a failed task said last, and starts nothing that needs it", async () => {
    await boot([task("breaks", "echo the reason >&2; exit 3"), task("never", `touch ${file("never")}`, ["breaks"])]);
    assert.equal(status().phase, "failed");
    assert.equal(status().error, "breaks failed (exit code 3): the reason");
    assert.equal(status().parts["never"]!.state, "waiting");
    assert.equal(fs.existsSync(file("never")), false);
  });

  it("names what is not up in time", async () => {
    await boot([task("slow", "sleep 2")], 0.3);
    assert.equal(status().error, "not up within 0.3 s: slow (starting)");
  });

  it("says what cannot be started at all", async () => {
    await boot([{ kind: "task", name: "missing", argv: ["/nowhere/program"], network: "lab", after: [] }]);
    assert.match(status().error!, /^missing failed \(spawn \/nowhere\/program ENOENT\)/);
  });

  it("restarts a service that ends while it boots, and says how often", async () => {
    const script = `if test -e ${file("again")}; then touch ${file("up")}; while test -e ${file("up")}; do sleep 0.1; done; fi; touch ${file("again")}; exit 1`;
    await boot([
      {
        kind: "service",
        name: "flaky",
        argv: ["sh", "-c", script],
        network: "lab",
        after: [],
        ready: { kind: "file", path: file("up") },
      },
    ]);
    assert.equal(status().phase, "ready");
    assert.equal(status().parts["flaky"]!.state, "ready");
    assert.equal(status().parts["flaky"]!.restarts, 1);
    await delay(150);
  });

  it("gives up on a service that never gets ready, with what it said", async () => {
    await boot([
      {
        kind: "service",
        name: "hopeless",
        argv: ["sh", "-c", "echo no such option; exit 1"],
        network: "lab",
        after: [],
        ready: { kind: "file", path: file("up") },
      },
    ]);
    assert.match(status().error!, /^hopeless ended 5 times \(exit code 1\): no such option/);
  });
});
