import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { extract, type Header, type Pack } from "tar-stream";
import { type LayerEntry, writeEntry } from "./layer";
import { type Bytes, fill, fixedTime, packed } from "./archive";

/** What becomes of the entries of a root filesystem; paths have no leading slash. */
export interface SlimRecipe {
  /** Entries that are left out. */
  dropped: readonly RegExp[];
  /** Files that are gathered, one after the other, into a single one. */
  gathered: { from: RegExp; into: string };
  /** Entries that are written after those that stay. */
  additions: readonly LayerEntry[];
}

/** Copies the tar of a root filesystem after a recipe, with fixed times; returns what the gathered file holds. */
export async function slim(source: string, target: string, recipe: SlimRecipe): Promise<string> {
  let gathered = "";
  const slimmed = packed(async (tar) => {
    gathered = await copyEntries(source, tar, recipe);
    const gatheredFile: LayerEntry = { type: "file", path: recipe.gathered.into, mode: 0o644, content: gathered };
    for (const entry of [...recipe.additions, gatheredFile]) {
      await writeEntry(tar, entry);
    }
  });
  await pipeline(slimmed, createWriteStream(target));
  return gathered;
}

async function copyEntries(source: string, target: Pack, recipe: SlimRecipe): Promise<string> {
  const gathered: string[] = [];
  const entries = extract();
  const fed = fill(entries, createReadStream(source));
  for await (const entry of entries) {
    const header = plain(entry.header);
    const content = await whole(entry as AsyncIterable<unknown> as Bytes);
    if (recipe.gathered.from.test(header.name)) {
      gathered.push(content.toString("utf8"));
    } else if (header.name !== "" && !recipe.dropped.some((pattern) => pattern.test(header.name))) {
      target.entry(header, content);
    }
  }
  await fed;
  return gathered.join("");
}

/** Names without the leading "./", the fixed time, and no extended attributes that would bring times of their own. */
function plain({ name, mode, uid, gid, type, linkname }: Header): Partial<Header> & Pick<Header, "name"> {
  return { name: relative(name), mode, uid, gid, type, linkname: linkname && relative(linkname), mtime: fixedTime };
}

function relative(name: string): string {
  return name.replace(/^\.\//, "");
}

async function whole(bytes: Bytes): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
