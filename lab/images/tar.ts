import { type Extract, pack, type Pack } from "tar-stream";

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
