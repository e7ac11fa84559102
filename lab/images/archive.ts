import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { type Extract, type Pack, pack } from "tar-stream";
import { digested, type Layer, layerBytes, layerSize } from "./layer";

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

/** Bytes in pieces: what files, tars and hashes are passed along as, none of them ever whole in memory. */
export type Bytes = AsyncIterable<Uint8Array>;

/** Files have the same time whenever they are written, so that the same content makes the same digest. */
export const fixedTime = new Date(0);

/** The bytes of a tar, while `write` puts entries into it. */
export function packed(write: (tar: Pack) => Promise<void>): Bytes {
  const tar = pack();
  write(tar).then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  );
  return tar as AsyncIterable<unknown> as Bytes;
}

/** Passes bytes on to an entry of a tar, or to a tar that is being read, as fast as it takes them, and ends it. */
export async function fill(sink: ReturnType<Pack["entry"]> | Extract, bytes: Bytes): Promise<void> {
  let goOn = () => {};
  sink.on("drain", () => goOn());
  sink.on("close", () => goOn());
  for await (const chunk of bytes) {
    if (!sink.write(chunk) && !sink.destroyed) {
      await new Promise<void>((resolve) => (goOn = resolve));
    }
    if (sink.destroyed) {
      throw new Error("The reader of a tar has gone before its end");
    }
  }
  sink.end(undefined);
}
