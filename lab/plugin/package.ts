import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { build } from "esbuild";
import { pack } from "tar-stream";

/** Named after its content, so that each file is made once. */
const keyLength = 16;

/** Runs the bundle with the Node that is found when the plugin is started. */
const launcher = `#!/bin/sh
exec node "$(dirname "$0")/provider.js" "$@"
`;

export interface PluginSource {
  /**
   * Name of the Pulumi package that the plugin serves.
   * @example "kubernetes"
   */
  package: string;
  /** Path of the TypeScript file that serves it. */
  entry: string;
  /**
   * Files that stand beside the bundle, by their names.
   * @default none
   */
  data?: Record<string, string>;
}

/**
 * Bundles a provider and packs it as a Pulumi plugin, for `pulumi plugin install resource <package> <version> --file`.
 * One that was made from the same sources before is used again.
 *
 * @param folder where the archive goes; it is made when it is missing
 * @returns path of the `.tgz`
 */
export async function packagePlugin(
  { package: name, entry, data = {} }: PluginSource,
  folder: string,
): Promise<string> {
  const files = { ...data, "provider.js": await bundled(entry) };
  const archive = path.join(folder, `pulumi-resource-${name}-${keyOf(files)}.tgz`);
  if (fs.existsSync(archive)) {
    return archive;
  }
  fs.mkdirSync(folder, { recursive: true });
  const partial = `${archive}.${process.pid}.partial`;
  const contents = pack();
  contents.entry({ name: `pulumi-resource-${name}`, mode: 0o755 }, launcher);
  for (const [file, content] of Object.entries(files)) {
    contents.entry({ name: file, mode: 0o644 }, content);
  }
  contents.finalize();
  await pipeline(contents, createGzip(), fs.createWriteStream(partial));
  fs.renameSync(partial, archive);
  return archive;
}

function keyOf(files: Record<string, string>): string {
  const hash = createHash("sha256").update(launcher);
  Object.values(files).forEach((content) => hash.update(content));
  return hash.digest("hex").slice(0, keyLength);
}

async function bundled(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "error",
  });
  return result.outputFiles[0]!.text;
}
