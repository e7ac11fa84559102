// Hosts that get another destination: what leads to them stays, whoever has it, and no call is lost; and stacks of earlier
// releases, which called it after its destination.
// Does not prove: the same by the official kubernetes plugin, which refuses to make what is there, as the stand-in does.
import assert from "node:assert/strict";
import { editStackDocument, scratchCheckout } from "./support/checkout";
import { inLab, kubectlJson } from "./support/commands";
import { underLoad } from "./support/load";
import { apply, pulumi, putBack } from "./support/pulumi";
import { appA, curl } from "./support/requests";

interface State {
  deployment: { resources: { urn: string; parent?: string }[] };
}

const shared = "::platform-egress/destinations/";

/** How many resources a command made, changed, deleted and left. */
function counts(output: string): Record<string, number> {
  const [, summary = ""] = /\nResources:\n([^]*?)\n\n/.exec(output) ?? [];
  const found = [...summary.matchAll(/(\d+) (created|updated|deleted|replaced|unchanged)/g)];
  return Object.fromEntries(found.map(([, count, what]) => [what!, Number(count)]));
}

describe("a host that gets another destination", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();

  after(() => putBack({ checkout, pristine }));

  const destinations = (given: Record<string, string[]>, rules: [from: string, to: string][]) =>
    editStackDocument(checkout.folder, "lab", (set) => {
      set(["destinations"], Object.fromEntries(Object.entries(given).map(([name, hosts]) => [name, { hosts }])));
      set(
        ["allow"],
        rules.map(([from, to]) => ({ from: `test-app/${from}`, to, owner: "team", reason: "a test" })),
      );
    });

  const identityOf = (host: string) =>
    kubectlJson<{ metadata: { uid: string } }>("get", "destinationrule", host, "--namespace=istio-egress").metadata.uid;

  it("was called after its destination by earlier releases, whose stacks are as they were", () => {
    apply("up", checkout.folder);
    const state = JSON.parse(pulumi(["stack", "export"], checkout.folder)) as State;
    let text = JSON.stringify(state);
    const moved = state.deployment.resources.filter(({ urn }) => urn.includes(shared));
    assert.ok(moved.length >= 10, `${moved.length} resources`);
    for (const { urn, parent } of moved) {
      const former = urn.replace(shared, `::${parent!.split("::").at(-1)!}/`);
      assert.notEqual(former, urn);
      text = text.replaceAll(JSON.stringify(urn), JSON.stringify(former));
    }
    assert.ok(!text.includes(shared));
    const { exitCode, stdout, stderr } = inLab(["pulumi", "stack", "import", "--stack", "lab"], {
      cwd: checkout.folder,
      input: text,
    });
    assert.equal(exitCode, 0, stdout + stderr);
    assert.deepEqual(Object.keys(counts(apply("up", checkout.folder))), ["unchanged"]);
    assert.ok(pulumi(["stack", "export"], checkout.folder).includes(shared));
  });

  for (const [what, given, rules] of [
    [
      "that is the old one under another name",
      { code: ["github.com"], google: ["google.com", "www.google.com"], httpbin: ["httpbin.org"] },
      [
        ["app-a", "code"],
        ["app-a", "httpbin"],
        ["app-b", "google"],
      ],
    ],
    [
      "that another host has had, and that one its own",
      { code: ["httpbin.org"], google: ["google.com", "www.google.com"], httpbin: ["github.com"] },
      [
        ["app-a", "code"],
        ["app-a", "httpbin"],
        ["app-b", "google"],
      ],
    ],
    [
      "that takes all of them",
      { all: ["github.com", "google.com", "httpbin.org", "www.google.com"] },
      [
        ["app-a", "all"],
        ["app-b", "all"],
      ],
    ],
    [
      "of its own again",
      { github: ["github.com"], google: ["google.com", "www.google.com"], httpbin: ["httpbin.org"] },
      [
        ["app-a", "github"],
        ["app-a", "httpbin"],
        ["app-b", "google"],
      ],
    ],
  ] as [string, Record<string, string[]>, [string, string][]][]) {
    it(`moves to one ${what}, without a lost call`, async () => {
      destinations(given, rules);
      const before = identityOf("httpbin.org");
      let output = "";
      const { made, failed } = await underLoad({ caller: appA, urls: ["http://httpbin.org"] }, () => {
        output = apply("up", checkout.folder);
      });
      assert.equal(failed, 0, `${failed} of ${made} failed`);
      assert.ok(made > 10, `${made} calls only`);
      assert.equal(counts(output).replaced, undefined, output);
      assert.equal(identityOf("httpbin.org"), before, "it is the same object");
      assert.equal(curl(appA, "https://github.com").status, 200);
      assert.notEqual(curl(appA, "https://cnn.com").status, 200);
    });
  }
});
