import * as fs from "node:fs";
import { parseArgs } from "node:util";
import { LabError } from "../../lab/errors";
import { here, inTheLab, Place } from "./place";
import { readWalkthrough } from "./read";
import { replay } from "./replay";
import { ReplayError } from "./report";
import { WalkthroughError } from "./step";
import { Change, rewriteOutputs } from "./update";

const usage = `Runs the commands of a document's console blocks, and compares their outputs with those that it shows.

Usage: node --require ts-node/register tests/walkthrough/run.ts DOCUMENT [--update] [--here]
  --update  writes outputs that are not as shown into the document; a line "?" stands for one that is still to come
  --here    runs the commands in this folder, and not in the lab in a copy of this checkout

A console block:
  $ command          a command; lines "> …" right under it go on with it
  its output         all of it, stdout and stderr; none: it is not shown
  …                  within a line: anything; by itself: any number of lines
HTML comments on the lines before a block:
  <!-- exit: 0, 1 -->         exit codes, one for each of its commands; all 0 without it
  <!-- varies: date, pod -->  kinds of values that vary: address, count, date, duration, id, pod
  <!-- limit: 300s -->        in which each of its commands has to end; 120s without it
  <!-- within: 10s -->        in which its only command may be repeated until all is as shown
`;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const { document, update, place } = options();
  // Whatever ends this process, an interruption too, ends the session before it and leaves no copy of the checkout.
  process.once("exit", place.remove);
  process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));
  const markdown = fs.readFileSync(document, "utf8");
  const steps = readWalkthrough(markdown, { document, outputsToCome: update });
  if (!update) return replay(steps, { ...place, document, print });
  const changes: Change[] = [];
  try {
    await replay(steps, {
      ...place,
      document,
      print,
      onOtherOutput: (step, output) => changes.push({ step, output }),
    });
  } finally {
    // What was seen before a command that failed is worth keeping.
    if (changes.length > 0) fs.writeFileSync(document, rewriteOutputs(document, markdown, changes));
    print(`${changes.length} outputs written`);
  }
  readWalkthrough(fs.readFileSync(document, "utf8"), { document });
}

function options(): { document: string; update: boolean; place: Place } {
  const { values, positionals } = parseArgs({
    options: { update: { type: "boolean", default: false }, here: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const [document, ...more] = positionals;
  if (document === undefined || more.length > 0) throw new TypeError("Name one document.");
  if (!fs.existsSync(document)) throw new TypeError(`There is no ${document}.`);
  return { document, update: values.update, place: values.here ? here() : inTheLab() };
}

main().catch((error: unknown) => {
  const finding = [ReplayError, WalkthroughError, LabError].some((kind) => error instanceof kind);
  if (!finding && !(error instanceof TypeError)) throw error;
  process.stderr.write(finding ? `${(error as Error).message}\n` : `${(error as Error).message}\n\n${usage}`);
  process.exitCode = finding ? 1 : 2;
});
