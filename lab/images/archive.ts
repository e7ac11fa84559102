import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Pack } from "tar-stream";
import { digested, type Layer, layerBytes, layerSize } from "./layer";
import { fill, fixedTime, packed } from "./tar";

/** What runs when a container names nothing else; the fields are those of the image format. */
export interface ImageConfig {
  User?: string;
  Env?: readonly string[];
  WorkingDir?: string;
  Entrypoint?: readonly string[];
}

export interface Image {
  /** Registry, name and tag. */
  reference: string;
  /** The lowest first. Layers of the same name are the same layer. */
  layers: readonly Layer[];
  config: ImageConfig;
}

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64" };

/** Writes images into one uncompressed docker-archive, each layer once however many images are made from it. */
export async function writeArchive(images: readonly Image[], file: string): Promise<void> {
  await pipeline(
    packed((archive) => writeImages(images, archive)),
    createWriteStream(file),
  );
}

async function writeImages(images: readonly Image[], archive: Pack): Promise<void> {
  const digests = new Map<string, string>();
  for (const layer of images.flatMap((image) => image.layers)) {
    if (!digests.has(layer.name)) {
      const target = archive.entry({ name: layerFile(layer), size: await layerSize(layer), mtime: fixedTime });
      await fill(
        target,
        digested(layerBytes(layer), (digest) => digests.set(layer.name, digest)),
      );
    }
  }
  const manifest = images.map((image, index) => {
    const configFile = `image-${index}.json`;
    const layerDigests = image.layers.map(({ name }) => digests.get(name)!);
    archive.entry({ name: configFile, mtime: fixedTime }, JSON.stringify(imageConfig(image, layerDigests)));
    return { Config: configFile, RepoTags: [image.reference], Layers: image.layers.map(layerFile) };
  });
  archive.entry({ name: "manifest.json", mtime: fixedTime }, JSON.stringify(manifest));
}

function imageConfig(image: Image, layerDigests: readonly string[]): object {
  return {
    architecture: architectures[process.arch] ?? process.arch,
    os: "linux",
    created: fixedTime.toISOString(),
    config: image.config,
    rootfs: { type: "layers", diff_ids: layerDigests },
  };
}

function layerFile(layer: Layer): string {
  return `${layer.name}.tar`;
}
