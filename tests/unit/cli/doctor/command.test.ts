// `egress doctor` as it is called, with a kubectl of ours in place of a cluster: what it asks, prints, and ends with.
// Does not prove: that a real kubectl answers so; the lab's test asks one.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { register } from "../../../../cli/commands/doctor";
import { resourceOf } from "../../../../model/doctor/snapshot";
import { soundConfig } from "../../model/config/sound-config";
import { FakeCluster } from "../../model/doctor/cluster";
import { Ended, runCommand } from "../run-command";

let folder: string;
const pathBefore = process.env.PATH;

/** A kubectl that answers from a cluster, and refuses to list one resource where it is told to. */
function kubectlOf(cluster: FakeCluster, refused = "none"): void {
  const data = path.join(folder, "cluster.json");
  const objects = cluster.objects.map((object) => ({ ...object, resource: resourceOf(object) }));
  fs.writeFileSync(data, JSON.stringify({ ...cluster, objects, refused }));
  const script = `#!${process.execPath}
const cluster = JSON.parse(require("fs").readFileSync(${JSON.stringify(data)}, "utf8"));
const args = process.argv.slice(2).filter((arg, index, all) => arg !== "--context" && all[index - 1] !== "--context");
require("fs").appendFileSync(${JSON.stringify(path.join(folder, "calls"))}, args.join(" ") + "\\n");
if (args[0] === "version") console.log(JSON.stringify({ serverVersion: { gitVersion: cluster.serverVersion } }));
if (args[0] === "api-resources") console.log(cluster.resources.join("\\n"));
if (args[0] === "api-versions") console.log(cluster.apiVersions.join("\\n"));
if (args[0] === "get") {
  const wanted = args[1].split(",").filter((resource) => resource !== cluster.refused);
  const at = args.indexOf("--namespace");
  const here = (object) => at < 0 || object.metadata.namespace === args[at + 1];
  console.log(JSON.stringify({ items: cluster.objects.filter((object) => wanted.includes(object.resource) && here(object)) }));
  if (args[1].split(",").includes(cluster.refused)) {
    console.error('Error from server (Forbidden): ' + cluster.refused + ' is forbidden: User "jane" cannot list resource "' +
      cluster.refused.split(".")[0] + '" in API group "' + cluster.refused.split(".").slice(1).join(".") + '" in the namespace');
    process.exitCode = 1;
  }
}
`;
  fs.writeFileSync(path.join(folder, "kubectl"), script, { mode: 0o755 });
}

function doctor(...argv: string[]): Promise<Ended> {
  return runCommand(register, "doctor", ...argv, "--stacks", folder);
}

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-doctor-"));
  const config = Object.fromEntries(
    Object.entries({ ...soundConfig(), cluster: { kind: "existing", context: "blue" } }).map(([key, value]) => [
      `istio-egress:${key}`,
      value,
    ]),
  );
  fs.writeFileSync(path.join(folder, "Pulumi.shop.yaml"), stringify({ config }));
  process.env.PATH = `${folder}:${pathBefore}`;
});

after(() => {
  process.env.PATH = pathBefore;
  fs.rmSync(folder, { recursive: true });
});

