// Istio's releases and the mesh-wide policy.
// Does not prove: that the charts take the values; the lab's tests do.
import assert from "node:assert/strict";
import { planMesh } from "../../../../model";

const charts = "https://blob.istio.io/istio-release/charts";

describe("planMesh", () => {
  it("takes both charts from a repository, by version", () => {
    const { base, istiod } = planMesh({ version: "1.31.1", charts: `${charts}/`, values: {} });
    assert.deepEqual([base.repository, base.chart, base.version], [charts, "base", "1.31.1"]);
    assert.deepEqual([istiod.repository, istiod.chart, istiod.version], [charts, "istiod", "1.31.1"]);
  });

  it("or from a folder, as Istio's source tree has them", () => {
    const { base, istiod } = planMesh({ version: "1.31.1", charts: "/srv/charts", values: {} });
    assert.deepEqual([base.repository, base.chart], [undefined, "/srv/charts/base"]);
    assert.deepEqual([istiod.repository, istiod.chart], [undefined, "/srv/charts/istio-control/istio-discovery"]);
  });

  it("or from an OCI registry, by their whole URLs", () => {
    const { base, istiod } = planMesh({ version: "1.31.1", charts: "oci://ghcr.io/istio/release/charts", values: {} });
    assert.deepEqual([base.repository, base.chart], [undefined, "oci://ghcr.io/istio/release/charts/base"]);
    assert.deepEqual([istiod.chart, istiod.version], ["oci://ghcr.io/istio/release/charts/istiod", "1.31.1"]);
  });

  it("merges values deeply over its own, lists and scalars as a whole", () => {
    const { istiod } = planMesh({
      version: "1.31.1",
      charts,
      values: { autoscaleEnabled: false, meshConfig: { enableTracing: true, accessLogFile: "" }, tolerations: [1] },
    });
    assert.deepEqual(istiod.values, {
      autoscaleEnabled: false,
      autoscaleMin: 2,
      env: { PILOT_SCOPE_GATEWAY_TO_NAMESPACE: "true" },
      meshConfig: {
        accessLogFile: "",
        discoverySelectors: [
          { matchLabels: { "app.kubernetes.io/managed-by": "pulumi" } },
          { matchLabels: { "istio-injection": "enabled" } },
        ],
        enableTracing: true,
        outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
      },
      tolerations: [1],
    });
  });

  it("leaves the values it was given as they were", () => {
    const values = { meshConfig: { enableTracing: true } };
    planMesh({ version: "1.31.1", charts, values });
    assert.deepEqual(values, { meshConfig: { enableTracing: true } });
  });

  it("asks for strict mTLS in the whole mesh", () => {
    const { policies } = planMesh({ version: "1.31.1", charts, values: {} });
    assert.deepEqual(
      policies.map(({ kind, metadata, spec }) => [kind, metadata.namespace, spec]),
      [["PeerAuthentication", "istio-system", { mtls: { mode: "STRICT" } }]],
    );
  });
});
