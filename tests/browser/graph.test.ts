// The page and the picture of `egress graph` in a real browser: what they load, how they are used, that no label runs over.
// Does not prove how they look in other browsers, nor with other fonts than Debian's.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { Browser, Page } from "playwright-core";
import { formatOf } from "../../cli/graph/formats";
import { largeSettings } from "../../bench/large-stack";
import { parseConfig } from "../../model";
import { Graph, graphOf } from "../../model/graph";
import { exampleCalls, exampleConfig, largeConfig, nasty } from "../unit/model/graph/example";
import { now } from "../unit/model/config/sound-config";
import { launch, open, WatchedPage } from "./browser";
import { labelsThatRunOver } from "./labels";

const graphs: Record<string, Graph> = {
  small: graphOf(exampleConfig(), exampleCalls()),
  large: graphOf(largeConfig()),
  vast: graphOf(parseConfig(largeSettings({ workloads: 100, destinations: 100, hosts: 1000, rules: 10_000 }), { now })),
};

let browser: Browser;
let folder: string;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-graph-"));
  for (const [name, graph] of Object.entries(graphs)) {
    for (const ending of ["html", "svg"]) {
      const file = path.join(folder, `${name}.${ending}`);
      fs.writeFileSync(file, await formatOf(file)!(`Stack ${name}: who may reach what`, graph));
    }
  }
  browser = await launch();
});

after(async () => {
  await browser.close();
  fs.rmSync(folder, { recursive: true });
});

const urlOf = (file: string) => pathToFileURL(path.join(folder, file)).href;

/** Fails when the page has complained, or has asked for anything but itself. */
function assertQuiet({ complaints, requests }: WatchedPage, file: string): void {
  assert.deepEqual(complaints, []);
  assert.deepEqual(requests, [urlOf(file)]);
}

/** What can be seen of the picture well: titles of rows and names of nodes that have not faded. */
async function lit(page: Page): Promise<string[]> {
  const texts = await page.locator("#picture .lit :is(.name, .title)").allTextContents();
  return texts.sort();
}

