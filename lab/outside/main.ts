import * as fs from "node:fs/promises";
import { parseArgs } from "node:util";
import { loadAuthority } from "../certificates";
import { startOutside } from "./server";

const usage = `Plays the outside world: answers for its hosts on their addresses, and writes every request as a line of JSON.

Usage: outside --ca FOLDER [--ready-file PATH]
  --ca FOLDER        folder of the authority that signs the hosts' certificates: ca.crt and ca.key
  --ready-file PATH  written when everything listens; holds the process's id
`;

async function main(): Promise<void> {
  const { ca, "ready-file": readyFile } = options();
  if (readyFile !== undefined) await fs.rm(readyFile, { force: true });
  const outside = await startOutside({
    authority: await loadAuthority(ca),
    log: (request) => process.stdout.write(`${JSON.stringify(request)}\n`),
  });
  const stop = (): void => void outside.close();
  process.once("SIGTERM", stop).once("SIGINT", stop);
  if (readyFile !== undefined) await fs.writeFile(readyFile, `${process.pid}\n`);
}

function options(): { ca: string; "ready-file"?: string } {
  const { values } = parseArgs({ options: { ca: { type: "string" }, "ready-file": { type: "string" } } });
  const { ca } = values;
  if (ca === undefined) throw new TypeError("--ca FOLDER is missing.");
  return { ...values, ca };
}

main().catch((error: Error) => {
  const wrongUse = error instanceof TypeError;
  process.stderr.write(wrongUse ? `${error.message}\n\n${usage}` : `${error.message}\n`);
  process.exitCode = wrongUse ? 2 : 1;
});
