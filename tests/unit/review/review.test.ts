// The commands of .github/workflows/preview.yml, run on two commits of a scratch repository; docs/review.md shows the
// comment that comes of it, and UPDATE_GOLDEN=1 writes it anew.
// Does not prove: that GitHub runs the workflow; its service is played by a script here.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { register as render } from "../../../cli/commands/render";
import { runCommand } from "../cli/run-command";
import { httpsEntry } from "../model/access-log/entries";
import { temporaryFolder, writeScript } from "../lab/tools/temporary";
import { example } from "./example";
import { ScratchRepository, scratchRepository } from "./scratch-repository";

const github = path.join(__dirname, "../../../.github");
const page = path.join(__dirname, "../../../docs/review.md");
const [begins, ends] = ["<!-- the comment begins -->", "<!-- the comment ends -->"];

let repository: ScratchRepository;

/** Commits stacks together with their golden dumps, as the project itself has them. */
async function commit(message: string, stacks: Record<string, string>): Promise<void> {
  repository.write(stacks);
  for (const stack of ["dev", "prod"]) {
    const { stdout } = await runCommand(render, "render", stack, "--stacks", path.join(repository.folder, "stacks"));
    repository.write({ [`tests/golden/${stack}.yaml`]: stdout });
  }
  repository.commit(message);
}

/** What the workflow's step writes of the last commit. */
function review(
  base = "HEAD^1",
  env: Record<string, string> = {},
): { exitCode: number | null; stderr: string; comment: string } {
  const file = path.join(repository.folder, "comment.md");
  fs.rmSync(file, { force: true });
  const { status, stderr } = spawnSync(path.join(github, "review.sh"), [base, file], {
    cwd: repository.folder,
    encoding: "utf8",
    env: { ...process.env, RECORDED_CALLS: "", ...env },
  });
  return { exitCode: status, stderr, comment: fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "" };
}

