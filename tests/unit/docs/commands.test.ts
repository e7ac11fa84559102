// What the documents show of commands is there: every flag, and every command in the README's table.
// Does not prove: that a command prints what a document shows; tests of the commands and of walkthroughs do.
import { Command } from "commander";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";

const root = path.join(__dirname, "../../..");

/** The documents that speak of today; CHANGELOG.md speaks of other days, too. */
const documents = [
  "README.md",
  ...readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" }).map((file) => `docs/${file}`),
  "examples/bring-your-own/README.md",
].filter((file) => file.endsWith(".md"));

const text = (file: string) => readFileSync(path.join(root, file), "utf8");

interface Registering {
  register(program: Command): void;
}

/** Every command with its flags. */
async function commands(): Promise<Map<string, Set<string>>> {
  const program = new Command("egress");
  for (const file of readdirSync(path.join(root, "cli/commands"))) {
    const module = (await import(path.join(root, "cli/commands", file))) as Partial<Registering>;
    module.register?.(program);
  }
  return new Map(
    program.commands.map((command) => {
      const flags = [command, ...command.commands].flatMap(({ options }) =>
        options.flatMap(({ long, short }) => [long, short].filter((flag) => typeof flag === "string")),
      );
      return [command.name(), new Set(["--help", ...flags])];
    }),
  );
}

describe("the documents", () => {
  let known: Map<string, Set<string>>;

  before(async () => {
    known = await commands();
  });

  it("name no flag that its command does not have", () => {
    let count = 0;
    for (const file of documents) {
      for (const [shown, name, rest] of text(file).matchAll(/\begress ([a-z]+)((?: +[^\s`|"'()]+)*)/g)) {
        const flags = known.get(name!);
        // What is behind a second hyphen alone is another program's.
        const own = rest!.split(/[;&#]| -- /)[0]!;
        for (const [flag] of flags === undefined ? [] : own.matchAll(/(?<=\s|\[)--?[a-zA-Z][\w-]*/g)) {
          assert.ok(flags!.has(flag), `${file}: ${shown}: there is no ${flag}`);
          count += 1;
        }
      }
    }
    assert.ok(count > 60, `${count} flags were found`);
  });

  it("have every command in the README's table", () => {
    const listed = [...text("README.md").matchAll(/^\| `npx egress ([a-z]+)/gm)].map(([, name]) => name!);
    assert.deepEqual([...new Set(listed)].sort(), [...known.keys()].sort());
  });
});
