// `egress learn` as it is called: what it proposes, how it writes, and what it refuses.
// Does not prove: a file that changes within the microseconds between the last look at it and the write.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { register } from "../../../../cli/commands/learn";
import { register as registerCheck } from "../../../../cli/commands/check";
import { findProject } from "../../../../cli/project";
import { readProgramConfig } from "../../../../cli/stack-file";
import { writeProposal } from "../../../../cli/traffic/write";
import { mostOfVariable, variableBytes } from "../../../../model/config/file/variable";
import { propose } from "../../../../model/traffic";
import { parseConfig } from "../../../../model";
import { atHome, httpEntry, httpsEntry, refusedHttp, refusedHttps } from "../../model/access-log/entries";
import { now, soundConfig } from "../../model/config/sound-config";
import { FakeKubectl, logLine } from "../logs/fake-kubectl";
import { Ended, runCommand } from "../run-command";

const file = `# The shop.
config:
  istio-egress:namespaces: { test-app: {} }
  istio-egress:workloads:
    app-a: { namespace: test-app, image: "i:1" } # by name
  istio-egress:destinations:
    github: { hosts: [github.com] }
  istio-egress:allow:
    - { from: test-app/app-a, to: github, owner: team-a }
  istio-egress:deny: [cnn.com]
`;

const lines = [
  httpEntry(),
  httpsEntry({ host: "api.stripe.com", ...refusedHttps }),
  httpsEntry({ host: "api.stripe.com", ...refusedHttps, time: "2026-11-20T10:00:00Z" }),
  httpEntry({ host: "old.example", ...refusedHttp }),
  httpEntry({ host: "www.cnn.com", ...refusedHttp }),
].map((entry) => JSON.stringify(entry));