describe("the comment on a pull request", function () {
  // It is made by a shell and several commands, one after the other.
  this.timeout(60_000);
  let written: ReturnType<typeof review>;

  before(async () => {
    repository = scratchRepository();
    await commit("before", example.before);
    await commit("after", example.after);
    written = review();
  });

  after(() => repository.remove());

  it("says who gains and who loses what, what to look at, and which resources change", () => {
    const { exitCode, stderr, comment } = written;
    assert.deepEqual([exitCode, stderr], [0, ""]);
    for (const part of [
      "\n### `prod`\n\n2 grants gained, 1 lost.\n",
      "| `shop/cart` | **gains** | `api-m.paypal.com` | https | owner team-pay; reason takes payments; until 2099-12-31 |\n",
      "| `shop/cart` | **gains** | `api.stripe.com` | https → http, https |  |\n",
      "| `shop/search` | **loses** | `suggest.example.com` | https | owner team-find; reason completes what people type |\n",
      "\n> - `shop/cart → api.stripe.com`: plain HTTP: anybody on the way can read it",
      "\nNo difference that matters in `dev`.\n",
      "\nStack prod is sound: 2 workloads, 2 destinations, 2 hosts, 2 rules.\n",
      "<summary>1 file changed, ",
      "\n+  name: api-m.paypal.com\n",
      "\n-  name: suggest.example.com\n",
      "\n@@ # workload shop/cart: networking.istio.io/v1/Sidecar shop/cart\n",
    ]) {
      assert.ok(comment.includes(part), `${part}\nis missing in\n${comment}`);
    }
    assert.doesNotMatch(comment, /golden\/dev/);
  });

  it("is the one that docs/review.md shows", () => {
    const { comment } = written;
    const text = fs.readFileSync(page, "utf8");
    const [begin, end] = [text.indexOf(begins) + begins.length, text.indexOf(ends)];
    const shown = `${text.slice(0, begin)}\n\n${comment}\n${text.slice(end)}`;
    if (process.env.UPDATE_GOLDEN === "1") {
      fs.writeFileSync(page, shown);
    }
    assert.equal(text, shown, "run this test with UPDATE_GOLDEN=1, and review what changes");
  });

  it("says which recorded calls would be refused, where there is a recording, and does not fail by it", () => {
    const identity = "spiffe://cluster.local/ns/shop/sa/search";
    const call = JSON.stringify(httpsEntry({ identity, host: "suggest.example.com" }));
    const recorded = path.join(repository.folder, "recorded");
    repository.write({ "recorded/prod.jsonl": call, "recorded/dev.jsonl": "text", "recorded/other.jsonl": call });
    const { exitCode, stderr, comment } = review("HEAD^1", { RECORDED_CALLS: recorded });
    repository.write({ "recorded/prod.jsonl": null, "recorded/dev.jsonl": null, "recorded/other.jsonl": null });
    assert.deepEqual([exitCode, stderr], [0, ""]);
    for (const part of [
      "\n## What is called and would be refused?\n\n",
      "\n### `prod`, held against recorded calls\n\n> [!CAUTION]\n> This change would refuse calls that are made: 1 recorded call.\n",
      "\n| `shop/search` | `https://suggest.example.com` | 1 | 2026-11-22 10:15Z | no destination has this host |\n",
      "\n### `dev`\n\nCannot be held against recorded calls.\n\n````text\n",
      "holds no call in 1 line: give JSON, an object a line",
    ]) {
      assert.ok(comment.includes(part), `${part}\nis missing in\n${comment}`);
    }
    assert.doesNotMatch(comment, /`other`/);
    assert.doesNotMatch(written.comment, /would be refused/);
  });

  it("says that nothing changes when nothing does", () => {
    const { exitCode, comment } = review("HEAD");
    assert.equal(exitCode, 0);
    assert.match(comment, /\n\nNo difference that matters in `dev`, `prod`\.\n/);
    assert.match(comment, /None: the golden dumps are as they were\.\n$/);
    assert.doesNotMatch(comment, /details/);
  });

  it("is written for a stack that is not sound as well, within what GitHub takes, and the step fails", () => {
    const stack = example.after["stacks/Pulumi.prod.yaml"];
    repository.write({ "stacks/Pulumi.prod.yaml": stack.replace("to: paypal", "to: papal") });
    repository.write({ "tests/golden/dev.yaml": "# a line of the golden dump\n".repeat(5000) });
    repository.commit("mistaken");
    const { exitCode, comment } = review();
    assert.equal(exitCode, 1);
    assert.match(comment, /### `prod`\n\nCannot be compared: the new side is no sound configuration\./);
    assert.match(comment, /\*\*Stack prod is not sound\.\*\*\n\n````text\nThe stack's configuration has 1 problem\./);
    assert.match(comment, /Stack dev is sound/);
    assert.ok(comment.length > 50_000 && comment.length < 65_536, `${comment.length} characters`);
    assert.match(comment, /\n… \d+ lines more: see the files of the pull request\n````\n\n<\/details>\n$/);
  });

  it("has its headings outside of blocks and folds, however much of them is cut", () => {
    const numbers = Array.from({ length: 1500 }, (_, index) => index);
    const config = (keys: object) =>
      JSON.stringify({
        config: Object.fromEntries(Object.entries(keys).map(([key, value]) => [`istio-egress:${key}`, value])),
      });
    const rule = { from: "nobody/at-all", owner: "team" };
    repository.write({
      "stacks/Pulumi.prod.yaml": config({
        namespaces: { shop: { ingress: {} } },
        workloads: Object.fromEntries(numbers.map((index) => [`service-${index}`, { namespace: "shop", image: "i" }])),
        destinations: { paypal: { hosts: ["api-m.paypal.com"] } },
        allow: numbers.map((index) => ({
          from: `shop/service-${index}`,
          to: "paypal",
          reason: "`takes` <details> payments",
        })),
      }),
      "stacks/Pulumi.dev.yaml": config({ allow: numbers.map((index) => ({ ...rule, to: `destination-${index}` })) }),
    });
    repository.commit("large");
    const { exitCode, stderr, comment } = review();
    assert.deepEqual([exitCode, stderr], [1, ""]);
    assert.ok(comment.length > 20_000 && comment.length < 65_536, `${comment.length} characters`);

    const open = { block: "", folds: 0 };
    const outside = comment.split("\n").filter((line) => {
      const [ticks] = /^`{3,}/.exec(line) ?? [];
      if (ticks !== undefined) {
        open.block = open.block === "" ? ticks : line === open.block ? "" : open.block;
      } else if (open.block === "") {
        open.folds += [...line.matchAll(/<details>/g)].length - [...line.matchAll(/<\/details>/g)].length;
      }
      return open.block === "" && open.folds === 0;
    });
    assert.deepEqual(open, { block: "", folds: 0 });
    for (const heading of ["Who gains and who loses what", "Are the stacks sound?", "Which resources change?"]) {
      assert.ok(outside.includes(`## ${heading}`), heading);
    }
    assert.equal(comment.match(/… \d+ lines more/g)?.length, 2, "the comparison, and dev's problems");
  });

  it("is not written against a base that is not there", () => {
    const { exitCode, stderr, comment } = review("nope");
    assert.deepEqual([exitCode, comment], [2, ""]);
    assert.match(stderr, /no revision "nope"/);
  });
});

describe("a comment on its way to the pull request", () => {
  const folder = temporaryFolder();

  /** What the script asks `gh` for, when the pull request has this comment of ours already. */
  async function put(existing: string): Promise<string[]> {
    const log = path.join(folder(), "log");
    await writeScript(
      path.join(folder(), "bin/gh"),
      `echo "$@" >> ${log}\ncase "$2" in --paginate) printf '${existing}';; esac`,
    );
    const file = path.join(folder(), "comment.md");
    fs.writeFileSync(file, "<!-- mark -->\n\ntext\n");
    const env = { ...process.env, PATH: `${path.join(folder(), "bin")}:${process.env.PATH}` };
    const { status, stderr } = spawnSync(path.join(github, "comment.sh"), ["o/r", "7", file], {
      env,
      encoding: "utf8",
    });
    assert.deepEqual([status, stderr], [0, ""]);
    return fs.readFileSync(log, "utf8").replaceAll(file, "FILE").trimEnd().split("\n");
  }

  it("is new where there is none yet, found by its first line", async () => {
    const [search, change, ...rest] = await put("");
    assert.match(
      search!,
      /^api --paginate repos\/o\/r\/issues\/7\/comments --jq .*"Bot".*startswith\("<!-- mark -->"\)/,
    );
    assert.equal(change, "api --silent --method POST repos/o/r/issues/7/comments --field body=@FILE");
    assert.deepEqual(rest, []);
  });

  it("takes the place of the one that is there, the first if there are several", async () => {
    const [, change] = await put("41\\n42\\n");
    assert.equal(change, "api --silent --method PATCH repos/o/r/issues/comments/41 --field body=@FILE");
  });
});

describe("the workflow", () => {
  const text = fs.readFileSync(path.join(github, "workflows/preview.yml"), "utf8");
  const { jobs, permissions } = parse(text) as { jobs: Record<string, any>; permissions: unknown };
  const steps = (job: string) => jobs[job].steps as any[];

  it("runs the scripts that are tested here", () => {
    const commands = steps("review").map(({ run }) => run as string | undefined);
    assert.ok(commands.includes('.github/review.sh HEAD^1 "$RUNNER_TEMP/comment.md"'));
    assert.ok(commands.some((command) => command?.startsWith(".github/comment.sh ")));
    for (const script of ["review.sh", "comment.sh"]) {
      fs.accessSync(path.join(github, script), fs.constants.X_OK);
    }
  });

  it("takes every action at one commit, and says of which version", () => {
    const actions = [...text.matchAll(/uses: *(.*)/g)].map(([, action]) => action!);
    assert.ok(actions.length > 0);
    actions.forEach((action) => assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/));
  });

  it("gives the job without credentials none, and the token to the step that comments alone", () => {
    assert.deepEqual(permissions, { contents: "read" });
    assert.doesNotMatch(JSON.stringify(jobs.review), /secrets\.|id-token/);
    assert.deepEqual(
      steps("review").flatMap(({ env, run }) =>
        JSON.stringify(env ?? {}).includes("github.token") ? [run.split(" ")[0]] : [],
      ),
      [".github/comment.sh"],
    );
    for (const job of Object.keys(jobs)) {
      const checkout = steps(job).find(({ uses }) => uses?.startsWith("actions/checkout@"));
      assert.equal(checkout.with["persist-credentials"], false);
    }
  });

  it("previews by Pulumi's own action, with the diff in the pull request, where there are stacks to preview", () => {
    const pulumi = steps("preview").find(({ uses }) => uses?.startsWith("pulumi/actions@"));
    assert.equal(pulumi.with.command, "preview");
    assert.deepEqual(
      [pulumi.with.diff, pulumi.with["comment-on-pr"], pulumi.with["edit-pr-comment"]],
      [true, true, true],
    );
    assert.match(jobs.preview.if, /vars\.PREVIEW_STACKS != ''/);
  });
});
