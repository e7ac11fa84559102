// Marks of secrecy and the wire format of properties.
// Does not prove: that Pulumi's engine encrypts what is marked; the lab's test of the provider looks at the state.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Path } from "../../../lab/json";
import { fromStruct, outsideLists, toStruct } from "../../../lab/provider/rpc/properties";
import { document, pathsIn } from "./arbitraries";

describe("properties", () => {
  it("come back as they were sent, with the same parts secret", () => {
    fc.assert(
      fc.property(document, fc.nat(), (value, choice) => {
        const paths = pathsIn(value);
        const secrets = paths.length > 0 ? [paths[choice % paths.length]!] : [];
        assert.deepEqual(fromStruct(toStruct({ value, secrets })), { value, secrets });
      }),
    );
  });

  it("say no more than that the outer value is secret when it holds secrets itself", () => {
    const value = { data: { password: "x" } };
    const wrapped = toStruct({ value, secrets: [["data"], ["data", "password"]] });
    assert.deepEqual(fromStruct(wrapped), { value, secrets: [["data"]] });
  });

  it("mark what there is, and nothing else", () => {
    const wrapped = toStruct({ value: { a: 1 }, secrets: [["b"], ["a", "c"]] });
    assert.deepEqual(fromStruct(wrapped), { value: { a: 1 }, secrets: [] });
  });

  it("make a whole list secret for a secret inside it", () => {
    const secrets: Path[] = [
      ["env", 0, "value"],
      ["data", "a"],
    ];
    assert.deepEqual(outsideLists(secrets), [["env"], ["data", "a"]]);
  });

  it("are empty when the engine sends none", () => {
    assert.deepEqual(fromStruct(undefined), { value: {}, secrets: [] });
  });
});
