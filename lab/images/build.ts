import * as fs from "node:fs/promises";
import * as path from "node:path";
import { cacheFolder } from "../paths";
import type { Progress } from "../progress";
import { cached, cacheKey } from "../tools/cache";
import { type Image, writeArchive } from "./archive";
import { type ImageInputs, labImages } from "./images";
import type { LayerEntry } from "./layer";
import { resolveRootfs } from "./rootfs";

export interface BuiltImage {
  /** Registry, name and tag. */
  reference: string;
  /** A docker-archive that holds this image, and the others too: import each archive once. */
  archive: string;
}

/**
 * Makes the lab's images, unless the cache has them, in one archive for `ctr images import`. The cache keeps the
 * newest archive alone.
 *
 * @throws LabError when the root filesystem cannot be made or the disk is full
 */
export async function buildImages(inputs: ImageInputs, progress: Progress): Promise<BuiltImage[]> {
  const images = labImages(inputs, await resolveRootfs(progress));
  const archive = await cached(
    { folder: path.join(cacheFolder, "images"), kind: "archive", key: await imagesKey(images) },
    (partial) => progress.step("making the images", () => writeArchive(images, partial), { typicalSeconds: 2 }),
    { onlyOne: true },
  );
  return images.map(({ reference }) => ({ reference, archive }));
}

/** Files of this machine count with their path, size and time: to read them all would take longer than all the rest. */
async function imagesKey(images: readonly Image[]): Promise<string> {
  const sources = images.flatMap(({ layers }) =>
    layers.flatMap((layer) => ("tar" in layer ? [layer.tar] : layer.entries.flatMap(sourceOf))),
  );
  const stats = await Promise.all(
    sources.map(async (source) => {
      const { size, mtimeMs } = await fs.stat(source);
      return [source, size, mtimeMs];
    }),
  );
  return cacheKey([JSON.stringify(images), JSON.stringify(stats)]);
}

function sourceOf(entry: LayerEntry): string[] {
  return entry.type === "file" && "source" in entry ? [entry.source] : [];
}
