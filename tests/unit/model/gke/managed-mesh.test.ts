// What a managed mesh asks of Google beside the cluster itself.
// Does not prove: that Google manages it then; docs/gke-first-run.md says how to see that.
import assert from "node:assert/strict";
import { meshTraits, parseConfig, planGke } from "../../../../model";
import { now, soundConfig } from "../config/sound-config";
import { gkeConfig, soundGke } from "./gke-config";

const own = planGke(gkeConfig(), { externalPorts: [443] });
const managed = planGke(gkeConfig(), { externalPorts: [443], managedMesh: true });

describe("a managed mesh", () => {
  it("is a feature of the project's fleet, which the cluster joins", () => {
    assert.deepEqual(managed.controlPlane.fleet, { project: "acme-prod" });
    assert.deepEqual(managed.managedMesh, {
      feature: { name: "servicemesh", location: "global", project: "acme-prod" },
      membership: { location: "global", project: "acme-prod", mesh: { management: "MANAGEMENT_AUTOMATIC" } },
    });
    assert.deepEqual([own.controlPlane.fleet, own.managedMesh], [undefined, undefined]);
  });

  it("needs two more of Google's APIs", () => {
    const more = managed.services.filter((service) => !own.services.includes(service));
    assert.deepEqual(more, ["gkehub.googleapis.com", "mesh.googleapis.com"]);
    assert.deepEqual(managed.services, [...managed.services].sort());
  });

  it("opens no port to a webhook, and its sidecars call where the firewall lets nodes call Google's APIs", () => {
    const keys = managed.firewall.map(({ key }) => key);
    assert.deepEqual(
      own.firewall.map(({ key }) => key).filter((key) => !keys.includes(key)),
      ["webhooks"],
    );
    const { mesh } = parseConfig(
      { ...soundConfig(), cluster: soundGke, mesh: { kind: "cloud-service-mesh" } },
      { now },
    );
    const rule = managed.firewall.find(({ key }) => key === "google-apis")!;
    assert.deepEqual(rule.destinationRanges, [meshTraits(mesh).managed!.range]);
    assert.deepEqual(rule.allows, [{ protocol: "tcp", ports: ["443"] }]);
  });

  it("names identities after the project's workload pool, which the cluster has", () => {
    const { mesh } = parseConfig(
      { ...soundConfig(), cluster: soundGke, mesh: { kind: "cloud-service-mesh" } },
      { now },
    );
    assert.equal(meshTraits(mesh).trustDomain, managed.controlPlane.workloadIdentityConfig!.workloadPool);
  });
});
