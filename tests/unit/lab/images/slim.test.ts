// Does not prove that what is left of Debian is enough for the programs in it: containers of a booted lab run them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { slim } from "../../../../lab/images/slim";
import { temporaryFolder } from "../tools/temporary";

describe("slim root filesystem", () => {
  const folder = temporaryFolder();

  async function makeSource(): Promise<string> {
    const root = path.join(folder(), "root");
    const files = { "bin/tool": "tool", "certs/b.crt": "B\n", "certs/a.crt": "A\n", "doc/tool/readme": "long" };
    for (const [name, content] of Object.entries(files)) {
      await fs.mkdir(path.dirname(path.join(root, name)), { recursive: true });
      await fs.writeFile(path.join(root, name), content);
    }
    await fs.symlink("tool", path.join(root, "bin/symbolic"));
    await fs.link(path.join(root, "bin/tool"), path.join(root, "bin/zhard"));
    const source = path.join(folder(), "source.tar");
    spawnSync("tar", ["--create", "--sort=name", "--owner=0", "--group=0", "--file", source, "--directory", root, "."]);
    return source;
  }

  it("drops, gathers and adds, keeps links, and sets all times to one", async () => {
    const target = path.join(folder(), "target.tar");
    const gathered = await slim(await makeSource(), target, {
      dropped: [/^doc\//],
      gathered: { from: /^certs\/.*\.crt$/, into: "etc/certs.pem" },
      additions: [{ type: "directory", path: "tmp", mode: 0o1777 }],
    });
    assert.equal(gathered, "A\nB\n");
    const listing = spawnSync("tar", ["--list", "--verbose", "--utc", "--file", target]).stdout.toString();
    const columns = listing
      .trim()
      .split("\n")
      .map((line) => line.split(/ +/));
    assert.deepEqual(
      columns.map((column) => column.slice(5).join(" ")),
      ["bin/", "bin/symbolic -> tool", "bin/tool", "bin/zhard link to bin/tool", "certs/", "tmp", "etc/certs.pem"],
    );
    assert.deepEqual(new Set(columns.map((column) => column[3])), new Set(["1970-01-01"]));
    assert.equal(spawnSync("tar", ["-xOf", target, "bin/tool"]).stdout.toString(), "tool");
    assert.equal(spawnSync("tar", ["-xOf", target, "etc/certs.pem"]).stdout.toString(), "A\nB\n");
  });

  it("fails on a file that is no tar", async () => {
    const source = path.join(folder(), "source.tar");
    await fs.writeFile(source, "x".repeat(5000));
    const recipe = { dropped: [], gathered: { from: /^$/, into: "a" }, additions: [] };
    await assert.rejects(slim(source, path.join(folder(), "target.tar"), recipe), /Invalid tar header/);
  });
});
