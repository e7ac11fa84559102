// The matrix as a table and as JSON.
// Does not prove: anything about a mesh; the cells are made up.
import assert from "node:assert/strict";
import { largeSettings } from "../../../bench/large-stack";
import { liveCell, Cell, jsonPieces, liveMatrix, modelMatrix, toJson } from "../../../cli/matrix";
import { MatrixPart, partOf } from "../../../cli/matrix-part";
import { matrixSummary, matrixTable, matrixText } from "../../../cli/matrix-table";
import { parseConfig, verdicts } from "../../../model";
import { now, soundConfig } from "../model/config/sound-config";

const raw = {
  ...soundConfig(),
  destinations: { github: { hosts: ["github.com"] } },
  allow: [{ from: "test-app/app-a", to: "github", owner: "team-a" }],
  deny: [],
};

function cells(seen?: (cell: Cell) => Pick<Cell, "seen" | "ok">): Cell[] {
  return modelMatrix(verdicts(parseConfig(raw, { now }))).map((cell) => ({ ...cell, ...seen?.(cell) }));
}

describe("the matrix", () => {
  it("shows what the model wants, a row for each workload and host", () => {
    assert.equal(
      matrixTable(cells()),
      [
        "FROM                   HOST        HTTP   HTTPS  RULE",
        "istio-workload/hammer  github.com  deny   deny",
        "test-app/app-a         github.com  allow  allow  allow[0] team-a",
      ].join("\n"),
    );
    assert.equal(matrixSummary(cells()), "4 calls, 2 to be allowed and 2 to be denied.");
  });

  it("has a row for ServiceAccounts that no workload has, where a rule grants them something, and asks nobody for it", async () => {
    const allow = [{ from: "test-app/*", to: "github", owner: "team-a", reason: "builds" }];
    const config = parseConfig({ ...raw, allow }, { now });
    const nobody = parseConfig({ ...raw, workloads: {}, allow }, { now });
    for (const from of [["test-app/*"], undefined]) {
      const asked = partOf(nobody, verdicts(nobody), from === undefined ? {} : { from });
      assert.equal(
        matrixTable(await liveMatrix(nobody, asked)),
        [
          "FROM        HOST        HTTP                        HTTPS                       RULE",
          "test-app/*  github.com  – allow no workload to ask  – allow no workload to ask  allow[0] team-a",
        ].join("\n"),
      );
    }
    const part = partOf(config, verdicts(config), { from: ["test-app/*"] });
    assert.deepEqual(
      part.map(({ from, expected }) => `${from} ${expected}`),
      ["test-app/*", "test-app/*", "test-app/app-a", "test-app/app-a"].map((from) => `${from} allow`),
    );
  });

  it("shows what was seen beside it, and marks what the model does not want", () => {
    const live = cells(({ verdict }) =>
      verdict.from === "istio-workload/hammer" && verdict.protocol === "http"
        ? { seen: "200", ok: false }
        : { seen: verdict.expected === "allow" ? "200" : "TLS refused", ok: true },
    );
    assert.equal(
      matrixTable(live),
      [
        "FROM                   HOST        HTTP         HTTPS                RULE",
        "istio-workload/hammer  github.com  ✘ deny  200  ✔ deny  TLS refused",
        "test-app/app-a         github.com  ✔ allow 200  ✔ allow 200          allow[0] team-a",
      ].join("\n"),
    );
    assert.match(matrixSummary(live), /the mesh disagrees on 1, marked ✘\.$/);
    const agreeing = live.map((cell) => ({ ...cell, ok: true }));
    assert.match(matrixSummary(agreeing), /the mesh agrees on every one\.$/);
  });

  it("counts a call that was not made for neither", () => {
    const [first, ...rest] = cells().map((cell) => ({ ...cell, seen: "200", ok: true }));
    const unasked = liveCell(first!.verdict, { seen: "not asked, as …", shows: "nothing" });
    assert.equal(unasked.ok, null);
    assert.match(
      matrixSummary([unasked, ...rest]),
      /the mesh agrees on every one that was asked; 1 was not asked, marked –\.$/,
    );
    assert.match(matrixTable([unasked, ...rest]), /– deny  not asked/);
  });

  it("is a flat array as JSON, with null for what was not asked", () => {
    assert.deepEqual(cells().map(toJson).slice(1, 3), [
      { from: "istio-workload/hammer", url: "https://github.com", expected: "deny", seen: null, ok: null, rule: null },
      {
        from: "test-app/app-a",
        url: "http://github.com",
        expected: "allow",
        seen: null,
        ok: null,
        rule: "istio-egress:allow[0]",
      },
    ]);
  });

  for (const count of [0, 1, 1000, 1001]) {
    it(`is the same JSON in pieces as in one: ${count} cells`, () => {
      const some = Array<Cell>(count).fill(cells()[0]!);
      const whole = `${JSON.stringify(some.map(toJson), undefined, 2)}\n`;
      assert.equal([...jsonPieces(some)].join(""), whole);
    });
  }
});

