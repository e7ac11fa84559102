// One host more in the allowlist: what the preview shows, how soon it opens, and that nobody else's sidecar notices.
// Does not prove: how the official kubernetes plugin would show the same change, where the stand-in is in use.
import assert from "node:assert/strict";
import { editStack, scratchCheckout } from "./support/checkout";
import { egress, kubectl } from "./support/commands";
import { workloadCells } from "./support/matrix";
import { apply, pulumi, putBack } from "./support/pulumi";
import { appA, curl, seenOutside } from "./support/requests";
import { until } from "./support/until";

interface Preview {
  steps: { op: string; urn: string }[];
  changeSummary: Record<string, number>;
}

const openWithinSeconds = 10;

/** Adds destinations, each with a rule that lets app-a reach it. */
function allowing(text: string, destinations: Record<string, string[]>): string {
  const entries = Object.entries(destinations);
  const section = entries.map(([name, hosts]) => `    ${name}: { hosts: [${hosts.join(", ")}] }\n`).join("");
  const rules = entries
    .map(([name]) => `    - { from: test-app/app-a, to: ${name}, owner: tests, reason: a test }\n`)
    .join("");
  return text
    .replace(/^ {2}istio-egress:destinations:\n/m, (line) => `${line}${section}`)
    .replace(/^ {2}istio-egress:allow:\n/m, (line) => `${line}${rules}`);
}

interface ConfigDump {
  configs: {
    dynamic_active_clusters?: { cluster: { name: string } }[];
    dynamic_listeners?: { active_state: { listener: { name: string } } }[];
    dynamic_route_configs?: { route_config: { name: string } }[];
  }[];
}

/** What istiod has told a workload's sidecar: its clusters, listeners and routes, each whole. */
function sidecarConfig(namespace: string, workload: string): string {
  const dump = JSON.parse(
    kubectl(
      ...["exec", `--namespace=${namespace}`, `deployment/${workload}`, "--container=istio-proxy", "--"],
      ...["pilot-agent", "request", "GET", "config_dump"],
    ),
  ) as ConfigDump;
  const told = dump.configs.flatMap((section) => [
    ...(section.dynamic_active_clusters ?? []).map(({ cluster }) => cluster),
    ...(section.dynamic_listeners ?? []).map(({ active_state }) => active_state.listener),
    ...(section.dynamic_route_configs ?? []).map(({ route_config }) => route_config),
  ]);
  return told
    .map((item) => JSON.stringify(item))
    .sort()
    .join("\n");
}

describe("an edit of the allowlist", () => {
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();

  after(() => putBack({ checkout, pristine }));

  it("changes nothing when there is none: preview --expect-no-changes", () => {
    pulumi(["preview", "--expect-no-changes"], pristine.folder);
  });

  it("that adds one host shows that host's resources and the one Sidecar that learns it, and nothing else", () => {
    editStack(checkout.folder, "lab", (text) => allowing(text, { partner: ["partner.example"] }));
    const preview = JSON.parse(pulumi(["preview", "--json"], checkout.folder)) as Preview;
    const changed = preview.steps
      .filter((step) => step.op !== "same")
      .map((step) => `${step.op} ${step.urn.split("::").slice(2).join("::").replace(/^.*\$/, "")}`)
      .sort();
    assert.equal(changed.filter((line) => line.startsWith("update")).length, 1, changed.join("\n"));
    assert.match(
      changed.find((line) => line.startsWith("update"))!,
      /Sidecar.*app-a/,
    );
    const created = changed.filter((line) => line.startsWith("create"));
    assert.ok(created.length >= 3 && created.length === changed.length - 1, changed.join("\n"));
    assert.ok(
      created.every((line) => line.includes("partner")),
      changed.join("\n"),
    );
  });

  it(`opens within ${openWithinSeconds} s of the end of pulumi up`, async () => {
    assert.equal(curl(appA, "http://partner.example/").status, 502);
    apply("up", checkout.folder);
    await until("open over http and https", openWithinSeconds, () =>
      ["http", "https"].every((scheme) => curl(appA, `${scheme}://partner.example/`).status === 200),
    );
  });

  it("shows open in the live matrix, cell by cell", () => {
    const { exitCode, stdout } = egress(["matrix", "lab", "--live", "--json"], { cwd: checkout.folder });
    const cells = workloadCells<{
      from: string;
      url: string;
      expected: string;
      ok: boolean;
      rule: string | null;
    }>(stdout);
    assert.deepEqual(
      cells.filter((cell) => !cell.ok),
      [],
    );
    assert.equal(exitCode, 0);
    const opened = cells.filter((cell) => cell.url.includes("partner.example") && cell.expected === "allow");
    assert.deepEqual([...new Set(opened.map((cell) => cell.from))], ["test-app/app-a"]);
  });

  it("is found out where mesh and model disagree: exit 1, and the cells named", () => {
    // The pristine file does not know partner.example, so its copy is made to deny it, while the mesh still allows it.
    editStack(pristine.folder, "lab", (text) =>
      text.replace("    - cnn.com\n", "    - cnn.com\n    - partner.example\n"),
    );
    const { exitCode, stdout } = egress(["matrix", "lab", "--live", "--json"], { cwd: pristine.folder });
    assert.equal(exitCode, 1);
    const wrong = workloadCells<{ from: string; url: string; ok: boolean }>(stdout).filter((cell) => !cell.ok);
    assert.deepEqual(wrong.map((cell) => `${cell.from} ${cell.url.replace(/\/$/, "")}`).sort(), [
      "test-app/app-a http://partner.example",
      "test-app/app-a https://partner.example",
    ]);
    editStack(pristine.folder, "lab", (text) => text.replace("    - partner.example\n", ""));
  });

  it("with 200 hosts for app-a leaves app-b's and hammer's sidecars as they were", async () => {
    const before = [sidecarConfig("test-app", "app-b"), sidecarConfig("istio-workload", "hammer")];
    assert.match(before[0]!, /google\.com/);
    assert.doesNotMatch(before[0]!, /github\.com/);
    const hosts = Array.from({ length: 200 }, (_, index) => `host-${index}.bulk.example`);
    editStack(checkout.folder, "lab", (text) => allowing(text, { bulk: hosts, rebound: ["rebound.example"] }));
    apply("up", checkout.folder);
    await until("the last of the hosts is open", openWithinSeconds, () => {
      return curl(appA, "http://host-199.bulk.example/").status === 200;
    });
    assert.match(sidecarConfig("test-app", "app-a"), /host-199\.bulk\.example/);
    assert.deepEqual([sidecarConfig("test-app", "app-b"), sidecarConfig("istio-workload", "hammer")], before);
  });

  it("cannot open a private address: the gateway does not go there, whatever an allowed name says", () => {
    // Past the sidecar, which would answer 502; the gateway's own refusal, by the address that the name resolves to.
    assert.equal(curl(appA, "http://rebound.example/rebound").status, 403);
    assert.equal(curl(appA, "https://rebound.example/rebound").status, 0);
    assert.deepEqual(seenOutside("/rebound"), []);
  });
});
