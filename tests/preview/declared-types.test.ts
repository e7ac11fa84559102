// What is read out of @pulumi/gcp's declarations, and what a preview makes of it.
// Does not prove: that the declarations say what Google's API takes.
import assert from "node:assert/strict";
import { checkResource } from "../../lab/gcp-recorder/check";
import { previewed } from "../../lab/gcp-recorder/record";
import { declaredTypes } from "../../lab/gcp-recorder/table/build";
import { DeclaredTypes, Kind } from "../../lab/gcp-recorder/table/shapes";
import { unknownValue } from "../../lab/json";

const cluster = "gcp:container/cluster:Cluster";

describe("what @pulumi/gcp declares", () => {
  let types: DeclaredTypes;

  before(() => {
    types = declaredTypes();
  });

  it("is read for every resource of the package, whole", () => {
    assert.ok(Object.keys(types.resources).length > 1000);
    const namesOf = (kind: Kind): string[] => {
      if (typeof kind === "string") {
        return kind === "any" ? ["any"] : [];
      }
      return "object" in kind ? [kind.object] : namesOf("list" in kind ? kind.list : kind.map);
    };
    const shapes = Object.values(types.resources).flatMap(({ inputs, outputs }) => [inputs, outputs]);
    const names = [...shapes, ...Object.values(types.objects)].flatMap((shape) =>
      Object.values(shape).flatMap(({ kind }) => namesOf(kind)),
    );
    assert.deepEqual(
      [...new Set(names)].filter((name) => name !== "any" && types.objects[name] === undefined),
      [],
    );
    // The sources of a storage object: files and archives.
    assert.equal(names.filter((name) => name === "any").length, 2);
  });

  it("asks for the same properties as the package's constructors", () => {
    const { inputs } = types.resources["gcp:compute/subnetwork:Subnetwork"]!;
    const required = Object.keys(inputs).filter((name) => inputs[name]!.optional === undefined);
    assert.deepEqual(required, ["network"]);
    assert.deepEqual(
      checkResource("gcp:compute/subnetwork:Subnetwork", {}, types).map(({ reason }) => reason),
      ['"network" is missing, and gcp:compute/subnetwork:Subnetwork requires it.'],
    );
  });

  it("lets unknown values and values that are absent pass", () => {
    const inputs = {
      location: unknownValue,
      nodePools: unknownValue,
      description: null,
      ipAllocationPolicy: unknownValue,
    };
    assert.deepEqual(checkResource(cluster, inputs, types), []);
  });

  it("tells a resource that is none", () => {
    assert.match(checkResource("gcp:container/cluste:Cluste", {}, types)[0]!.reason, /has no resource gcp:container/);
  });

  it("makes unknown what the cloud decides, inside what the program gives too", () => {
    const masterAuth = { clientCertificateConfig: { issueClientCertificate: false } };
    const outputs = previewed(cluster, { location: "europe-west1", masterAuth }, types);
    assert.equal(outputs.location, "europe-west1");
    assert.equal(outputs.endpoint, unknownValue);
    assert.deepEqual(outputs.masterAuth, {
      ...masterAuth,
      clientCertificate: unknownValue,
      clientKey: unknownValue,
      clusterCaCertificate: unknownValue,
    });
    assert.ok(!("minMasterVersion" in outputs), "what stays absent unless it is given");
  });
});