describe("the page", () => {
  let watched: WatchedPage;
  let page: Page;
  beforeEach(async () => {
    watched = await open(browser, urlOf("small.html"));
    page = watched.page;
  });
  afterEach(async () => {
    assertQuiet(watched, "small.html");
    await page.context().close();
  });

  const row = (text: string) => page.locator("#picture .edge", { hasText: text }).locator(".row");
  const panel = () => page.locator("#panel");
  const facts = async () => (await page.locator("#panel-facts").innerText()).split("\n");

  it("says whose it is, and shows everything in sight at first", async () => {
    assert.equal(await page.title(), "Stack small: who may reach what");
    const view = (await page.locator("#picture").boundingBox())!;
    for (const box of await page.locator("#picture .node > rect").all()) {
      const { x, y, width, height } = (await box.boundingBox())!;
      assert.ok(x >= view.x && y >= view.y && x + width <= view.x + view.width && y + height <= view.y + view.height);
    }
    assert.equal(await panel().isVisible(), false);
    assert.equal(await page.locator("#picture .node").count(), graphs.small!.nodes.length - 2);
  });

  it("tells everything about an edge at a click, and lets the others fade, until Esc", async () => {
    await row("fetches releases").click();
    assert.equal(await page.locator("#panel-title").innerText(), "app-a → github");
    const told = await facts();
    const expected = [
      "istio-egress:allow[0]",
      "team-a",
      "fetches releases",
      "after 2027-06-30",
      "13 allowed, 0 denied",
    ];
    for (const fact of [...expected, "through the gateway egress-gateway", "http", "https"]) {
      assert.ok(told.includes(fact), `${fact} is not among ${told.join(" | ")}`);
    }
    assert.deepEqual(await lit(page), ["app-a", "github", "team-a"]);
    await page.keyboard.press("Escape");
    assert.equal(await panel().isVisible(), false);
    assert.equal(await page.locator("#picture.dimmed:not(:hover)").count(), 0);
  });

  it("tells about a workload, and leads from it to its ways", async () => {
    await page.locator("#picture .node", { hasText: "checkout" }).locator("rect").click();
    assert.deepEqual((await facts()).slice(0, 4), ["Kind", "workload", "In", "namespace payments"]);
    await page.locator("#panel-links button", { hasText: "checkout → acquirer" }).click();
    assert.ok((await facts()).includes("team-payments"));
  });

  it("tells about a gateway at a click on its name", async () => {
    await page.locator("#picture .frame.gateway text", { hasText: "payments-gateway" }).click();
    assert.equal(await page.locator("#panel-title").innerText(), "payments-gateway");
    assert.deepEqual(await lit(page), ["acquirer", "checkout", "team-payments"]);
  });

  it("shows what is written in a reason as text", async () => {
    await row("no owner").click();
    assert.ok((await facts()).includes(nasty));
    assert.equal(await page.locator("b").count(), 0);
  });

  for (const [query, count, seen] of [
    ["elsewhere.example", "1 match", ["Named by no rule", "idle", "refused"]],
    ["team-payments", "1 match", ["acquirer", "checkout", "team-payments"]],
    ["PAYMENTS/check", "1 match", ["acquirer", "checkout", "team-payments"]],
    ["10.10.0.5", "1 match", ["app-b", "svc-bar", "team-b"]],
    ["no such thing", "0 matches", []],
  ] as const) {
    it(`finds "${query}"`, async () => {
      await page.keyboard.press("/");
      await page.keyboard.type(query);
      assert.equal(await page.locator("#count").innerText(), count);
      assert.deepEqual(await lit(page), [...seen]);
      assert.equal(await page.locator("#picture.dimmed").count(), 1);
      await page.keyboard.press("Escape");
      assert.equal(await page.locator("#search").inputValue(), "");
      assert.equal(await page.locator("#picture.dimmed").count(), 0);
    });
  }

  it("leads from match to match by Enter, each larger than before and in the middle", async () => {
    const box = page.locator("#picture .node", { hasText: "acquirer" }).locator("rect");
    const before = (await box.boundingBox())!;
    await page.fill("#search", "acquirer.example");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#count").innerText(), "1 of 1");
    assert.ok((await box.boundingBox())!.width > before.width);
  });

  it("can be used by keyboard alone", async () => {
    await page.locator("#theme").focus();
    await page.keyboard.press("Tab");
    const first = await page.locator(":focus").getAttribute("data-id");
    assert.ok(first);
    await page.keyboard.press("Enter");
    assert.equal(await panel().isVisible(), true);
    assert.equal(await page.locator(":focus").getAttribute("id"), "panel-close");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(":focus").getAttribute("data-id"), first);
  });

  it("zooms by its buttons and by the wheel, is moved by dragging, and fits again", async () => {
    const box = page.locator("#picture .node", { hasText: "checkout" }).locator("rect");
    const at = async () => (await box.boundingBox())!;
    const begin = await at();
    await page.click("#zoom-in");
    assert.ok((await at()).width > begin.width);
    await page.click("#zoom-out");
    assert.ok(Math.abs((await at()).width - begin.width) < 1);
    await page.mouse.move(120, 400);
    await page.mouse.wheel(0, -400);
    assert.ok((await at()).width > begin.width);
    const still = await at();
    await page.mouse.down();
    await page.mouse.move(180, 430, { steps: 4 });
    await page.mouse.up();
    assert.deepEqual([Math.round((await at()).x - still.x), Math.round((await at()).y - still.y)], [60, 30]);
    await page.click("#fit");
    assert.ok(Math.abs((await at()).width - begin.width) < 1 && Math.abs((await at()).x - begin.x) < 1);
  });

  it("holds all of it as a table, whose rows lead into the picture", async () => {
    await page.locator("summary").click();
    assert.equal(await page.locator("tbody tr").count(), graphs.small!.edges.length);
    assert.ok((await page.locator("thead").innerText()).includes("Calls seen"));
    await page.locator("tbody tr", { hasText: "takes payments" }).locator("button").click();
    assert.equal(await page.locator("#panel-title").innerText(), "checkout → acquirer");
    const { width } = (await page.locator("body").boundingBox())!;
    assert.equal(width, 1400);
  });

  it("lets no label run over", async () => {
    assert.deepEqual(await labelsThatRunOver(page), []);
  });
});

