// `egress report` as it is called: what it writes, what it never shows, and what it refuses.
// Does not prove the live parts: tests/lab/report.test.ts asks a mesh. The page in a browser: tests/browser.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { register } from "../../../../cli/commands/report";
import { Evidence, reportSchema } from "../../../../model/report";
import { httpsEntry, refusedHttps } from "../../model/access-log/entries";
import { settings as example } from "../../model/report/example";
import { ScratchRepository, scratchRepository } from "../../review/scratch-repository";
import { Ended, runCommand } from "../run-command";

/** The command goes by today's date, so none of the example's days may come while it is tested. */
const settings = {
  ...example,
  allow: example.allow.map((rule) => (rule.to === "httpbin" ? { ...rule, expires: "2099-12-31" } : rule)),
};

const ciphertext = "AAABAKQ0bWUQ7tW2SecretCiphertext";

function stackText(change: Record<string, unknown> = {}): string {
  const config = Object.entries({ ...settings, ...change }).map(([key, value]) => [`istio-egress:${key}`, value]);
  return stringify({ config: Object.fromEntries(config) });
}

describe("egress report", () => {
  let repository: ScratchRepository;
  let folder: string;
  let out: string;
  const searched = process.env.PATH;

  beforeEach(() => {
    repository = scratchRepository();
    folder = repository.folder;
    out = path.join(folder, "out", "pack");
    repository.write({ "Pulumi.shop.yaml": stackText() });
    repository.commit("Begin");
  });

  afterEach(() => {
    process.env.PATH = searched;
    repository.remove();
  });

  const report = (...argv: string[]): Promise<Ended> =>
    runCommand(register, "report", "shop", "--stacks", folder, "--out", out, ...argv);
  const read = (name: string) => fs.readFileSync(path.join(out, name), "utf8");
  const evidence = (): Evidence => reportSchema.parse(JSON.parse(read("report.json")));

  it("writes the page, JSON, picture and matrix, and the hash of each", async () => {
    const { exitCode, stdout, stderr } = await report("--no-pdf");
    assert.deepEqual([exitCode, stderr], [0, ""]);
    assert.match(
      stdout,
      /report\.html is the evidence on stack shop: of 12 controls \d+ shown, \d+ open, \d+ not looked at\.\n$/,
    );
    const names = fs.readdirSync(out).sort();
    assert.deepEqual(names, ["SHA256SUMS", "matrix.csv", "picture.svg", "report.html", "report.json"]);
    const sums = read("SHA256SUMS").trim().split("\n");
    assert.equal(sums.length, 4);
    for (const [hash, name] of sums.map((line) => line.split("  ") as [string, string])) {
      assert.equal(
        createHash("sha256")
          .update(fs.readFileSync(path.join(out, name)))
          .digest("hex"),
        hash,
      );
      // Of the page itself the hash cannot be in it.
      assert.equal(read("report.html").includes(hash), name !== "report.html");
    }
    const own = createHash("sha256")
      .update(fs.readFileSync(path.join(folder, "Pulumi.shop.yaml")))
      .digest("hex");
    assert.equal(evidence().inputs[0]!.sha256, own);
    assert.equal(read("matrix.csv").trim().split("\r\n").length, evidence().matrix.calls + 1);
  });

  it("takes the place of an earlier report, and leaves nothing of it", async () => {
    await report("--no-pdf");
    fs.writeFileSync(path.join(out, "report.pdf"), "of the earlier report");
    assert.equal((await report("--no-pdf")).exitCode, 0);
    assert.equal(fs.existsSync(path.join(out, "report.pdf")), false);
  });

  it("says in one sentence that there is no browser, and is fine", async () => {
    // git is on another way than browsers are.
    process.env.PATH = path.join(folder, "nothing");
    const { exitCode, stderr } = await report();
    assert.equal(exitCode, 0);
    assert.match(
      stderr,
      /^There is no PDF: no browser is installed that could print one \(.+\); print .+report\.html by hand\.\n$/,
    );
    assert.equal(evidence().source, null);
  });

  it("tells the rules' use from a recording, and keeps its hash", async () => {
    const recording = path.join(folder, "calls.jsonl");
    const lines = [httpsEntry(), httpsEntry({ host: "evil.example", ...refusedHttps })];
    fs.writeFileSync(recording, lines.map((line) => JSON.stringify(line)).join("\n"));
    assert.equal((await report("--no-pdf", "--from", recording)).exitCode, 0);
    const { inputs, usage, refused } = evidence();
    assert.equal(inputs.at(-1)!.name, recording);
    assert.deepEqual([usage!.calls, usage!.refused, refused[0]!.url], [2, 1, "https://evil.example"]);
    assert.match(read("report.html"), /evil\.example/);
  });

  it("marks a rule in report mode, and counts its calls apart", async () => {
    await report("--no-pdf");
    assert.doesNotMatch(read("report.html"), /report mode|mode: report|Reported/);
    const [first, ...others] = settings.allow;
    repository.write({ "Pulumi.shop.yaml": stackText({ allow: [{ ...first, mode: "report" }, ...others] }) });
    await report("--no-pdf");
    assert.equal(evidence().rules.filter(({ mode }) => mode === "report").length, 1);
    assert.match(read("report.html"), /allow\[0\].*mode: report/);
    assert.match(read("report.html"), /some by rules in report mode/);
    assert.match(read("matrix.csv"), /https:\/\/github\.com,report,/);
  });

  it("shows what changed since a revision, and who wrote, committed and is named", async () => {
    repository.write({ "Pulumi.shop.yaml": stackText({ allow: settings.allow.slice(1) }) });
    repository.commit("Take github away\n\nReviewed-by: Carol <carol@example.com>");
    repository.write({ "other.txt": "no part of the stack" });
    repository.commit("Something else");
    repository.write({ "Pulumi.shop.yaml": stackText({ allow: settings.allow.slice(2) }) });
    assert.equal((await report("--no-pdf", "--base", "HEAD~2")).exitCode, 0);
    const { changes, source, controls } = evidence();
    assert.deepEqual(
      changes!.commits.map(({ subject, author, named }) => [subject, author, named]),
      [["Take github away", "Test <test@example.com>", ["Reviewed-by: Carol <carol@example.com>"]]],
    );
    assert.match(changes!.summary, /3 grants? lost/);
    assert.deepEqual(source!.changed, ["Pulumi.shop.yaml"]);
    assert.equal(controls.find(({ id }) => id === "1.2.2")!.state, "open");
    assert.match(read("report.html"), /Reviewed-by: Carol &#60;carol@example\.com&#62;/);
  });

  it("shows nothing that is encrypted, neither as it is nor as it is written", async () => {
    const workloads = {
      ...settings.workloads,
      hammer: { namespace: "istio-workload", image: "example.com/hammer:1", env: { TOKEN: { secure: ciphertext } } },
    };
    repository.write({ "Pulumi.shop.yaml": stackText({ workloads }) });
    assert.equal((await report("--no-pdf", "--base", "HEAD")).exitCode, 0);
    for (const name of fs.readdirSync(out)) {
      assert.equal(read(name).includes(ciphertext), false, name);
    }
  });

  it("writes names as text, whatever they hold", async () => {
    assert.equal((await report("--no-pdf")).exitCode, 0);
    assert.match(read("report.html"), /checks &#60;itself&#62;/);
    assert.equal(read("report.html").includes("<itself>"), false);
  });

  const refusals: [what: string, argv: () => string[], message: RegExp][] = [
    ["a revision that there is not", () => ["--base", "nowhere"], /^There is no revision "nowhere" in the repository/],
    ["a recording from standard input", () => ["--from", "-"], /^--from takes a file here/],
    ["--since without anything to read", () => ["--since", "7d"], /^--since is taken only with --from or --live\./],
    ["a time that is none", () => ["--from", "x", "--since", "soon"], /^--since takes days/],
  ];
  for (const [what, argv, message] of refusals) {
    it(`refuses ${what} as wrong use, and writes nothing`, async () => {
      const { exitCode, stderr } = await report(...argv());
      assert.deepEqual([exitCode, fs.existsSync(out)], [2, false]);
      assert.match(stderr, message);
    });
  }

  it("refuses a revision without git", async () => {
    process.env.PATH = path.join(folder, "nothing");
    const { exitCode, stderr } = await report("--base", "HEAD");
    assert.deepEqual([exitCode, stderr], [2, 'git is not on PATH, and the revision "HEAD" is its.\n']);
  });

  it("refuses a file for a folder, and a folder with anything else, and leaves them", async () => {
    fs.mkdirSync(path.dirname(out));
    fs.writeFileSync(out, "mine");
    assert.match((await report("--no-pdf")).stderr, /pack is a file, and a report is several/);
    assert.equal(fs.readFileSync(out, "utf8"), "mine");
    fs.rmSync(out);
    fs.mkdirSync(out);
    fs.writeFileSync(path.join(out, "report.json"), "{}");
    const { exitCode, stderr } = await report("--no-pdf");
    assert.equal(exitCode, 2);
    assert.match(stderr, /report\.json is no report: give a new or an empty folder/);
    assert.deepEqual(fs.readdirSync(out), ["report.json"]);
    fs.rmSync(path.join(out, "report.json"));
    fs.mkdirSync(path.join(out, "report.json"));
    assert.match((await report("--no-pdf")).stderr, /report\.json is no report/);
    fs.rmSync(out, { recursive: true });
    fs.writeFileSync(out, "mine");
    const { exitCode: below, stderr: why } = await report("--no-pdf", "--out", path.join(out, "below"));
    assert.equal(below, 1);
    assert.match(why, /^\S+below cannot be written: a file is in the way of \S+\.\n$/);
  });

  it("ends with 1 for a recording that is not there, or a stack that is not sound", async () => {
    const { exitCode, stderr } = await report("--from", path.join(folder, "missing.jsonl"));
    assert.deepEqual([exitCode, fs.existsSync(out)], [1, false]);
    assert.match(stderr, /missing\.jsonl cannot be read: there is no such file\.\n$/);
    repository.write({ "Pulumi.shop.yaml": stackText({ allow: [{ from: "nobody/x", to: "github" }] }) });
    assert.equal((await report()).exitCode, 1);
  });
});
