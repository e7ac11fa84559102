import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A folder that is first on PATH during each test of the suite that asks for it: for programs that stand in for real ones. */
export function folderOnPath(): () => string {
  let PATH: string | undefined;
  let folder: string;

  beforeEach(() => {
    PATH = process.env.PATH;
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-path-"));
    process.env.PATH = `${folder}:${PATH}`;
  });

  afterEach(() => {
    process.env.PATH = PATH;
    fs.rmSync(folder, { recursive: true });
  });

  return () => folder;
}