describe("a part of the matrix", () => {
  const config = parseConfig({ ...raw, deny: ["cnn.com"] }, { now });
  const urls = (part: MatrixPart) => partOf(config, verdicts(config), part).map(({ from, url }) => `${from} ${url}`);
  const hammer = ["istio-workload/hammer http://github.com", "istio-workload/hammer https://github.com"];
  const appA = ["test-app/app-a http://github.com", "test-app/app-a https://github.com"];

  it("is all of it where nothing is said", () => {
    assert.equal(urls({}).length, 8);
  });

  const parts: [title: string, part: MatrixPart, expected: string[]][] = [
    ["a workload", { from: ["test-app/app-a"], to: ["github.com"] }, appA],
    ["a namespace", { from: ["istio-workload/*"], to: ["github.com"] }, hammer],
    ["several", { from: ["test-app/*", "istio-workload/hammer"], to: ["github.com"] }, [...hammer, ...appA]],
    ["a destination", { to: ["github"] }, [...hammer, ...appA]],
    [
      "a host that nobody may be allowed",
      { from: ["test-app/*"], to: ["cnn.com"], denied: true },
      ["test-app/app-a http://cnn.com", "test-app/app-a https://cnn.com"],
    ],
    ["what is denied", { to: ["github"], denied: true }, hammer],
  ];
  for (const [title, part, expected] of parts) {
    it(`is that of ${title}`, () => assert.deepEqual(urls(part), expected));
  }

  it("names what there is where a name is wrong", () => {
    assert.throws(() => urls({ from: ["test-app/app-b"] }), {
      message:
        'The stack has no workload or namespace "test-app/app-b".\n' +
        'Allowed: istio-workload/hammer, test-app/app-a.\nFix: did you mean "test-app/app-a"?',
    });
    assert.throws(() => urls({ to: ["gihub"] }), {
      message:
        'The stack has no host or destination "gihub".\nAllowed: github, istio-workload/*, test-app/*.\nFix: did you mean "github"?',
    });
  });
});

describe("a matrix that is too long to be read", () => {
  const size = { workloads: 20, destinations: 10, hosts: 30, rules: 150 };
  const calls = verdicts(parseConfig(largeSettings(size), { now }));

  it("is summed up by workload, and says how to see some of it", () => {
    const lines = matrixText(modelMatrix(calls)).split("\n");
    assert.equal(lines[0], "FROM                    ALLOWED  DENIED");
    assert.equal(lines.slice(1, 21).filter((line) => /^domain-\d+\/service-\d+ +\d+ +\d+$/.test(line)).length, 20);
    assert.deepEqual(lines.slice(21), [
      "",
      "1240 calls, 900 to be allowed and 340 to be denied.",
      "620 rows are too many to be read. --from, --to and --denied show some of them, and --json all.",
    ]);
  });

  it("shows the rows on which the mesh disagrees all the same", () => {
    const live = modelMatrix(calls).map((cell, index) => ({ ...cell, seen: "200", ok: index !== 7 }));
    const text = matrixText(live);
    assert.match(text, /^domain-000\/service-000 +\d+ +\d+ +✘ 1$/m);
    assert.match(text, /^domain-001\/service-001 +\d+ +\d+ +0$/m);
    assert.equal(text.match(/✘ (allow|deny)/g)?.length, 1);
    assert.match(text, /the mesh disagrees on 1, marked ✘\.\n/);
  });

  it("is summed up by namespace where workloads are too many", () => {
    const [call] = calls;
    const many = Array.from({ length: 600 }, (_, index) => ({ ...call!, from: `shop/cart-${index}` }));
    assert.match(matrixText(modelMatrix(many)), /^FROM +ALLOWED +DENIED\nshop\/\* +600 +0\n\n/);
  });
});
