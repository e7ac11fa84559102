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

/**
 * Bundles the provider and packs it as a Pulumi plugin, for `pulumi plugin install resource kubernetes 4.34.2 --file`.
 * One that was made from the same sources before is used again.
 * @param folder where the archive goes; it is made when it is missing
 * @returns path of the `.tgz`
 */
export async function packageProvider(folder: string): Promise<string> {
  const bundle = await bundled();
  const key = createHash("sha256").update(launcher).update(bundle).digest("hex").slice(0, keyLength);
  const archive = path.join(folder, `pulumi-resource-kubernetes-${key}.tgz`);
  if (fs.existsSync(archive)) {
    return archive;
  }
  fs.mkdirSync(folder, { recursive: true });
  const partial = `${archive}.${process.pid}.partial`;
  const contents = pack();
  contents.entry({ name: "pulumi-resource-kubernetes", mode: 0o755 }, launcher);
  contents.entry({ name: "provider.js", mode: 0o644 }, Buffer.from(bundle));
  contents.finalize();
  await pipeline(contents, createGzip(), fs.createWriteStream(partial));
  fs.renameSync(partial, archive);
  return archive;
}

async function bundled(): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [path.join(__dirname, "main.ts")],
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
  return result.outputFiles[0]!.contents;
}
