import * as fs from "node:fs";
import * as path from "node:path";
import { sortedBy } from "../../model/ground/order";
import { makeFolder, writing } from "../out";
import { RenderedResource } from "../../model/render/resources";
import { toYaml } from "./yaml";

/** A folder that holds something that was not rendered; the message names it. */
export class ForeignFileError extends Error {}

/** Tells a file of an earlier rendering, which may be removed, from one of the user's own. */
const mark = "# Rendered by egress render; the next rendering replaces it.\n";

/**
 * Writes each resource to a file of its own, `<provider>/<owner>/<Kind>.<name>.yaml`, and removes what an earlier
 * rendering has left there.
 *
 * @throws ForeignFileError before anything is changed; UnwritableError
 */
export function renderInto(folder: string, resources: RenderedResource[]): void {
  writing(folder, () => renderAll(folder, resources));
}

function renderAll(folder: string, resources: RenderedResource[]): void {
  makeFolder(folder);
  const earlier = [...filesIn(folder)];
  earlier.forEach((file) => fs.rmSync(file));
  for (const resource of resources) {
    const file = path.join(folder, fileName(resource));
    makeFolder(path.dirname(file));
    fs.writeFileSync(file, `${mark}${toYaml(resource)}`);
  }
  removeEmptyFolders(folder);
}

/** Where a resource is written, below the folder: it depends on nothing but the resource itself. */
export function fileName({ provider, owner, type, name }: RenderedResource): string {
  const kind = type.split(/[/:]/).at(-1)!;
  return path.join(provider, fileSafe(owner), `${kind}.${fileSafe(name)}.yaml`);
}

function fileSafe(text: string): string {
  return text.replace(/[/\s:]+/g, ".");
}

/** Files of an earlier rendering. @throws ForeignFileError at the first file that is none, without reading further */
function* filesIn(folder: string): Generator<string> {
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  for (const entry of sortedBy(entries, ({ name }) => name)) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      yield* filesIn(file);
    } else if (entry.isFile() && fs.readFileSync(file, "utf8").startsWith(mark)) {
      yield file;
    } else {
      throw new ForeignFileError(
        `${file} was not rendered: give a new or an empty folder, or one that holds nothing but an earlier rendering.`,
      );
    }
  }
}

function removeEmptyFolders(folder: string): void {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory())) {
    const inner = path.join(folder, entry.name);
    removeEmptyFolders(inner);
    if (fs.readdirSync(inner).length === 0) {
      fs.rmdirSync(inner);
    }
  }
}