describe("its colours", () => {
  const paper = (page: Page) => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");

  for (const colorScheme of ["light", "dark"] as const) {
    it(`are ${colorScheme} where the system asks for it, and the others at a switch`, async () => {
      const watched = await open(browser, urlOf("small.html"), { colorScheme });
      const { page } = watched;
      const colours = { light: "rgb(251, 251, 250)", dark: "rgb(20, 23, 28)" };
      assert.equal(await paper(page), colours[colorScheme]);
      await page.click("#theme");
      assert.equal(await paper(page), colours[colorScheme === "light" ? "dark" : "light"]);
      await page.click("#theme");
      assert.equal(await paper(page), colours[colorScheme]);
      assertQuiet(watched, "small.html");
      await page.context().close();
    });
  }
});

describe("the page of 60 workloads and 200 hosts", () => {
  it("opens within seconds, can be read at once, and finds a workload", async () => {
    const started = performance.now();
    const watched = await open(browser, urlOf("large.html"));
    const { page } = watched;
    assert.ok(performance.now() - started < 10_000);
    // Six namespaces that nothing closes are six ways in, from anybody.
    assert.equal(await page.locator("#picture .node").count(), 110 + 7);
    assert.equal(await page.locator("#picture .edge").count(), 180 + 6);
    const height = async (selector: string) => (await page.locator(selector).first().boundingBox())!.height;
    assert.ok((await height("#picture .edge .row")) > 46 * 0.55);
    assert.deepEqual(await labelsThatRunOver(page), []);
    await page.fill("#search", "service-07");
    await page.keyboard.press("Enter");
    assert.equal((await lit(page)).filter((text) => text.startsWith("partner-")).length, 3);
    const view = (await page.locator("#picture").boundingBox())!;
    const found = (await page.locator("#picture .found > rect").boundingBox())!;
    assert.ok(found.y > view.y && found.y + found.height < view.y + view.height);
    assertQuiet(watched, "large.html");
    await page.context().close();
  });
});

describe("the page of 100 workloads, 1,000 hosts and 10,000 rules", () => {
  it("is small, bundles them, opens a bundle at a click, and finds what is inside", async () => {
    assert.ok(fs.statSync(path.join(folder, "vast.html")).size < 2_000_000);
    const watched = await open(browser, urlOf("vast.html"));
    const { page } = watched;
    assert.ok((await page.locator("#picture .edge").count()) <= 300);
    assert.deepEqual(await labelsThatRunOver(page), []);
    await page.locator("#picture .edge.allowed .row").first().click();
    const facts = await page.locator("#panel-facts").innerText();
    assert.equal(
      facts.match(/service-\d+ → partner-\d+: team-\d+, exchanges documents of kind \d+, allow/g)?.length,
      1000,
    );
    await page.keyboard.press("Escape");
    await page.fill("#search", "service-042");
    assert.equal(await page.locator("#picture .node.callers.found").count(), 1);
    await page.fill("#search", "api-003.partner-077.example");
    assert.equal(await page.locator("#picture .node.destinations.found").count(), 1);
    await page.fill("#search", "no such thing");
    assert.equal(await page.locator("#picture .found").count(), 0);
    assertQuiet(watched, "vast.html");
    await page.context().close();
  });
});

describe("the picture by itself", () => {
  for (const name of Object.keys(graphs)) {
    it(`is XML to a browser, loads nothing, and lets no label run over: ${name}`, async () => {
      const watched = await open(browser, urlOf(`${name}.svg`), { colorScheme: "dark" });
      const { page } = watched;
      assert.equal(await page.evaluate<string>("document.documentElement.tagName"), "svg");
      assert.equal(await page.locator("parsererror").count(), 0);
      assert.equal(
        await page.evaluate<string>("getComputedStyle(document.querySelector('.paper')).fill"),
        "rgb(20, 23, 28)",
      );
      assert.deepEqual(await labelsThatRunOver(page), []);
      assertQuiet(watched, `${name}.svg`);
      await page.context().close();
    });
  }
});
