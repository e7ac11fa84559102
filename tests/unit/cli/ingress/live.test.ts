// Asking pods for connections into guarded ones, with a kubectl of ours in the place of a cluster.
// Does not prove: that a cluster keeps anybody out; tests/lab/ingress.test.ts asks one.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ingressPartOf, modelIngress } from "../../../../cli/ingress/cells";
import { liveIngress } from "../../../../cli/ingress/live";
import { ingressSummary, ingressTable, ingressText } from "../../../../cli/ingress/table";
import { jsonPieces } from "../../../../cli/matrix";
import { ClusterError } from "../../../../cli/kubectl";
import { parseConfig } from "../../../../model";
import { callerText, ingressVerdicts, portWords } from "../../../../model/callers";
import { folderOnPath } from "../../folder-on-path";
import { now, soundConfig } from "../../model/config/sound-config";

const named = { namespace: "callers", selector: { role: "named" }, ports: [8080] };
const range = { addresses: ["10.9.0.0/28"], reason: "a test" };
const config = parseConfig(
  {
    ...soundConfig(),
    namespaces: {
      "test-app": { ingress: { from: [named, range] } },
      "istio-workload": { ingress: {}, peers: ["away"] },
    },
  },
  { now },
);
const intoTestApp = ingressPartOf(ingressVerdicts(config), { to: ["test-app/*"] });

interface PodOptions {
  labels?: Record<string, string>;
  sidecar?: boolean;
  ready?: boolean;
  hostNetwork?: boolean;
  ports?: number[];
}

let addresses = 0;

