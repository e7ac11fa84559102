import * as crypto from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { build, type Plugin } from "esbuild";
import { cacheFolder, repositoryFolder } from "./paths";

/**
 * Bundles a TypeScript entry and all that it imports into one file of plain JavaScript, so that a process which lives
 * as long as the lab does not carry a compiler in its memory.
 *
 * @param entry the entry's path
 * @param folder where the bundle is kept @default the cache's folder for bundles
 * @returns the path of the bundle, whose name is made of its content
 */
export async function bundle(entry: string, folder = path.join(cacheFolder, "bundles")): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: repositoryFolder,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    write: false,
    logLevel: "silent",
    plugins: [keepOwnFolders],
  });
  const content = result.outputFiles[0]!.contents;
  const key = crypto.createHash("sha256").update(content).digest("hex").slice(0, 16);
  const file = path.join(folder, `${key}.js`);
  if (!(await exists(file))) {
    await fs.mkdir(folder, { recursive: true });
    const partial = `${file}.${process.pid}.partial`;
    await fs.writeFile(partial, content);
    await fs.rename(partial, file);
  }
  return file;
}

/** In a bundle `__dirname` would be the bundle's folder: our own sources keep theirs. */
const keepOwnFolders: Plugin = {
  name: "keep-own-folders",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
      const source = await fs.readFile(file, "utf8");
      const contents = source.includes("__dirname")
        ? `const __dirname = ${JSON.stringify(path.dirname(file))};\n${source}`
        : source;
      return { contents, loader: "ts" };
    });
  },
};

async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}
