import { measures } from "./measures";
import type { Inside } from "./run";

/** Takes one measure in a process of its own, as every command has one, and prints what came of it as JSON. */
async function main([name, folder]: string[]): Promise<void> {
  const started = performance.now();
  let written = 0;
  for (const piece of await measures[name!]!.run(folder!)) {
    written += piece.length;
  }
  const taken: Inside = { seconds: (performance.now() - started) / 1000, written };
  process.stdout.write(JSON.stringify(taken));
}

void main(process.argv.slice(2));
