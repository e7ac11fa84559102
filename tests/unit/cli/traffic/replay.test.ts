// `egress replay` as it is called, on two commits and a recording.
// Does not prove: that a call which is said to break would have been made again.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { register } from "../../../../cli/commands/replay";
import { httpsEntry, refusedHttps } from "../../model/access-log/entries";
import { example } from "../../review/example";
import { ScratchRepository, scratchRepository } from "../../review/scratch-repository";
import { Ended, runCommand } from "../run-command";

const identity = (name: string) => `spiffe://cluster.local/ns/shop/sa/${name}`;
const call = (name: string, host: string, changes = {}) =>
  JSON.stringify(httpsEntry({ identity: identity(name), host, ...changes }));

/** What is called: by search a host that the change takes, by cart one that both grant and one that it brings. */
const lines = [
  call("search", "suggest.example.com"),
  call("search", "suggest.example.com", { time: "2026-11-23T07:00:00.000Z" }),
  call("cart", "api.stripe.com"),
  call("cart", "api-m.paypal.com", refusedHttps),
  call("cart", "gone.example"),
];

describe("egress replay", () => {
  let repository: ScratchRepository;
  let recording: string;

  before(() => {
    repository = scratchRepository();
    repository.write(example.before);
    repository.commit("before");
    repository.write(example.after);
    recording = path.join(repository.folder, "calls.jsonl");
    fs.writeFileSync(recording, lines.join("\n"));
  });

  after(() => repository.remove());

  function replay(...argv: string[]): Promise<Ended> {
    const stacks = path.join(repository.folder, "stacks");
    return runCommand(register, "replay", ...argv, "--stacks", stacks, "--from", recording);
  }

  const gone = "no destination has this host";

  it("names the calls that a change would refuse, whose they are, and when the last was", async () => {
    const { exitCode, stdout, stderr } = await replay("prod", "--base", "HEAD");
    assert.deepEqual([exitCode, stderr], [1, "5 calls in 5 lines.\n"]);
    assert.equal(
      stdout,
      `This change would refuse 2 calls that shop/search made to https://suggest.example.com, last on 2026-11-23 07:00Z: ${gone}.
1 recorded call would pass as before; 1 call that was refused would pass; 1 call that passed once is granted by HEAD no more either.
`,
    );
  });

  it("ends with 0 where nothing that was used breaks: a stack that is only written in another way", async () => {
    const { exitCode, stdout } = await replay("dev", "--base", "HEAD");
    assert.equal(exitCode, 0);
    assert.match(stdout, /^This change would refuse no call that passed\.\n3 recorded calls would pass as before;/);
  });

  it("holds the file alone against all that passed, without a base", async () => {
    const { exitCode, stdout } = await replay("prod");
    assert.equal(exitCode, 1);
    assert.match(stdout, /^The stack prod would refuse 2 calls that shop\/search made/);
    assert.match(
      stdout,
      /\nThe stack prod would refuse 1 call that shop\/cart made to https:\/\/gone\.example, last on /,
    );
  });

  it("is a part of a pull request's comment", async () => {
    const { exitCode, stdout } = await replay("prod", "--base", "HEAD", "--markdown");
    assert.equal(exitCode, 1);
    assert.equal(
      stdout,
      `### \`prod\`, held against recorded calls

> [!CAUTION]
> This change would refuse calls that are made: 2 recorded calls.

| workload | call | times | last | why |
| --- | --- | --- | --- | --- |
| \`shop/search\` | \`https://suggest.example.com\` | 2 | 2026-11-23 07:00Z | ${gone} |

1 recorded call would pass as before; 1 call that was refused would pass; 1 call that passed once is granted by HEAD no more either.
`,
    );
    const sound = await replay("dev", "--base", "HEAD", "--markdown");
    assert.match(sound.stdout, /^### `dev`.*\n\nNo call that passed would be refused\.\n/);
  });

  it("gives JSON, with times as ISO 8601", async () => {
    const { broken, held } = JSON.parse((await replay("prod", "--base", "HEAD", "--json")).stdout) as Record<
      string,
      any
    >;
    assert.deepEqual([broken.length, broken[0].from, broken[0].last], [1, "shop/search", "2026-11-23T07:00:00.000Z"]);
    assert.equal(held.calls, 1);
  });

  it("ends with 2 for a revision or a stack that is not there, and with 1 for a base that is not sound", async () => {
    assert.match((await replay("prod", "--base", "nope")).stderr, /no revision "nope"/);
    assert.equal((await replay("prod", "--base", "nope")).exitCode, 2);
    assert.equal((await replay("nobody")).exitCode, 2);
    const sound = fs.readFileSync(path.join(repository.folder, "stacks/Pulumi.prod.yaml"), "utf8");
    repository.write({ "stacks/Pulumi.prod.yaml": sound.replace("to: paypal", "to: papal") });
    repository.commit("mistaken");
    repository.write({ "stacks/Pulumi.prod.yaml": sound });
    const { exitCode, stdout, stderr } = await replay("prod", "--base", "HEAD");
    assert.deepEqual([exitCode, stdout], [1, ""]);
    assert.match(stderr, /has 1 problem/);
  });
});
