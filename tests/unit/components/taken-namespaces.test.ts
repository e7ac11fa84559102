// Namespaces that are to be made and are there already, with a kubectl of ours in place of a cluster.
// Does not prove: that the real kubectl answers so, or what the engine prints; the lab's adoption test does.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { refuseTaken } from "../../../components/taken-namespaces";
import { parseConfig } from "../../../model";
import { labSettings, today } from "./register";
import { folderOnPath } from "../folder-on-path";

describe("refuseTaken", () => {
  const { cluster } = parseConfig(
    { ...labSettings(), cluster: { kind: "existing", kubeconfig: "/etc/kubeconfig", context: "prod" } },
    { now: today },
  );
  const folder = folderOnPath();

  /** Asks with a kubectl that ends so. */
  async function ask(script: string): Promise<void> {
    assert.ok(cluster.kind === "existing");
    fs.writeFileSync(path.join(folder(), "kubectl"), `#!/bin/sh\necho "$@" > "${folder()}/call"\n${script}\n`, {
      mode: 0o755,
    });
    await refuseTaken(cluster, ["shop", "test-app"]);
  }

  it("names the key of each that is there and that no Pulumi program has made", async () => {
    await assert.rejects(ask('printf "default payments shop"'), (error: Error) => {
      assert.match(error.message, /There is a namespace of this name already, which no stack has made: shop\./);
      assert.match(error.message, /istio-egress:namespaces\.shop: \{existing: true\}$/);
      return true;
    });
    const call = fs.readFileSync(path.join(folder(), "call"), "utf8");
    assert.match(call, /^get namespaces --selector=app\.kubernetes\.io\/managed-by!=pulumi /);
    assert.match(call, / --kubeconfig=\/etc\/kubeconfig --context=prod$/m);
  });

  it("lets others be, and leaves it to the plugin where kubectl has no answer", async () => {
    await ask('printf "default payments"');
    await ask("echo no route to host >&2; exit 1");
    fs.unlinkSync(path.join(folder(), "kubectl"));
    process.env.PATH = folder();
    assert.ok(cluster.kind === "existing");
    await refuseTaken(cluster, ["shop"]);
  });
});
