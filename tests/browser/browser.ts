import { Browser, BrowserContextOptions, chromium, Page } from "playwright-core";

/** Debian's Chromium, which lab/tools/debian.ts looks for at the same place. As root it has no sandbox of its own. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}

/** A page, and what must not happen on it. */
export interface WatchedPage {
  page: Page;
  /** Errors and warnings of its console, scripts that failed, what its policy stopped. */
  complaints: string[];
  /** Addresses of everything that it asked for. */
  requests: string[];
}

export async function open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 860 }, ...options });
  const page = await context.newPage();
  const watched: WatchedPage = { page, complaints: [], requests: [] };
  page.on("console", (message) => void watched.complaints.push(message.text()));
  page.on("pageerror", (error) => void watched.complaints.push(String(error)));
  page.on("request", (request) => void watched.requests.push(request.url()));
  await page.goto(url);
  return watched;
}
