// The stack on a mesh that somebody else installed, by `istioctl install`: all of its promises hold, and the
// installation is not touched. Begins on a cluster without the stack, and leaves it so.
// Does not prove: meshes of other versions than the lab's, and of other settings than istioctl's own.
import assert from "node:assert/strict";
import { Progress } from "../../lab/progress";
import { resolveSome } from "../../lab/tools/resolve";
import { scratchCheckout, setStackConfig } from "./support/checkout";
import { egress, inLab, kubectl } from "./support/commands";
import { loggedDecisions } from "./support/decisions";
import { itHoldsWithListedHosts } from "./support/listed-hosts";
import { clusterObjects, difference, settledObjects } from "./support/objects";
import { apply } from "./support/pulumi";
import { appA, appB, curl } from "./support/requests";
import { grantStreams, itCarriesStreams } from "./support/streams";
import { until } from "./support/until";

/** What the lab's images and its stock Envoy ask of an installation; all else is istioctl's own default. */
const settings = [
  "profile=minimal",
  "hub=lab.istio-egress.local",
  "tag=1.31.1",
  "values.global.imagePullPolicy=IfNotPresent",
  "values.global.proxy.resources.requests.cpu=10m",
  "values.pilot.resources.requests.cpu=50m",
  "values.pilot.resources.requests.memory=128Mi",
  "values.pilot.autoscaleEnabled=false",
  "values.pilot.env.PILOT_ENABLE_ALPN_FILTER=false",
  "values.pilot.env.PILOT_ENABLE_METADATA_EXCHANGE=false",
  "values.telemetry.enabled=false",
];

function run(argv: string[]): void {
  const { exitCode, stdout, stderr } = inLab(argv, { seconds: 600 });
  assert.equal(exitCode, 0, `${argv.join(" ")}: ${stdout}${stderr}`);
}

describe("a mesh that exists already", function () {
  const checkout = scratchCheckout();
  let istioctl: string;
  let bare: string[];
  let installed: string[];

  before(async function () {
    this.timeout(0);
    const tools = await resolveSome(["istioctl"], new Progress());
    istioctl = tools.istioctl.path;
    bare = await settledObjects();
    assert.ok(!bare.some((object) => object.includes("istio-system")), "there is a mesh on the cluster already");
    run([istioctl, "install", "--skip-confirmation", ...settings.flatMap((setting) => ["--set", setting])]);
    // istiod changes its webhook once it has tried it.
    const webhook = ["validatingwebhookconfigurations", "istio-validator-istio-system"];
    const failing = () => kubectl("get", ...webhook, "--output=jsonpath={.webhooks[*].failurePolicy}");
    await until("istiod has tried its webhook", 120, () => failing() === "Fail");
    installed = await settledObjects();
    setStackConfig(checkout.folder, "lab", { mesh: { kind: "existing" } });
    apply("up", checkout.folder);
  });

  after(() => {
    try {
      apply("destroy", checkout.folder);
      run([istioctl, "uninstall", "--purge", "--skip-confirmation"]);
      kubectl("delete", "namespace", "istio-system", "--ignore-not-found");
      // What istiod leaves in namespaces that are not its own.
      kubectl("delete", "configmaps", "--all-namespaces", "--selector=istio.io/config=true");
    } finally {
      checkout.remove();
    }
  });

  it("keeps every promise of the matrix", () => {
    const { exitCode, stdout } = egress(["matrix", "lab", "--live"], { cwd: checkout.folder });
    assert.match(stdout, /the mesh agrees on every one/);
    assert.equal(exitCode, 0);
  });

  it("asks for strict mutual TLS in each namespace, as the root namespace is not ours", () => {
    const policies = kubectl("get", "peerauthentications", "--all-namespaces", "--no-headers");
    assert.match(policies, /^istio-egress +default +STRICT/m);
    assert.match(policies, /^test-app +default +STRICT/m);
    assert.doesNotMatch(policies, /^istio-system/m);
  });

  it("logs the gateways' decisions, whatever the mesh itself writes", async () => {
    assert.equal(curl(appA, "http://httpbin.org/existing").status, 200);
    assert.equal(curl(appB, "http://httpbin.org/existing").status, 502);
    await until("it is logged", 90, () =>
      loggedDecisions([], checkout.folder).some(({ host, path, at }) => {
        return host === "httpbin.org" && path === "/existing" && at === "gateway";
      }),
    );
  });

  describe("where gateways list their hosts, for a mesh that takes no EnvoyFilter", () => {
    before(() => {
      setStackConfig(checkout.folder, "lab", { mesh: { kind: "existing", envoyFilters: false } });
      apply("up", checkout.folder);
    });

    itHoldsWithListedHosts(() => checkout.folder);

    // Behind the matrix, which asks by HTTP/1.1, and so gets no answer from a host that speaks gRPC in plain text only.
    describe("streams", () => {
      before(() => {
        grantStreams(checkout.folder);
        apply("up", checkout.folder);
      });

      itCarriesStreams({ secondsForNames: 150 });
    });
  });

  it("is not touched: with the stack and after it, the installation is what it was", async () => {
    const ofMesh = (objects: string[]) =>
      objects.filter((object) => / istio-system\/|istio.*istio-system/.test(object));
    assert.ok(ofMesh(installed).length > 5);
    assert.deepEqual(difference(ofMesh(installed), ofMesh(clusterObjects())), []);
    apply("destroy", checkout.folder);
    assert.deepEqual(difference(installed, await settledObjects()), []);
  });
});