function pod(namespace: string, name: string, { labels = {}, ready = true, ...more }: PodOptions = {}): object {
  const ports = (more.ports ?? []).map((containerPort) => ({ containerPort }));
  return {
    metadata: { name, namespace, labels },
    spec: {
      ...(more.hostNetwork ? { hostNetwork: true } : {}),
      containers: [{ name: "main", ports }, ...(more.sidecar ? [{ name: "istio-proxy" }] : [])],
    },
    status: { podIP: `10.1.0.${++addresses}`, conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}

const connected = "56 000 0 0.001 other no";
const silent = "28 000 0 0.000 other no";
const refused = "7 000 0 0.000 other no";

describe("connections into guarded pods, asked of the mesh", () => {
  const folder = folderOnPath();

  /**
   * Puts a kubectl on PATH that lists these pods, and answers for each line that a pod is given.
   *
   * @param answer of the pod that is asked and the place that it calls
   * @param failing namespaces whose pods may not be listed
   */
  function cluster(
    pods: Record<string, object[]>,
    answer: (asked: string, place: string) => string,
    failing: string[] = [],
  ): void {
    const script = `#!${process.execPath}
const args = process.argv.slice(2);
const at = (option) => args[args.indexOf(option) + 1];
const namespace = at("--namespace");
require("fs").appendFileSync(${JSON.stringify(path.join(folder(), "calls"))}, args.slice(0, -1).join(" ") + "\\n");
if (args.includes("get")) {
  if (${JSON.stringify(failing)}.includes(namespace)) { console.error("Error: pods is forbidden"); process.exit(1); }
  console.log(JSON.stringify({ items: (${JSON.stringify(pods)})[namespace] ?? [] }));
} else {
  const answer = ${answer.toString()};
  const [connected, silent, refused] = ${JSON.stringify([connected, silent, refused])};
  const asked = args[args.indexOf("--") - (args.includes("--container") ? 3 : 1)];
  for (const line of require("fs").readFileSync(0, "utf8").split("\\n").filter(Boolean)) {
    const words = line.slice(1, -1).split("' '");
    console.log(words[0] + " " + answer(asked, words.at(-1)));
  }
}
`;
    fs.writeFileSync(path.join(folder(), "kubectl"), script, { mode: 0o755 });
  }

  const asLines = async () =>
    (await liveIngress(config, intoTestApp)).map(({ verdict: { caller, ports }, seen, ok }) =>
      [callerText(caller), portWords(ports), seen, ok].join(", "),
    );

  const guarded = {
    "test-app": [pod("test-app", "app-a", { sidecar: true })],
    "istio-workload": [pod("istio-workload", "hammer", { sidecar: true })],
  };
  const callers = [
    pod("callers", "a-starting", { labels: { role: "named" }, ready: false }),
    pod("callers", "b-node", { labels: { role: "named" }, hostNetwork: true }),
    pod("callers", "named", { labels: { role: "named" } }),
    pod("callers", "other"),
  ];

  it("finds a pod for each caller, and calls a guarded one on the ports that are let in and on others", async () => {
    cluster({ ...guarded, callers, away: [pod("away", "one")] }, (asked, place) =>
      asked === "hammer" || (asked === "named" && place.endsWith(":8080")) ? connected : silent,
    );
    assert.deepEqual(await asLines(), [
      "guarded namespaces, every port, connected, true",
      "10.9.0.0/28, every port, not asked: no pod is known to have such an address, ",
      "pods role=named of callers, port 8080, connected, true",
      "pods role=named of callers, other ports, no connection, true",
      "pods of away, every port, no connection, true",
      "other pods of callers, every port, no connection, true",
      "anybody else, every port, not asked: it names no pod, ",
    ]);
    const calls = fs.readFileSync(path.join(folder(), "calls"), "utf8").split("\n");
    const asked = calls.filter((call) => call.startsWith("exec") || call.includes(" exec "));
    // Past the sidecar's redirection where there is one, or the sidecar would take every connection.
    assert.ok(asked.some((call) => call.includes("hammer --container istio-proxy")));
    assert.deepEqual(
      asked.filter((call) => / (a-starting|b-node) /.test(call)),
      [],
    );
  });

  it("disagrees where who is to be refused is let in, and where who is let in is not", async () => {
    cluster({ ...guarded, callers, away: [pod("away", "one")] }, (asked, place) =>
      asked === "hammer" || (asked === "named" && place.endsWith(":8080")) ? silent : connected,
    );
    const cells = await liveIngress(config, intoTestApp);
    assert.deepEqual(
      cells.map(({ ok }) => ok),
      [false, null, false, false, false, false, null],
    );
    assert.match(ingressSummary(cells, { live: true }), /: the mesh disagrees on 5, marked ✘; 2 could not be asked/);
    assert.match(ingressTable(cells), /✘ allow no connection +namespaces\.test-app\.ingress\.from/);
  });

  it("does not ask a pod whose other labels or address let it in as somebody else", async () => {
    const both = pod("callers", "both", { labels: { role: "named", extra: "x" } }) as { status: { podIP: string } };
    const within = { ...both, status: { ...both.status, podIP: "10.9.0.5" } };
    cluster({ ...guarded, callers: [within] }, () => connected);
    const lines = await asLines();
    assert.ok(
      lines.includes("pods role=named of callers, port 8080, not asked: no ready pod of callers is such a caller, "),
    );
    assert.ok(
      lines.includes("other pods of callers, every port, not asked: no ready pod of callers is such a caller, "),
    );
  });

  it("without a sidecar calls a pod on ports that it names, and knows no answer from a port that nobody listens on", async () => {
    const bare = pod("test-app", "bare", { ports: [8080, 9090] });
    cluster({ "test-app": [bare], callers }, (_asked, place) => (place.endsWith(":8080") ? refused : silent));
    assert.deepEqual((await asLines()).slice(2, 4), [
      "pods role=named of callers, port 8080, connection refused, false",
      "pods role=named of callers, other ports, no connection, true",
    ]);
    cluster({ "test-app": [pod("test-app", "mute")], callers }, () => connected);
    assert.ok((await asLines()).every((line) => line.includes("not asked")));
  });

  it("says of callers that may not be listed or asked that they were not, and fails where guarded pods may not be", async () => {
    cluster({ ...guarded, callers }, () => "", ["away"]);
    const lines = await asLines();
    assert.ok(
      lines.some((line) => /^pods of away, .*not asked: kubectl cannot list the pods of away: .*forbidden/.test(line)),
    );
    cluster({ ...guarded, callers }, () => "", ["test-app"]);
    await assert.rejects(liveIngress(config, intoTestApp), ClusterError);
  });

  it("is beside the other cells in the JSON, with the same fields and what is called", () => {
    const cells = modelIngress(intoTestApp);
    const parsed = JSON.parse([...jsonPieces([], cells)].join("")) as object[];
    assert.deepEqual(parsed[2], {
      from: "pods role=named of callers",
      url: "tcp://*.test-app.svc.cluster.local:8080",
      expected: "allow",
      seen: null,
      ok: null,
      rule: "istio-egress:namespaces.test-app.ingress.from",
      into: "test-app",
      ports: 8080,
    });
  });

  it("has parts: by the callers' namespace or range, by the called one, by what is refused", () => {
    const all = ingressVerdicts(config);
    const part = (wanted: Parameters<typeof ingressPartOf>[1]) =>
      ingressPartOf(all, wanted).map(({ caller, into }) => `${callerText(caller)} > ${into}`);
    assert.deepEqual(part({ from: ["10.9.0.0/28"] }), ["10.9.0.0/28 > test-app"]);
    assert.deepEqual(
      new Set(part({ from: ["callers/*"], denied: true })),
      new Set([
        "pods of callers > istio-workload",
        "pods role=named of callers > test-app",
        "other pods of callers > test-app",
      ]),
    );
    assert.deepEqual(part({ from: ["test-app/app-a"] }), []);
    assert.deepEqual(part({ to: ["github"] }), []);
  });

  it("is summed up by the called namespace where it is long", () => {
    const cells = modelIngress(Array.from({ length: 101 }, () => intoTestApp).flat());
    const text = ingressText(cells, { live: false });
    assert.match(text, /^PODS OF +LET IN +REFUSED\ntest-app +303 +404\n/);
    assert.match(text, /707 rows are too many to be read/);
  });
});