describe("egress doctor", function () {
  // Each call of kubectl is a process of its own.
  this.timeout(60_000);

  it("ends with 0 and one summary where it finds nothing, and only reads", async () => {
    kubectlOf(new FakeCluster());
    const { exitCode, stdout } = await doctor("shop");
    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /^Nothing found on the cluster of stack shop\.\n21 checks: 21 found nothing \(kinds, /);
    assert.match(stdout, /kubernetes plugin/);
    const verbs = fs.readFileSync(path.join(folder, "calls"), "utf8").trim().split("\n");
    assert.deepEqual(
      verbs.filter((call) => !/^(get|version|api-resources|api-versions) /.test(`${call} `)),
      [],
    );
  });

  it("ends with 1 on a finding, with commands that go to the stack's cluster", async () => {
    const cluster = new FakeCluster();
    cluster.addOwned("Deployment", "test-app", "cart");
    kubectlOf(cluster);
    const { exitCode, stdout } = await doctor("shop");
    assert.equal(exitCode, 1);
    assert.match(
      stdout,
      /^1 finding on the cluster of stack shop: 1 × breaks the guard\.\n\n1\. BREAKS THE GUARD {2}Deployment test-app\/cart\n/,
    );
    assert.match(stdout, /\n {9}\$ kubectl --context blue rollout restart deployment\/cart --namespace test-app\n/);
  });

  it("gives programs the findings, the checks that passed and those that could not run", async () => {
    kubectlOf(new FakeCluster(), "endpointslices.discovery.k8s.io");
    const { exitCode, stdout } = await doctor("shop", "--json");
    assert.equal(exitCode, 1);
    const report = JSON.parse(stdout);
    assert.deepEqual(
      report.findings.map(({ severity, object }: any) => `${severity} ${object}`),
      ["unchecked endpointslices.discovery.k8s.io in namespace kube-system"],
    );
    assert.deepEqual(
      report.notChecked.map(({ check }: any) => check),
      ["dns"],
    );
    assert.equal(report.passed.length, 20);
  });

  it("says what kubectl says where the cluster cannot be asked at all", async () => {
    fs.writeFileSync(path.join(folder, "kubectl"), "#!/bin/sh\necho 'connection refused' >&2; exit 1\n", {
      mode: 0o755,
    });
    const { exitCode, stderr } = await doctor("shop");
    assert.equal(exitCode, 1);
    assert.equal(stderr, "kubectl cannot ask the API server for its version: connection refused\n");
  });

  describe("of a program that grants something itself", () => {
    const policy = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "own", namespace: "test-app" },
      spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "198.51.100.0/24" } }] }] },
    };
    const urn = (parents: string) =>
      `urn:pulumi:shop::program::${parents}$kubernetes:networking.k8s.io/v1:NetworkPolicy::own`;
    const client = urn("istio-egress:index:EgressClient");

    /** The report, beside the state that the program's resource is in. */
    async function told(resource: object | undefined, live: object = policy.spec): Promise<Ended> {
      const cluster = new FakeCluster();
      cluster.add(policy.apiVersion, policy.kind, "test-app/own", {
        spec: live,
        metadata: {
          name: "own",
          namespace: "test-app",
          managedFields: [{ manager: "pulumi-kubernetes", operation: "Apply", time: "2026-11-20T08:00:00Z" }],
        },
      });
      kubectlOf(cluster);
      const state = path.join(folder, "state.json");
      fs.writeFileSync(state, JSON.stringify({ version: 3, deployment: { resources: [resource] } }));
      return doctor("shop", ...(resource === undefined ? [] : ["--state", state]));
    }

    it("finds it as somebody else's without the program's state, and says how it is given", async () => {
      const { exitCode, stdout } = await told(undefined);
      assert.equal(exitCode, 1);
      assert.match(stdout, /BREAKS THE GUARD {2}NetworkPolicy test-app\/own\n/);
      assert.match(stdout, /pulumi stack export --stack shop \| npx egress doctor shop --state -\n$/);
    });

    it("knows it by the state, and compares it with what is on the cluster", async () => {
      const inputs = { ...policy, __defaults: [], __initialApiVersion: "v1" };
      assert.equal((await told({ urn: client, type: "a", inputs })).exitCode, 0);
      const wider = { ...policy.spec, egress: [{}] };
      const { exitCode, stdout } = await told({ urn: client, type: "a", inputs }, wider);
      assert.equal(exitCode, 1);
      assert.match(
        stdout,
        /BREAKS THE GUARD {2}NetworkPolicy test-app\/own\n(.*\n)+? +seen: spec\.egress\[0\]\.to: planned /,
      );
      assert.doesNotMatch(stdout, /--state/);
    });

    it("does not compare what is encrypted in the state", async () => {
      const inputs = { ...policy, spec: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" } };
      assert.equal((await told({ urn: client, type: "a", inputs })).exitCode, 0);
    });

    for (const [what, resource] of [
      ["makes beside the components", { urn: urn("my:own:Component"), type: "a", inputs: policy }],
      ["has in its Platform, and the file has no more", { urn: urn("istio-egress:index:Platform"), inputs: policy }],
      ["is about to delete", { urn: client, inputs: policy, delete: true }],
    ] as const) {
      it(`still finds what it ${what}`, async () => {
        const { exitCode, stdout } = await told(resource);
        assert.equal(exitCode, 1);
        assert.match(stdout, /BREAKS THE GUARD {2}NetworkPolicy test-app\/own\n/);
      });
    }

    it("takes no other file for a state", async () => {
      const state = path.join(folder, "state.json");
      const refused = async () => {
        const { exitCode, stderr } = await doctor("shop", "--state", state);
        assert.equal(exitCode, 1);
        return stderr.replaceAll(state, "FILE");
      };
      const again = "Give what `pulumi stack export --stack shop` prints.\n";
      fs.rmSync(state, { force: true });
      assert.equal(await refused(), "FILE cannot be read: ENOENT: no such file or directory.\n");
      fs.writeFileSync(state, "no");
      assert.equal(await refused(), `FILE is no JSON. ${again}`);
      fs.writeFileSync(state, "{}");
      assert.equal(await refused(), `FILE is no state of a Pulumi stack: it has no deployment.resources. ${again}`);
      const resources = [{ urn: client.replace("shop", "prod") }];
      fs.writeFileSync(state, JSON.stringify({ deployment: { resources } }));
      assert.equal(await refused(), `FILE is the state of the stack "prod", and not of "shop". ${again}`);
    });
  });

  it("ends with 2 for a stack that there is not", async () => {
    assert.equal((await doctor("shopp")).exitCode, 2);
  });
});
