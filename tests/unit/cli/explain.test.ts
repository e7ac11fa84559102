// `egress explain` as it is called: what it prints, and how it ends.
// Does not prove: that the mesh does what it says; `egress matrix --live` asks.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { register } from "../../../cli/commands/explain";
import { soundConfig } from "../model/config/sound-config";
import { Ended, runCommand } from "./run-command";

let folder: string;

function write(name: string, raw: Record<string, unknown>): void {
  const config = Object.fromEntries(Object.entries(raw).map(([key, value]) => [`istio-egress:${key}`, value]));
  fs.writeFileSync(path.join(folder, `Pulumi.${name}.yaml`), stringify({ config }));
}

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-stacks-"));
  const allow = [{ from: "test-app/app-a", to: "github", owner: "team-a", expires: "2999-12-31" }];
  write("shop", { ...soundConfig(), allow });
  write("bad", { ...soundConfig(), alow: [] });
});

after(() => fs.rmSync(folder, { recursive: true }));

function explain(...argv: string[]): Promise<Ended> {
  return runCommand(register, "explain", ...argv, "--stacks", folder);
}

describe("egress explain", () => {
  it("says of an allowed host that no gateway reaches it, and of a refused one", async () => {
    const destinations = { inside: { hosts: ["vault.internal"] } };
    write("inside", { ...soundConfig(), destinations, allow: [{ from: "test-app/app-a", to: "inside" }] });
    const allowed = await explain("inside", "test-app/app-a", "https://vault.internal");
    assert.equal(allowed.exitCode, 0);
    assert.match(allowed.stdout, /: allowed: .*\nBut no gateway ever reaches it: names below \.internal are/);
    const refused = await explain("inside", "test-app/app-a", "http://169.254.169.254");
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stdout, /: refused: .*\nNo gateway ever reaches it: /);
  });

  it("takes the ServiceAccount of a workload for it, as a refusal on the mesh names that", async () => {
    const workloads = { checkout: { namespace: "test-app", existing: { serviceAccount: "checkout-sa" } } };
    write("others", { ...soundConfig(), workloads, allow: [{ from: "test-app/checkout", to: "github" }] });
    const { exitCode, stdout } = await explain("others", "test-app/checkout-sa", "https://github.com");
    assert.equal(exitCode, 0);
    assert.match(stdout, /^test-app\/checkout → https:\/\/github\.com: allowed/);
    assert.equal((await explain("others", "test-app/else", "https://github.com")).exitCode, 2);
  });

  it("says by which rule and on which way a call is allowed, and ends with 0", async () => {
    const { exitCode, stdout } = await explain("shop", "test-app/app-a", "https://github.com/releases");
    assert.equal(exitCode, 0);
    assert.equal(
      stdout,
      `test-app/app-a → https://github.com: allowed: istio-egress:allow[0] allows https to it, in the destination "github".

The rule
  istio-egress:allow[0]: test-app/app-a → github
    owner: team-a
    reason: none
    last day: 2999-12-31
    its end: from 3000-01-01T00:00:00Z on the gateway refuses it by itself; over TLS and TCP, connections that are open then go on

The way
  1. the sidecar of test-app/app-a: knows github.com, and that it is reached through the gateway
       Sidecar/test-app/app-a
       ServiceEntry/istio-egress/github.hosts
  2. from the sidecar to the gateway: goes in mutual TLS with github.com as its SNI, around the application's own TLS
       DestinationRule/istio-egress/github.com
       NetworkPolicy/test-app/egress-to-gateway
  3. the gateway: lets cluster.local/ns/test-app/sa/app-a pass to this name
       AuthorizationPolicy/istio-egress/allow-github
  4. from the gateway to the host: resolves the name it has checked, and forwards to github.com:443
       EnvoyFilter/istio-egress/egress-gateway
       NetworkPolicy/istio-egress/egress-to-outside
`,
    );
  });

  it("says why a call is refused, where it ends and what to add, as YAML, and ends with 1", async () => {
    const { exitCode, stdout } = await explain("shop", "istio-workload/hammer", "https://wheels.example");
    assert.equal(exitCode, 1);
    assert.match(
      stdout,
      /^istio-workload\/hammer → https:\/\/wheels\.example: refused: no destination has this host\.\n/,
    );
    assert.match(stdout, /\nWhere it ends\n {2}1\. the sidecar of istio-workload\/hammer: .*handshake is reset\n/);
    const yaml = stdout.slice(stdout.indexOf("  istio-egress:destinations"));
    assert.deepEqual(parse(yaml), {
      "istio-egress:destinations": { "wheels-example": { hosts: ["wheels.example"], protocols: ["https"] } },
      "istio-egress:allow": [
        {
          from: "istio-workload/hammer",
          to: "wheels-example",
          owner: "WHO-ANSWERS-FOR-IT",
          reason: "WHAT-IT-IS-FOR",
        },
      ],
    });
  });

  it("gives the same as JSON", async () => {
    const { exitCode, stdout } = await explain("shop", "istio-workload/hammer", "http://cnn.com", "--json");
    const { way, ...answer } = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(exitCode, 1);
    assert.ok(Array.isArray(way) && way.length === 3);
    assert.deepEqual(answer, {
      url: "http://cnn.com",
      host: "cnn.com",
      isAddress: false,
      protocol: "http",
      port: 80,
      from: "istio-workload/hammer",
      allowed: false,
      refusal: "denied",
      because: "istio-egress:deny holds cnn.com: nobody may be allowed it",
    });
  });

  it("ends with 2 for a URL, a workload or a stack that is none, with the fix", async () => {
    for (const [argv, says] of [
      [["shop", "test-app/app-a", "github.com"], /begins with its scheme.*\nFix: write "https:\/\/github\.com"\.\n/],
      [["shop", "app-a", "https://github.com"], /no workload "app-a"\.\n.*\nFix: did you mean "test-app\/app-a"\?\n/],
      [["shop", "test-app/app-b", "https://github.com"], /Workloads: istio-workload\/hammer, test-app\/app-a\.\nFix: /],
      [
        ["shop", "elsewhere", "https://github.com"],
        /no workload "elsewhere"\.\nWorkloads: [^\n]+\nEvery ServiceAccount .*: istio-workload\/\*, test-app\/\*\.\n$/,
      ],
      [["nope", "test-app/app-a", "https://github.com"], /no stack "nope"/],
    ] as const) {
      const { exitCode, stderr } = await explain(...argv);
      assert.equal(exitCode, 2, argv.join(" "));
      assert.match(stderr, says);
    }
  });

  it("answers for every ServiceAccount of a namespace that no workload has", async () => {
    const { exitCode, stdout } = await explain("shop", "test-app/*", "https://cnn.com");
    assert.equal(exitCode, 1);
    assert.match(stdout, /^test-app\/\* → https:\/\/cnn\.com: refused: /);
    assert.match(stdout, /\n +Sidecar\/test-app\/default\n/);
  });

  it("says what is wrong with the configuration instead", async () => {
    const { exitCode, stderr } = await explain("bad", "test-app/app-a", "https://github.com");
    assert.equal(exitCode, 1);
    assert.match(stderr, /istio-egress:alow/);
  });
});
