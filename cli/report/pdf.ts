import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";

/** Names under which a browser that prints without a window is on PATH. */
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];

/** Where browsers are that put nothing on PATH. */
const places = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** How long the browser may take. Seconds. */
const patience = 180;

/** The browser's program; undefined where none is installed. */
export function findBrowser(): string | undefined {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
  const candidates = [...folders.flatMap((folder) => names.map((name) => path.join(folder, name))), ...places];
  return candidates.find((file) => {
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return fs.statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

/**
 * Prints a page.
 *
 * @returns why there is no PDF, as a sentence; undefined where there is one
 */
export async function printPdf(page: string, pdf: string): Promise<string | undefined> {
  const browser = findBrowser();
  if (browser === undefined) {
    return `There is no PDF: no browser is installed that could print one (${names.slice(0, 3).join(", ")}); print ${page} by hand.`;
  }
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "egress-report-"));
  try {
    const { exitCode, said } = await run(browser, [
      ...["--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-pdf-header-footer"],
      // Chromium refuses to run as root with its sandbox; the page holds no script, and its policy allows none.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      `--user-data-dir=${profile}`,
      `--print-to-pdf=${path.resolve(pdf)}`,
      pathToFileURL(path.resolve(page)).href,
    ]);
    return fs.existsSync(pdf)
      ? undefined
      : `There is no PDF: ${browser} ended with ${exitCode ?? "no answer in time"}${said === "" ? "" : `, and said "${said}"`}.`;
  } finally {
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function run(program: string, args: string[]): Promise<{ exitCode: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], timeout: patience * 1000 });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-4000)));
    const said = () => stderr.trim().split("\n").at(-1) ?? "";
    child.on("error", (error) => resolve({ exitCode: null, said: error.message }));
    child.on("close", (exitCode) => resolve({ exitCode, said: said() }));
  });
}
