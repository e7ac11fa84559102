import * as fs from "node:fs/promises";
import * as path from "node:path";

/** What the page is made of, and what its script is bundled from. */
export const pageFolder = path.join(__dirname, "page");

/** The page's script as the package has it; sources have none, and bundle it when it is asked for. */
const bundled = path.join(pageFolder, "page.js");

/** The script of the page that `egress graph` writes: one piece, for a browser. */
export async function pageScript(): Promise<string> {
  return (await readIfThere(bundled)) ?? bundlePage();
}

/** Bundles the script from its sources. */
export async function bundlePage(): Promise<string> {
  const { build } = await import("esbuild");
  const result = await build({
    entryPoints: [path.join(pageFolder, "main.ts")],
    bundle: true,
    platform: "browser",
    target: "es2022",
    format: "iife",
    minify: true,
    legalComments: "none",
    write: false,
    logLevel: "silent",
  });
  return result.outputFiles[0]!.text.trim();
}

async function readIfThere(file: string): Promise<string | undefined> {
  return fs.readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  });
}
