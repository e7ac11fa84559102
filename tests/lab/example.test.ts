// examples/bring-your-own with the packed package, brought up on the lab's mesh beside the lab's stack: a Deployment and a
// chart of the program's own reach what it grants them, and nothing else. Then it is destroyed, and all is as before.
// Does not prove that npm installs the package: tests/package does.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { installPacked, link } from "../unit/package/pack";
import { inLab, kubectlJson, repository, Result } from "./support/commands";
import { askedObjects, difference } from "./support/objects";
import { Caller, curl, seenOutside } from "./support/requests";
import { until } from "./support/until";

const image = "lab.istio-egress.local/workload:1";
const config = {
  image,
  "bring-your-own:timeHost": "httpbin.org",
  "istio-egress:cluster": { kind: "existing", kubeconfig: "/var/lib/istio-egress-lab/kubeconfig" },
  "istio-egress:mesh": { kind: "existing" },
  "istio-egress:gateway": { namespace: "shop-egress" },
  "istio-egress:namespaces": { shop: {} },
  "istio-egress:workloads": { cart: { namespace: "shop", image } },
  "istio-egress:destinations": { payments: { hosts: ["github.com"] } },
  "istio-egress:allow": [{ from: "shop/cart", to: "payments", owner: "team-shop", reason: "takes payments" }],
};

const clients = ["clock", "notes"].map((workload): Caller => ({ namespace: "shop", workload }));

describe("a program that brings its own Deployment and chart", function () {
  this.timeout(900_000);
  let folder: string;
  let bare: string[];
  const inProject = (...argv: string[]): Result => inLab(argv, { cwd: folder, seconds: 600 });
  const egress = (...args: string[]) => inProject("node", "node_modules/istio-egress/cli/egress.js", ...args);
  const fine = ({ exitCode, stdout, stderr }: Result) => {
    assert.equal(exitCode, 0, stdout + stderr);
    return stdout;
  };
  const pulumi = (...args: string[]) => fine(inProject("pulumi", ...args, "--stack", "example", "--non-interactive"));

  before(() => {
    bare = askedObjects();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-example-"));
    const source = path.join(repository, "examples", "bring-your-own");
    fs.cpSync(source, folder, { recursive: true, filter: (file) => path.basename(file) !== "node_modules" });
    installPacked(folder);
    ["typescript", "ts-node", "@types/node"].forEach((name) => link(folder, name));
    fs.writeFileSync(path.join(folder, "Pulumi.example.yaml"), stringify({ config }));
    fine(inProject("pulumi", "stack", "select", "--create", "example", "--non-interactive"));
    pulumi("up", "--yes", "--skip-preview");
  });

  after(() => {
    pulumi("destroy", "--yes", "--skip-preview");
    fine(inProject("pulumi", "stack", "rm", "example", "--yes", "--non-interactive"));
    fs.rmSync(folder, { recursive: true, force: true });
    assert.deepEqual(difference(bare, askedObjects()), []);
  });

  for (const caller of clients) {
    for (const scheme of ["http", "https"]) {
      it(`${caller.workload} reaches the host that the program grants it, over ${scheme}`, async () => {
        await until("it is open", 90, () => curl(caller, `${scheme}://httpbin.org/`).status === 200);
        const requestPath = `/example-${caller.workload}-${scheme}`;
        assert.equal(curl(caller, `${scheme}://httpbin.org${requestPath}`).status, 200);
        assert.equal(seenOutside(requestPath).length, 1);
      });
    }

    it(`${caller.workload} is refused what only cart is granted, and what nobody is`, () => {
      for (const host of ["github.com", "cnn.com"]) {
        const requestPath = `/example-refused-${caller.workload}-${host}`;
        assert.equal(curl(caller, `http://${host}${requestPath}`).status, 502);
        assert.equal(curl(caller, `https://${host}${requestPath}`).exit, 35);
        assert.deepEqual(seenOutside(requestPath), []);
      }
    });
  }

  it("cart reaches what the allowlist grants it, and not what the program grants the others", async () => {
    const cart: Caller = { namespace: "shop", workload: "cart" };
    await until("it is open", 90, () => curl(cart, "https://github.com/").status === 200);
    assert.equal(curl(cart, "http://httpbin.org/").status, 502);
  });

  it("is sound to check, and doctor finds nothing but what the program grants itself, and nothing with its state", () => {
    assert.match(fine(egress("check", "example")), /is sound/);
    const { exitCode, stdout, stderr } = egress("doctor", "example");
    assert.equal(exitCode, 1, stdout + stderr);
    assert.deepEqual([...stdout.matchAll(/^\d+\. [A-Z ]+? {2}(.*)$/gm)].map(([, object]) => object).sort(), [
      "AuthorizationPolicy shop-egress/allow-time",
      "DestinationRule shop-egress/httpbin.org",
      "ServiceEntry shop-egress/time.hosts",
      "Sidecar shop/clock",
      "Sidecar shop/notes",
    ]);
    const state = path.join(folder, "state.json");
    fs.writeFileSync(state, pulumi("stack", "export"));
    assert.match(fine(egress("doctor", "example", "--state", state)), /^Nothing found/);
  });

  it("has what the transforms of a component's options make of its children", () => {
    const policy = kubectlJson<{ metadata: { labels: Record<string, string> } }>(
      ...["get", "authorizationpolicy", "allow-time", "--namespace=shop-egress"],
    );
    assert.equal(policy.metadata.labels.team, "team-time");
    assert.equal(policy.metadata.labels["app.kubernetes.io/managed-by"], "pulumi");
  });

  it("has nothing to change when it is brought up again", () => {
    pulumi("preview", "--expect-no-changes");
  });
});
