// What the cluster has itself, named as a destination: its API and the metadata server of Workload Identity are open for the pods
// of the workload that is granted them, and for no others, whatever user a process runs as. Each refusal stands beside a call
// that is allowed on the same way.
// Does not prove: what GKE's own dataplanes make of the policies, and that a token is the right one: the server is a stand-in.
import assert from "node:assert/strict";
import { network } from "../../lab/topology";
import { grantToAppA, scratchCheckout } from "./support/checkout";
import { egress, kubectl } from "./support/commands";
import { workloadCells } from "./support/matrix";
import { apply, putBack } from "./support/pulumi";
import { appA, appB, Caller, curl, execIn, hammer } from "./support/requests";
import { until } from "./support/until";

const api = `https://${network.apiServerService}`;
const metadata = "http://169.254.169.254/computeMetadata/v1/";
const own = { name: "metadata", host: "metadata.google.internal" };

/** In the sidecar's own container, as the user whose traffic nothing redirects. */
const pastSidecar = (caller: Caller): Caller => ({ ...caller, container: "istio-proxy" });

/** Whether the API server says its version: that is told to anybody who reaches it. */
function reachesApi(caller: Caller, url = api): boolean {
  return /gitVersion/.test(curl(caller, `${url}/version`, "--insecure").body);
}

describe("what the cluster has itself", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();

  before(async () => {
    const destinations = { "api-server": { kind: "kubernetes-api" }, [own.name]: { kind: "google-metadata" } };
    grantToAppA(checkout.folder, destinations, "a test of the cluster's own", (set) => {
      set(["cluster", "api"], { service: network.apiServerService, endpoints: [network.lab.address] });
      set(["cluster", "workloadIdentity"], true);
    });
    apply("up", checkout.folder);
    await until("app-a reaches the API", 90, () => reachesApi(appA) && reachesApi(pastSidecar(appA)));
    await until(
      "app-a reaches the metadata server",
      90,
      () => curl(appA, metadata, "--header", "Metadata-Flavor: Google").status === 200,
    );
  });

  after(() => putBack({ checkout, pristine }));

  describe("the API", () => {
    it("is reached by the workload that is granted it, by its name and its address, with a token of its own", () => {
      assert.ok(reachesApi(appA));
      assert.ok(reachesApi(appA, "https://kubernetes.default.svc.cluster.local"));
      const mount = "/var/run/secrets/kubernetes.io/serviceaccount";
      const asked = execIn(
        appA,
        ...["sh", "-c"],
        `curl --silent --cacert ${mount}/ca.crt --header "Authorization: Bearer $(cat ${mount}/token)" ` +
          `${api}/apis/authentication.k8s.io/v1/selfsubjectreviews --request POST --header "Content-Type: application/json" ` +
          `--data '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}'`,
      );
      assert.match(asked.stdout, /system:serviceaccount:test-app:app-a/);
    });

    for (const [name, caller] of Object.entries({ "of the same namespace": appB, "of another one": hammer })) {
      it(`is refused to a workload ${name}, past its sidecar too, and no token is mounted there`, () => {
        assert.ok(!reachesApi(caller));
        assert.ok(!reachesApi(pastSidecar(caller)));
        assert.ok(!reachesApi(pastSidecar(caller), `https://${network.lab.address}:6443`));
        assert.notEqual(execIn(caller, "ls", "/var/run/secrets/kubernetes.io/serviceaccount").exitCode, 0);
        // The twin, past the sidecar as well.
        assert.ok(reachesApi(pastSidecar(appA)));
      });
    }

    it("is no way to anything else on its machine", () => {
      const [at, port] = [network.lab.address, 10250];
      assert.equal(curl(pastSidecar(appA), `https://${at}:${port}/`, "--insecure").status, 0);
      assert.ok(reachesApi(pastSidecar(appA), `https://${at}:6443`));
    });
  });

  describe("the metadata server", () => {
    it("is reached past the sidecar by the workload that is granted it", () => {
      assert.equal(curl(appA, metadata, "--header", "Metadata-Flavor: Google").status, 200);
    });

    for (const [name, caller] of Object.entries({ "of the same namespace": appB, "of another one": hammer })) {
      it(`is refused to a workload ${name}, past its sidecar too`, () => {
        assert.notEqual(curl(caller, metadata).status, 200);
        assert.equal(curl(pastSidecar(caller), metadata).status, 0);
        assert.equal(curl(pastSidecar(appA), metadata).status, 200);
      });
    }

    it("is that server and its port only", () => {
      assert.equal(curl(appA, "http://169.254.169.254:8080/").status, 0);
      assert.equal(curl(appA, "http://169.254.169.253/").status, 502);
    });
  });

  describe("as commands tell of it", () => {
    it("is asked for by the live matrix, and it agrees in every cell", () => {
      const { stdout, exitCode } = egress(["matrix", "lab", "--live", "--json"], { cwd: checkout.folder });
      const cells = workloadCells<{ from: string; url: string; ok: boolean; expected: string }>(stdout);
      assert.deepEqual(
        cells.filter(({ ok }) => !ok),
        [],
      );
      assert.equal(exitCode, 0);
      const of = (url: string) => cells.filter((cell) => cell.url === url).map(({ expected }) => expected);
      assert.deepEqual(of(api), ["deny", "allow", "deny"]);
      assert.deepEqual(of("http://169.254.169.254"), ["deny", "allow", "deny"]);
    });

    it("is held against the cluster's own EndpointSlice by the doctor", () => {
      const findings = () => {
        const { stdout } = egress(["doctor", "lab", "--json"], { cwd: checkout.folder });
        return (JSON.parse(stdout) as { findings: { check: string; config?: string }[] }).findings;
      };
      assert.deepEqual(
        findings().filter(({ check }) => check === "api-server"),
        [],
      );
      const wrong = scratchCheckout();
      try {
        grantToAppA(wrong.folder, { "api-server": { kind: "kubernetes-api" } }, "a test", (set) => {
          set(["cluster", "api"], { service: network.apiServerService, endpoints: ["10.0.0.9"] });
        });
        const { stdout } = egress(["doctor", "lab", "--json"], { cwd: wrong.folder });
        const found = (JSON.parse(stdout) as { findings: { check: string; config?: string }[] }).findings;
        const [finding] = found.filter(({ check }) => check === "api-server");
        assert.match(finding!.config!, new RegExp(`endpoints: \\[${network.lab.address}\\], port: 6443`));
      } finally {
        wrong.remove();
      }
    });

    it("is taken back with its rule: the way, and the token", async () => {
      apply("up", pristine.folder);
      await until("app-a reaches the API no longer", 60, () => !reachesApi(appA) && !reachesApi(pastSidecar(appA)));
      const left = kubectl(
        ...["get", "serviceentries.networking.istio.io", "--namespace=istio-egress"],
        "--output=jsonpath={.items[*].metadata.name}",
      );
      assert.ok(!left.includes("kubernetes.default"), left);
    });
  });
});