describe("egress learn", () => {
  let folder: string;
  let stack: string;
  let recording: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-learn-"));
    stack = path.join(folder, "Pulumi.shop.yaml");
    recording = path.join(folder, "calls.jsonl");
    fs.writeFileSync(stack, file);
    fs.writeFileSync(recording, lines.join("\n"));
  });

  afterEach(() => fs.rmSync(folder, { recursive: true }));

  function learn(...argv: string[]): Promise<Ended> {
    return runCommand(register, "learn", "shop", "--stacks", folder, ...argv);
  }

  it("folds near names only when it is asked to, says so, and writes what check takes", async () => {
    const near = ["r1", "r2", "r3"].map((label) => httpsEntry({ host: `${label}.video.example`, ...refusedHttps }));
    fs.writeFileSync(recording, near.map((entry) => JSON.stringify(entry)).join("\n"));
    assert.doesNotMatch((await learn("--from", recording)).stdout, /\*\./);
    const { exitCode, stdout } = await learn("--from", recording, "--fold", "--write");
    assert.equal(exitCode, 0, stdout);
    assert.match(
      stdout,
      /\*\.video\.example of video is every name below video\.example; called were r1\.video\.example, r2\.video\.example, r3\.video\.example\./,
    );
    assert.match(
      fs.readFileSync(stack, "utf8"),
      /\*\.video\.example.*\n?.*for 3 names|for 3 names[^]*\*\.video\.example/,
    );
    assert.equal((await runCommand(registerCheck, "check", "shop", "--stacks", folder)).exitCode, 0);
  });

  it("refuses to fold in a mesh that takes no wildcard", async () => {
    fs.writeFileSync(
      stack,
      file.replace("config:\n", "config:\n  istio-egress:mesh: { kind: existing, envoyFilters: false }\n"),
    );
    const { exitCode, stderr } = await learn("--from", recording, "--fold");
    assert.equal(exitCode, 2);
    assert.match(stderr, /^--fold makes wildcards, and this mesh takes no EnvoyFilters: /);
  });

  it("shows what was called, what would grant it, and what is not proposed", async () => {
    const { exitCode, stdout, stderr } = await learn("--from", recording);
    assert.deepEqual([exitCode, stderr], [0, "5 calls in 5 lines.\n"]);
    assert.equal(
      stdout,
      `FROM            CALL                    CALLS  REFUSED  FIRST              LAST               PROPOSED
test-app/app-a  https://api.stripe.com  2      2        2026-11-20 10:00Z  2026-11-22 10:15Z  new stripe
test-app/app-a  http://old.example      1      1        2026-11-22 10:15Z  2026-11-22 10:15Z  new old; plain http

Proposed: 2 destinations, 2 rules.

Not proposed:
FROM            CALL                CALLS  LAST               WHY
test-app/app-a  http://www.cnn.com  1      2026-11-22 10:15Z  denied: istio-egress:deny holds cnn.com: nobody may be allowed it

1 call granted by the stack already.
`,
    );
  });

  it("gives YAML to paste", async () => {
    const { exitCode, stdout } = await learn("--from", recording, "--yaml", "--owner", "team-a");
    assert.equal(exitCode, 0);
    assert.equal(
      stdout,
      `# To paste into the stack's file; what has a key there already goes below that one.
config:
  istio-egress:destinations:
    # 1 call, 2026-11-22, 1 of them refused; plain http
    old:
      hosts: [old.example]
      protocols: [http]
    # 2 calls, 2026-11-20 to 2026-11-22, 2 of them refused
    stripe:
      hosts: [api.stripe.com]
      protocols: [https]
  istio-egress:allow:
    - from: test-app/app-a
      to: stripe
      owner: team-a
      reason: learnt from 2 refused calls between 2026-11-20 and 2026-11-22
    - from: test-app/app-a
      to: old
      owner: team-a
      reason: learnt from 1 refused call on 2026-11-22
# Not proposed:
#   test-app/app-a → http://www.cnn.com, 1 call: istio-egress:deny holds cnn.com: nobody may be allowed it
`,
    );
  });

  it("gives JSON, with times as ISO 8601", async () => {
    const { stdout } = await learn("--from", recording, "--json");
    const { learnt, left, granted } = JSON.parse(stdout) as Record<string, any>;
    assert.deepEqual([learnt[0].to, learnt[0].first, left[0].mark], ["stripe", "2026-11-20T10:00:00.000Z", "denied"]);
    assert.equal(granted.calls, 1);
  });

  it("writes the proposal into the file, which is sound then, keeps all that was there, and finds nothing more", async () => {
    fs.chmodSync(stack, 0o640);
    const { exitCode, stdout } = await learn("--from", recording, "--write");
    assert.equal(exitCode, 0);
    assert.match(stdout, /\nAdded to .*Pulumi\.shop\.yaml: 2 destinations, 2 rules\. Look at it/);
    const written = fs.readFileSync(stack, "utf8");
    assert.equal(
      written,
      file
        .replace(
          "{ hosts: [github.com] }\n",
          `$&    # 1 call, 2026-11-22, 1 of them refused; plain http
    old: { hosts: [old.example], protocols: [http] }
    # 2 calls, 2026-11-20 to 2026-11-22, 2 of them refused
    stripe: { hosts: [api.stripe.com], protocols: [https] }
`,
        )
        .replace(
          "owner: team-a }\n",
          `$&    - { from: test-app/app-a, to: stripe, reason: learnt from 2 refused calls between 2026-11-20 and 2026-11-22 }
    - { from: test-app/app-a, to: old, reason: learnt from 1 refused call on 2026-11-22 }
`,
        ),
    );
    assert.equal(fs.statSync(stack).mode & 0o777, 0o640);
    assert.equal((await runCommand(registerCheck, "check", "shop", "--stacks", folder)).exitCode, 0);
    const again = await learn("--from", recording, "--write");
    assert.match(again.stdout, /Nothing to propose[\s\S]*Nothing is added to /);
    assert.equal(fs.readFileSync(stack, "utf8"), written);
    assert.deepEqual(fs.readdirSync(folder).sort(), ["Pulumi.shop.yaml", "calls.jsonl"]);
  });

  it("reads standard input's forms from a file that is compressed, too", async () => {
    fs.writeFileSync(`${recording}.gz`, gzipSync(lines.join("\n")));
    const { exitCode, stderr } = await learn("--from", `${recording}.gz`);
    assert.deepEqual([exitCode, stderr], [0, "5 calls in 5 lines.\n"]);
  });

  it("reads arrays and objects over several lines, as gcloud, jq and Loki's API give them, and says what of them is cut off", async () => {
    const objects = lines.map((line) => JSON.parse(line) as object);
    const odd = JSON.stringify(httpEntry({ path: '/{"}[\\' }));
    const values = lines.map((line) => ["1795342500000000000", line]);
    const spread = (value: unknown) => JSON.stringify(value, undefined, 2);
    const payloads = objects.map((entry, index) => ({
      timestamp: "2026-11-22T10:15:00Z",
      ...(index % 2 === 0 ? { jsonPayload: entry } : { textPayload: lines[index] }),
    }));
    const texts: [string, string, string][] = [
      ["array", spread(objects), "5 calls in 5 lines.\n"],
      ["array in one line", `[${odd},${lines.join()}]`, "6 calls in 6 lines.\n"],
      ["gcloud's", spread(payloads), "5 calls in 5 lines.\n"],
      ["jq's", `\uFEFF${objects.map(spread).join("\r\n")}\r\n`, "5 calls in 5 lines.\n"],
      ["Loki's", spread({ status: "success", data: { result: [{ stream: {}, values }] } }), "5 calls in 1 line.\n"],
      ["cut off", spread(objects).slice(0, -20), "4 calls in 5 lines; not read: 1 cut off.\n"],
      ["kubectl's", lines.map((line) => `[pod/a/b] ${line}`).join("\n"), "5 calls in 5 lines.\n"],
      ["blanks before", `\n\n  ${lines.join("\n")}`, "5 calls in 5 lines.\n"],
    ];
    for (const [name, text, says] of texts) {
      fs.writeFileSync(recording, text);
      const { exitCode, stderr } = await learn("--from", recording);
      assert.deepEqual([exitCode, stderr], [0, says], name);
    }
    fs.writeFileSync(recording, gzipSync(spread(objects)));
    assert.equal((await learn("--from", recording)).stderr, "5 calls in 5 lines.\n");
  });

  it("holds no more of a recording than an object, however the chunks of it fall", async () => {
    const filler = JSON.stringify({ level: "info", text: `"{${"x".repeat(1000)}` });
    const many = Array.from({ length: 2000 }, () => filler);
    fs.writeFileSync(
      recording,
      `[\n${[...many, ...lines, ...many, `{"a":"${"y".repeat(17 << 20)}"}`, ...lines].join(",\n")}]`,
    );
    const { stderr } = await learn("--from", recording);
    assert.equal(stderr, "10 calls in 4,011 lines; not read: 4,000 lines of another format, 1 too long.\n");
  });

  it("says what of the lines was no call, and whose clock is wrong", async () => {
    const future = JSON.stringify(httpEntry({ time: "2099-01-01T00:00:00Z", host: "api.stripe.com", ...refusedHttp }));
    const timeless = JSON.stringify(httpEntry({ time: null }));
    fs.writeFileSync(recording, [...lines, "info envoy", lines[0]!.slice(0, 50), future, timeless, ""].join("\n"));
    const { exitCode, stderr } = await learn("--from", recording);
    assert.equal(exitCode, 0);
    assert.equal(
      stderr,
      `7 calls in 9 lines; not read: 1 line of another format, 1 cut off.
1 call dated in the future, up to 2099-01-01T00:00:00.000Z: a clock is wrong; counted as of now.
1 call without a time that can be read: counted all the same.
`,
    );
  });

  it("leaves out what is older than it is asked for", async () => {
    const { stdout, stderr } = await learn("--from", recording, "--since", "1h");
    assert.match(stderr, /5 calls from before the time asked for: not counted\./);
    assert.match(stdout, /^Nothing to propose/);
  });

  it("ends with 1 and a sentence for a recording that is none", async () => {
    const cases: [string, string, RegExp][] = [
      ["empty.jsonl", "", /empty\.jsonl is empty: no call can be learnt from it\./],
      ["other.json", '[{"level": "info"}]', /holds no call in 1 line: give JSON, an object a line or an array of them/],
      ["none.gz", "text", /is called \.gz and is not compressed by gzip/],
    ];
    for (const [name, text, says] of cases) {
      fs.writeFileSync(path.join(folder, name), text);
      const { exitCode, stdout, stderr } = await learn("--from", path.join(folder, name), "--write");
      assert.deepEqual([exitCode, stdout], [1, ""], name);
      assert.match(stderr, says);
    }
    const cut = gzipSync(lines.join("\n"));
    fs.writeFileSync(path.join(folder, "cut.gz"), cut.subarray(0, cut.length - 20));
    assert.match((await learn("--from", path.join(folder, "cut.gz"))).stderr, /compressed data are cut off/);
    fs.writeFileSync(path.join(folder, "cut"), Buffer.concat([cut.subarray(0, 40), Buffer.alloc(200, 0x55)]));
    assert.match((await learn("--from", path.join(folder, "cut"))).stderr, /compressed data are (damaged|cut off)/);
    assert.match((await learn("--from", path.join(folder, "nowhere"))).stderr, /there is no such file/);
    assert.match((await learn("--from", folder)).stderr, /it is a folder/);
    assert.equal(fs.readFileSync(stack, "utf8"), file);
  });

  it("writes nothing where check would not be green with it", async () => {
    const text = file.replace("owner: team-a", "owner: team-a, expires: 2020-01-01");
    fs.writeFileSync(stack, text);
    const { exitCode, stderr } = await learn("--from", recording, "--write");
    assert.equal(exitCode, 1);
    assert.match(stderr, /egress check would not be green with it\.\n\n.*\n\n.*expires/);
    assert.equal(fs.readFileSync(stack, "utf8"), text);
  });

  it("writes nothing where Pulumi could not hand all of it to the program any more", async () => {
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "{name: shop, runtime: nodejs}\n");
    const padded = (length: number) => `${file}  shop:page: ${"x".repeat(length)}\n`;
    const check = () => runCommand(registerCheck, "check", "shop", "--stacks", folder);
    fs.writeFileSync(stack, padded(1));
    const room = mostOfVariable - variableBytes(readProgramConfig("shop", folder, findProject(folder)!)) + 1;
    for (const [length, exitCode] of [
      [room - 2000, 0],
      [room, 1],
    ] as const) {
      fs.writeFileSync(stack, padded(length));
      assert.equal((await check()).exitCode, 0);
      const written = await learn("--from", recording, "--write");
      assert.equal(written.exitCode, exitCode, written.stderr);
      assert.equal((await check()).exitCode, 0);
      assert.equal(fs.readFileSync(stack, "utf8") === padded(length), exitCode === 1);
      assert.match(
        written.stderr,
        exitCode === 0 ? /^5 calls in 5 lines\.\n$/ : /would not be green with it\.\n[^]*argument list too long/,
      );
    }
  });

  it("writes nothing where a character of the file would be lost, as it is no UTF-8", async () => {
    const latin = Buffer.from(`# Caf\u00e9.\n${file}`, "latin1");
    fs.writeFileSync(stack, latin);
    const { exitCode, stderr } = await learn("--from", recording, "--write");
    assert.equal(exitCode, 1);
    assert.match(stderr, /Pulumi\.shop\.yaml is not written: it is no UTF-8/);
    assert.ok(fs.readFileSync(stack).equals(latin));
    assert.deepEqual(fs.readdirSync(folder).sort(), ["Pulumi.shop.yaml", "calls.jsonl"]);
    fs.writeFileSync(stack, latin.toString("latin1"));
    assert.equal((await learn("--from", recording, "--write")).exitCode, 0);
    assert.match(fs.readFileSync(stack, "utf8"), /^# Caf\u00e9\.\n/);
  });

  it("writes nothing where rules that the project's file gives would be lost", async () => {
    fs.writeFileSync(
      path.join(folder, "Pulumi.yaml"),
      `name: istio-egress
runtime: nodejs
config:
  istio-egress:allow:
    value: [{ from: test-app/app-a, to: github }]
`,
    );
    const text = file.replace(/ {2}istio-egress:allow:\n.*\n/, "");
    fs.writeFileSync(stack, text);
    const { exitCode, stderr } = await learn("--from", recording, "--write");
    assert.equal(exitCode, 1);
    assert.match(stderr, /test-app\/app-a → github would be granted no longer/);
    assert.equal(fs.readFileSync(stack, "utf8"), text);
  });

  it("writes nothing where somebody has changed the file meanwhile, and leaves their change", () => {
    const config = parseConfig(soundConfig(), { now });
    const proposal = propose(config, []);
    const additions = [{ to: ["deny"] as [string], value: "x.example" }];
    const write = {
      stack: "shop",
      folder,
      file: stack,
      text: file,
      config: parseConfig({}, { now }),
      proposal,
      additions,
    };
    fs.writeFileSync(stack, `${file}# mine\n`);
    assert.throws(() => writeProposal(write), /has changed since it was read, and is not written/);
    assert.equal(fs.readFileSync(stack, "utf8"), `${file}# mine\n`);
    assert.deepEqual(fs.readdirSync(folder).sort(), ["Pulumi.shop.yaml", "calls.jsonl"]);
    // Its allowed twin.
    fs.writeFileSync(stack, file);
    writeProposal(write);
    assert.equal(fs.readFileSync(stack, "utf8"), file.replace("[cnn.com]", "[cnn.com, x.example]"));
  });

  it("reads a week of the logs of gateways and sidecars where no recording is named", async () => {
    const kubectl = new FakeKubectl();
    try {
      kubectl.pods({ "egress-gateway-a": {} });
      kubectl.sidecars({ "test-app": ["app-a-1"] });
      kubectl.log("app-a-1", [logLine(httpsEntry({ host: "home.example", ...atHome }), 2)]);
      kubectl.log("egress-gateway-a", [logLine(httpEntry({ host: "old.example", ...refusedHttp }), 1)]);
      const { exitCode, stdout } = await learn("--since", "9999d");
      assert.equal(exitCode, 0);
      assert.match(stdout, /http:\/\/old\.example/);
      assert.match(stdout, /test-app\/app-a +https:\/\/home\.example +1 +1 /);
      assert.match(kubectl.reads().at(-1)!, /--since=863913600s/);
      await learn();
      assert.match(kubectl.reads().at(-1)!, /--since=604800s/);
      kubectl.fails("log-egress-gateway-a", "no route to host");
      assert.deepEqual(await learn(), {
        exitCode: 1,
        stdout: "",
        stderr: "kubectl cannot read the log of pod egress-gateway-a: no route to host\n",
      });
    } finally {
      kubectl.remove();
    }
  });

  it("ends with 2 for wrong use", async () => {
    for (const [argv, says] of [
      [["--since", "a week"], /--since takes days, hours, minutes and seconds, as 7d or 1h30m, and not "a week"/],
      [["--owner", " "], /--owner names who is to answer for the rules, and is empty/],
      [["--yaml", "--write", "--from", "-"], /--yaml and --write are different outputs/],
      [["--stacks", "/nowhere"], /no stack "shop"/],
    ] as const) {
      const { exitCode, stderr } = await learn(...argv);
      assert.equal(exitCode, 2);
      assert.match(stderr, says);
    }
  });
});
