// The API server's refusals in words for the user; the server's messages are copies of real ones.
// Does not prove: that a later server words them alike.
import assert from "node:assert/strict";
import { ApiError } from "../../../lab/kubernetes/client";
import { isPassing, isUntold, refusal } from "../../../lab/provider/objects/refusal";
import { JsonObject } from "../../../lab/json";

const title = 'Deployment "shop/cart"';

function words(code: number, status: JsonObject): string {
  return (refusal(new ApiError(code, status), title) as Error).message;
}

describe("a refusal", () => {
  it("names fields that server-side apply does not know", () => {
    const message =
      "failed to create typed patch object (shop/cart; apps/v1, Kind=Deployment): errors:\n" +
      "  .spec.tempalte: field not declared in schema\n  .spec.replica: field not declared in schema";
    assert.match(
      words(500, { message }),
      /^Deployment "shop\/cart" has fields .* know: spec\.tempalte, spec\.replica\./,
    );
  });

  it("names fields that strict decoding does not know", () => {
    const message = '.spec.hots: strict decoding error: unknown field "spec.hots"';
    assert.match(words(400, { message }), /has a field that its API does not know: spec\.hots\./);
  });

  it("names the other manager and the field of a conflict", () => {
    const causes = [
      {
        reason: "FieldManagerConflict",
        message: 'conflict with "kubectl-scale" using apps/v1',
        field: ".spec.replicas",
      },
    ];
    const said = words(409, { reason: "Conflict", message: "Apply failed", details: { causes } });
    assert.match(said, /is not applied: spec\.replicas is set by "kubectl-scale"\. .*patchForce/);
  });

  it("lists every invalid field", () => {
    const causes = [
      { field: "spec.selector", message: "Required value" },
      { field: "spec.replicas", message: "Invalid value: -1" },
    ];
    const said = words(422, { reason: "Invalid", message: "…", details: { causes } });
    assert.equal(said, `${title} is invalid: spec.selector: Required value; spec.replicas: Invalid value: -1`);
  });

  it("passes everything else on", () => {
    assert.match(words(403, { message: 'deployments "cart" is forbidden' }), /refused by the API server: .*forbidden/);
    assert.match(words(401, {}), /credentials/);
    const other = new Error("x");
    assert.equal(refusal(other, title), other);
  });
});

describe("what may pass", () => {
  const cases: [string, ApiError, boolean, boolean][] = [
    ["a server that is busy", new ApiError(429, {}), true, true],
    [
      "a webhook that does not answer",
      new ApiError(500, { message: 'failed calling webhook "a": connection refused' }),
      true,
      true,
    ],
    [
      "a namespace that is not there",
      new ApiError(404, { details: { kind: "namespaces" }, message: 'namespaces "a" not found' }),
      true,
      true,
    ],
    [
      "a namespace on its way out",
      new ApiError(403, { message: "unable to create new content in namespace a because it is being terminated" }),
      true,
      true,
    ],
    [
      "a service account that is not there",
      new ApiError(403, { message: 'serviceaccount "a" not found' }),
      false,
      true,
    ],
    ["a webhook without dry runs", new ApiError(400, { message: 'webhook "a" does not support dry run' }), false, true],
    ["a forbidden request", new ApiError(403, { message: 'User "a" cannot patch resource' }), false, false],
    ["an invalid object", new ApiError(422, { message: "is invalid" }), false, false],
  ];
  for (const [what, error, passing, untold] of cases) {
    it(`${passing ? "is" : "is not"} ${what}; its preview ${untold ? "is left open" : "fails"}`, () => {
      assert.deepEqual([isPassing(error), isUntold(error)], [passing, untold]);
    });
  }
});
