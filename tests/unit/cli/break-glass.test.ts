// How access beside the stack's file is applied: with kubectl, in order, and as a whole or not at all.
// Does not prove: what an API server makes of it; the lab's grant test does.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { PassThrough } from "node:stream";
import { isYes } from "../../../cli/break-glass/agreed";
import { dueChanges, makeChanges } from "../../../cli/break-glass/cluster";
import { ClusterError } from "../../../cli/kubectl";
import { parseConfig } from "../../../model";
import { checkRequest, objectChanges, withBreakGlass } from "../../../model/break-glass";
import { folderOnPath } from "../folder-on-path";
import { now, soundConfig } from "../model/config/sound-config";

const config = parseConfig(
  { ...soundConfig(), cluster: { kind: "existing" }, allow: [{ from: "test-app/app-a", to: "github" }] },
  { now },
);
const asked = { from: "istio-workload/hammer", host: "status.vendor.example", span: "1h", reason: "a test" };

describe("a question before access is applied", () => {
  const answered = (text: string | undefined) => {
    const input = new PassThrough();
    const answer = isYes("Apply this? ", { input, output: new PassThrough() });
    input.end(text);
    return answer;
  };

  it("is answered by yes alone: not by an input that ends, as by Ctrl-D, or is empty", async () => {
    for (const [text, is] of [
      ["y\n", true],
      ["YES\n", true],
      ["y", false],
      ["n\n", false],
      ["\n", false],
      ["yesterday\n", false],
      ["", false],
      [undefined, false],
    ] as const) {
      assert.equal(await answered(text), is, text);
    }
  });
});

describe("access that is applied", function () {
  this.timeout(60_000);
  const folder = folderOnPath();
  const check = checkRequest(config, asked, now);
  assert.ok("record" in check);
  const records = { stack: "lab", taken: [check.record], given: [] };
  const changes = objectChanges(config, withBreakGlass(config, records.taken));

  /** A kubectl that notes down what it is asked to do, and refuses to apply what the pattern is found in. */
  function kubectl({ refuses = "nothing", keeps = "nothing", live = "" } = {}): void {
    const script = `#!/bin/sh
case "$1" in get) printf '%s' '${live}'; exit 0 ;; esac
input=$(cat)
kind=$(printf '%s' "$input" | sed -n 's/.*"kind":"\\([A-Za-z]*\\)","metadata".*/\\1/p')
case "$*" in *--dry-run*) how=tries ;; *) how=$1 ;; esac
echo "$how $kind $2" >> "${folder()}/calls"
case "$how $kind" in "apply ${refuses}") echo "Error: no" >&2; exit 1 ;; esac
case "$how $2" in "delete ${keeps}".*) echo "Error: gone away" >&2; exit 1 ;; esac
`;
    fs.writeFileSync(path.join(folder(), "kubectl"), script, { mode: 0o755 });
  }

  /** What was done, without what was only tried. */
  function done(): string[] {
    const lines = fs.readFileSync(path.join(folder(), "calls"), "utf8").trim().split("\n");
    return lines.filter((line) => !line.startsWith("tries")).map((line) => line.replace(/ --server-side$/, ""));
  }

  const due = changes.map((change) => ({ ...change, manager: "pulumi" }));

  it("comes with its record first, and with its end before its way", async () => {
    kubectl();
    await makeChanges(config, due, records);
    assert.deepEqual(
      done(),
      ["ConfigMap", "EnvoyFilter", "ServiceEntry", "DestinationRule", "AuthorizationPolicy", "Sidecar"].map(
        (kind) => `apply ${kind}`,
      ),
    );
  });

  it("is taken back as a whole where one object is refused", async () => {
    kubectl({ refuses: "AuthorizationPolicy" });
    await assert.rejects(makeChanges(config, due, records), (error) => {
      assert.ok(error instanceof ClusterError);
      assert.match(error.message, /cannot apply AuthorizationPolicy .*: Error: no$/);
      return true;
    });
    const after = done().slice(done().indexOf("apply AuthorizationPolicy") + 1);
    assert.deepEqual(
      after.map((line) =>
        line.replace(/ \S+$/, (name) => (line.startsWith("delete") ? name.replace(/\..*/, "") : name)),
      ),
      [
        "delete  AuthorizationPolicy",
        "delete  DestinationRule",
        "delete  ServiceEntry",
        "apply EnvoyFilter",
        "delete  ConfigMap",
      ],
    );
  });

  it("keeps its record and its end where it cannot be taken back as a whole, and says how to end it", async () => {
    kubectl({ refuses: "Sidecar", keeps: "AuthorizationPolicy" });
    await assert.rejects(makeChanges(config, due, records), (error) => {
      assert.ok(error instanceof ClusterError);
      assert.match(error.message, /^kubectl cannot apply Sidecar .*: Error: no\nNot taken back: /);
      assert.match(error.message, /AuthorizationPolicy .*gone away\.\n.*--end, removes it/);
      return true;
    });
    const after = done().slice(done().indexOf("apply Sidecar") + 1);
    assert.deepEqual(
      after.map(
        (line) => /EnvoyFilter|ConfigMap|AuthorizationPolicy|ServiceEntry/i.exec(line)?.[0].toLowerCase() ?? "",
      ),
      ["", "authorizationpolicy", "", "serviceentry"],
    );
  });

  it("is not begun where the cluster is not as the stack's file says", async () => {
    kubectl({ live: JSON.stringify({ metadata: { name: "other" }, spec: { other: true } }) });
    assert.equal(await dueChanges(config.cluster, changes), undefined);
  });
});
