// `egress presets`, and docs/presets.md, whose list is made from the table.
// Does not prove: that the pages still say so.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as prettier from "prettier";
import { parse } from "yaml";
import { presetsMarkdown } from "../../../cli/presets/markdown";
import { DestinationConfig, parseConfig } from "../../../model";
import { newestPresets, presetNamed } from "../../../model/ground/presets";
import { register } from "../../../cli/commands/presets";
import { runCommand } from "./run-command";

const page = path.join(__dirname, "../../../docs/presets.md");
const heading = "tests/unit/cli/presets.test.ts. -->\n";

describe("egress presets", () => {
  it("lists every preset, and as JSON all of them with their pages", async () => {
    const { exitCode, stdout } = await runCommand(register, "presets");
    assert.equal(exitCode, 0);
    newestPresets().forEach(({ name }) => assert.match(stdout, new RegExp(`^  ${name} `, "m")));
    const all = JSON.parse((await runCommand(register, "presets", "--json")).stdout) as unknown[];
    assert.deepEqual(all, JSON.parse(JSON.stringify(newestPresets())));
  });

  it("shows one, with YAML that means the same as its name", async () => {
    for (const { name } of newestPresets()) {
      const { stdout } = await runCommand(register, "presets", name);
      const yaml = stdout.slice(stdout.indexOf("  istio-egress:destinations"));
      const pasted = (parse(yaml) as Record<string, object>)["istio-egress:destinations"];
      const read = (destinations: unknown) => {
        const [{ preset: _, ...config }] = parseConfig({ destinations }, { now: new Date() })
          .destinations as unknown as [DestinationConfig];
        return config;
      };
      assert.deepEqual(read(pasted), read({ [name]: { preset: name } }), name);
    }
  });

  it("takes a day, and ends with 2 where there is no such preset, with the near ones", async () => {
    const { read } = (presetNamed("github") as { preset: { read: string } }).preset;
    assert.match((await runCommand(register, "presets", `github@${read}`)).stdout, new RegExp(`as of ${read}`));
    const unknown = await runCommand(register, "presets", "gihub");
    assert.equal(unknown.exitCode, 2);
    assert.match(unknown.stderr, /No preset "gihub"\.\nAllowed: .*\nFix: did you mean "github"\?/);
    assert.equal((await runCommand(register, "presets", "github@1999-01-01")).exitCode, 2);
  });

  it("are what docs/presets.md lists", async () => {
    const text = fs.readFileSync(page, "utf8");
    const prose = text.slice(0, text.indexOf(heading) + heading.length);
    assert.notEqual(prose, "");
    const options = await prettier.resolveConfig(page);
    const made = await prettier.format(`${prose}\n${presetsMarkdown(newestPresets())}\n`, {
      ...options,
      filepath: page,
    });
    if (process.env.UPDATE_GOLDEN !== undefined) {
      fs.writeFileSync(page, made);
    }
    assert.equal(fs.readFileSync(page, "utf8"), made);
  });
});
