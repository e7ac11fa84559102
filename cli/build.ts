/** What the compiler leaves out of the package: what is JavaScript already, and what is for a browser. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { bundlePage, pageFolder } from "./graph/page-script";

async function main(): Promise<void> {
  const dist = path.join(__dirname, "..", "dist", "cli");
  const folder = path.join(dist, "graph", "page");
  await fs.mkdir(folder, { recursive: true });
  await fs.writeFile(path.join(folder, "page.js"), await bundlePage());
  await fs.copyFile(path.join(__dirname, "render", "run-program.js"), path.join(dist, "render", "run-program.js"));
  await fs.copyFile(path.join(pageFolder, "page.css"), path.join(folder, "page.css"));
}

void main();
