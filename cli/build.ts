/** What the compiler leaves out of the package: the script and the style of the page that `egress graph` writes. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { bundlePage, pageFolder } from "./graph/page-script";

async function main(): Promise<void> {
  const folder = path.join(__dirname, "..", "dist", "cli", "graph", "page");
  await fs.mkdir(folder, { recursive: true });
  await fs.writeFile(path.join(folder, "page.js"), await bundlePage());
  await fs.copyFile(path.join(pageFolder, "page.css"), path.join(folder, "page.css"));
}

void main();
