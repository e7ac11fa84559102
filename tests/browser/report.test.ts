// The page of `egress report` in a real browser: it loads nothing, fits a screen and paper, and is printed whole.
// Does not prove how it looks in other browsers, nor that an assessor likes it.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { Browser } from "playwright-core";
import { largeSettings } from "../../bench/large-stack";
import { modelMatrix } from "../../cli/matrix";
import { findBrowser, printPdf } from "../../cli/report/pdf";
import { reportPage } from "../../cli/report/page";
import { parseConfig, StackConfig, verdicts } from "../../model";
import { graphOf } from "../../model/graph";
import { evidenceOf } from "../../model/report";
import { now } from "../unit/model/config/sound-config";
import { calls, exampleConfig, found } from "../unit/model/report/example";
import { launch, open } from "./browser";

const nasty = `</style><script>document.title = "taken"</script><img src="https://leak.example/x">`;

let browser: Browser;
let folder: string;

function write(name: string, config: StackConfig): void {
  const changes = {
    ...{
      base: "main",
      baseCommit: "0".repeat(40),
      summary: nasty,
      risks: [],
      sections: [{ title: nasty, lines: [nasty] }],
    },
    commits: [
      {
        ...{ commit: "1".repeat(40), author: nasty, authored: now.toISOString(), committer: "b", merge: true },
        ...{ committed: now.toISOString(), subject: nasty, named: [nasty] },
      },
    ],
  };
  const evidence = evidenceOf(config, found(config, { recorded: { from: nasty, calls }, changes }));
  const cells = modelMatrix(verdicts(config));
  const page = reportPage({ evidence, graph: graphOf(config), cells, jsonHash: "0".repeat(64) });
  fs.writeFileSync(path.join(folder, `${name}.html`), page);
}

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-report-"));
  const { allow, ...settings } = largeSettings({ workloads: 50, destinations: 50, hosts: 200, rules: 2500 });
  write("large", parseConfig({ ...settings, allow }, { now }));
  write("small", exampleConfig());
  browser = await launch();
});

after(async () => {
  await browser.close();
  fs.rmSync(folder, { recursive: true });
});

const fileOf = (name: string) => path.join(folder, `${name}.html`);

describe("the page of a report", () => {
  for (const name of ["small", "large"]) {
    it(`of a ${name} stack loads nothing, runs nothing and fits the screen and paper`, async () => {
      const url = pathToFileURL(fileOf(name)).href;
      const { page, complaints, requests } = await open(browser, url);
      assert.deepEqual([complaints, requests], [[], [url]]);
      assert.equal(await page.title(), "Egress of stack shop: evidence of 2026-11-22");
      for (const media of ["screen", "print"] as const) {
        await page.emulateMedia({ media });
        // A page of A4 without its margins.
        await page.setViewportSize(media === "print" ? { width: 688, height: 1000 } : { width: 1100, height: 860 });
        const over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert.ok(Number(over) <= 0, `${media}: ${String(over)} px too wide`);
      }
      await page.context().close();
    });
  }

  it("leads from each control to the parts that serve it", async () => {
    const { page } = await open(browser, pathToFileURL(fileOf("small")).href);
    const links = await page.locator("#controls a").all();
    assert.ok(links.length >= 11);
    for (const link of links) {
      assert.equal(await page.locator((await link.getAttribute("href"))!).count(), 1);
    }
    await page.context().close();
  });

  it("is printed as a PDF by the browser that is found", async () => {
    assert.notEqual(findBrowser(), undefined);
    const pdf = path.join(folder, "small.pdf");
    assert.equal(await printPdf(fileOf("small"), pdf), undefined);
    assert.match(fs.readFileSync(pdf, "latin1"), /^%PDF-1\./);
  });
});
