import { spawn } from "node:child_process";
import { table } from "./ruleset";

/** Applies a text of nftables commands in one transaction: all of it or nothing. */
export async function applyRuleset(text: string): Promise<void> {
  await nft(["-f", "-"], text);
}

export async function removeTable(): Promise<void> {
  await nft(["-f", "-"], `add table inet ${table}\ndelete table inet ${table}\n`);
}

export async function tableExists(): Promise<boolean> {
  return (await nft(["list", "tables", "inet"])).split("\n").includes(`table inet ${table}`);
}

/** Runs nft in this process's network namespace and gives what it prints. Throws an Error that says what nft said. */
function nft(args: string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("nft", args);
    let printed = "";
    let complaints = "";
    child.stdout.on("data", (chunk) => (printed += chunk));
    child.stderr.on("data", (chunk) => (complaints += chunk));
    // nft that dies early closes its input; its exit code tells the story.
    child.stdin.on("error", () => undefined);
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? new Error("nft is not on PATH: install the Debian package nftables.") : error),
    );
    child.on("close", (code) =>
      code === 0
        ? resolve(printed)
        : reject(new Error(`nft failed (exit ${code}): ${complaints.trim().slice(0, 1000)}`)),
    );
    child.stdin.end(input);
  });
}
