// Does not prove that the lab's own processes run from their bundles: a booted lab does.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { bundle } from "../../../lab/bundle";
import { temporaryFolder } from "./tools/temporary";

describe("bundle", () => {
  const folder = temporaryFolder();

  async function write(name: string, content: string): Promise<string> {
    const file = path.join(folder(), name);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, content);
    return file;
  }

  it("is plain JavaScript, in which each source keeps its own folder", async () => {
    await write("deep/below.ts", "export const below: string = __dirname;");
    const entry = await write(
      "entry.ts",
      'import { below } from "./deep/below";\nconsole.log(__dirname, below, process.argv[2] satisfies string | undefined);',
    );
    const file = await bundle(entry, path.join(folder(), "bundles"));
    const ran = spawnSync(process.execPath, [file, "argument"]);
    assert.equal(ran.stdout.toString(), `${folder()} ${path.join(folder(), "deep")} argument\n`, ran.stderr.toString());
  });

  it("keeps its name while its sources stay as they are", async () => {
    const bundles = path.join(folder(), "bundles");
    const entry = await write("entry.ts", "console.log(1);");
    const first = await bundle(entry, bundles);
    assert.equal(await bundle(entry, bundles), first);
    await write("entry.ts", "console.log(2);");
    assert.notEqual(await bundle(entry, bundles), first);
    assert.equal((await fs.readdir(bundles)).length, 2);
  });

  it("fails on an import that is not there, and leaves nothing", async () => {
    const entry = await write("entry.ts", 'import "./absent";');
    await assert.rejects(bundle(entry, path.join(folder(), "bundles")), /Could not resolve "\.\/absent"/);
    await assert.rejects(fs.readdir(path.join(folder(), "bundles")), { code: "ENOENT" });
  });
});
