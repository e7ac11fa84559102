// A namespace that runs already, put there by kubectl and Helm: brought in, guarded, and let go of again, after which
// the cluster is what it was. Nothing of it is restarted but by its owners.
// Does not prove: owners that the lab has not (Argo CD, Rollouts); and calls that are under way during a change.
import assert from "node:assert/strict";
import * as others from "./adoption/others";
import { editStackDocument, scratchCheckout, setStackConfig } from "./support/checkout";
import { egress, kubectl } from "./support/commands";
import { askedObjects, difference } from "./support/objects";
import { apply, tryPulumi } from "./support/pulumi";
import { Caller, curl, seenOutside } from "./support/requests";
import { until } from "./support/until";

type Guard = "inject" | "enforce" | "leave";

const existing = (serviceAccount: string, selector: Record<string, string>) => ({
  namespace: others.namespace,
  existing: { serviceAccount, selector },
});
const workloads = {
  checkout: existing("checkout-sa", { "app.kubernetes.io/name": "checkout" }),
  ledger: existing("ledger-sa", { app: "ledger" }),
  agent: existing("agent-sa", { app: "agent" }),
  nightly: existing("nightly-sa", { app: "nightly" }),
  receipts: existing("receipts", { "app.kubernetes.io/instance": "receipts" }),
};
const rule = { from: `${others.namespace}/*`, to: "httpbin", owner: "team-pay", reason: "a test" };

const titleOf = ({ target, container }: Caller) => `${target}${container === undefined ? "" : ` (${container})`}`;

describe("a namespace that runs already", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  let bare: string[];
  let uids: string[];

  function bring(guard: Guard): void {
    editStackDocument(checkout.folder, "lab", (set) => {
      set(["namespaces", others.namespace], { existing: true, guard, peers: ["legacy-tools"] });
      Object.entries(workloads).forEach(([name, workload]) => set(["workloads", name], workload));
      set(["allow", 3], rule);
    });
    apply("up", checkout.folder);
  }

  before(() => {
    others.install();
    bare = askedObjects();
    uids = others.podUids();
  });

  after(() => {
    try {
      apply("up", pristine.folder);
      others.uninstall();
    } finally {
      checkout.remove();
      pristine.remove();
    }
  });

  const callsInside = () => {
    for (const caller of others.callers) {
      it(`${titleOf(caller)} reaches what it calls inside the cluster`, async () => {
        for (const url of others.inside) {
          await until(`${titleOf(caller)} reaches ${url}`, 90, () => curl(caller, url).status === 200);
        }
      });
    }
  };

  describe("before it is brought in", () => {
    callsInside();

    it("its calls outside go out as they always did", async () => {
      const [caller] = others.callers;
      await until("httpbin.org answers", 90, () => curl(caller!, "http://httpbin.org/").status === 200);
      await until("cnn.com answers", 90, () => curl(caller!, "http://cnn.com/").status !== 0);
    });
  });

  describe("with guard: inject", () => {
    before(() => bring("inject"));

    it("leaves the pods that run as they are, without a sidecar", () => {
      assert.deepEqual(others.podUids(), uids);
      assert.deepEqual(others.injected(), []);
    });

    callsInside();

    it("gives them a sidecar when their owners restart them", () => {
      others.restart();
      assert.equal(others.injected().length, others.podUids().length);
    });

    describe("and a sidecar", callsInside);
  });

  describe("with guard: enforce", () => {
    before(() => {
      uids = others.podUids();
      bring("enforce");
    });

    it("restarts nothing", () => assert.deepEqual(others.podUids(), uids));

    callsInside();

    for (const caller of others.callers) {
      it(`${titleOf(caller)} reaches the host that it is granted, over http and https, and no other`, async () => {
        for (const scheme of ["http", "https"]) {
          await until(`${scheme} is open`, 90, () => curl(caller, `${scheme}://httpbin.org/`).status === 200);
        }
        const path = `/adopted-${titleOf(caller).replace(/\W+/g, "-")}`;
        assert.equal(curl(caller, `http://cnn.com${path}`).status, 502);
        assert.equal(curl(caller, `https://cnn.com${path}`).exit, 35);
        assert.deepEqual(seenOutside(path), []);
      });
    }

    it("a Job of the CronJob does too, and ends", () => {
      assert.deepEqual(others.nightly("nightly-enforced"), {
        "http://httpbin.org/": "200",
        "https://httpbin.org/": "200",
        "http://cnn.com/": "502",
        "https://cnn.com/": "000",
        "http://checkout/": "200",
        "http://ticker.legacy-tools:8080/": "200",
      });
    });

    it("is what the matrix says, asked for real from each of them", () => {
      const running = Object.keys(workloads).filter((name) => name !== "nightly");
      const parts = running.map((name) => `--from=${others.namespace}/${name}`);
      const { exitCode, stdout, stderr } = egress(["matrix", "lab", "--live", ...parts], { cwd: checkout.folder });
      assert.equal(exitCode, 0, stdout + stderr);
      assert.match(stdout, /the mesh agrees on every one/);
      for (const name of running) {
        assert.match(stdout, new RegExp(`${others.namespace}/${name} `));
      }
    });
  });

  describe("with guard: leave, and taken out", () => {
    it("loses its sidecars when its owners restart it, and works on", async () => {
      bring("leave");
      others.restart();
      assert.deepEqual(others.injected(), []);
      await until("it goes out", 90, () => curl(others.callers[0]!, "http://httpbin.org/").status === 200);
    });

    callsInside();

    it("is to the last object what it was before", () => {
      apply("up", pristine.folder);
      assert.deepEqual(difference(bare, askedObjects()), []);
    });

    describe("from then on", callsInside);
  });

  it("that is not marked as one ends in an error that names the key, and stays as it is", () => {
    const stranger = scratchCheckout();
    kubectl("create", "namespace", "unmarked");
    try {
      const before = askedObjects();
      setStackConfig(stranger.folder, "lab", { namespaces: { "istio-workload": {}, "test-app": {}, unmarked: {} } });
      const { exitCode, stdout, stderr } = tryPulumi(["up", "--yes", "--skip-preview"], stranger.folder);
      assert.notEqual(exitCode, 0);
      assert.match(stdout + stderr, /istio-egress:namespaces\.unmarked: \{existing: true\}/);
      const changed = difference(before, askedObjects());
      assert.deepEqual(
        changed.filter((object) => object.includes("unmarked")),
        [],
      );
    } finally {
      apply("up", pristine.folder);
      kubectl("delete", "namespace", "unmarked");
      stranger.remove();
    }
  });
});
