// Arguments that no component has, as a program in JavaScript may have them: each is refused, whatever else is given, with
// the name that was meant. Does not prove anything of the compiler, which finds most of them in TypeScript.
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import * as everything from "../../../components";
import { GkeCluster } from "../../../components/gke";
import { ArgumentError, parseConfig } from "../../../model";
import { soundGke } from "../model/gke/gke-config";
import { labConfig, RecordingEngine, today } from "./register";
import { Make, parts, sound } from "./sound-arguments";

const { EgressDestination, EgressNamespace, existingMesh, Platform } = everything;

describe("an argument that a component does not have", () => {
  let count = 0;
  let components: [string, Make, Record<string, unknown>][];

  beforeEach(async () => {
    await new RecordingEngine().use();
    const { cluster } = parseConfig({ cluster: soundGke }, { now: today });
    const others: [string, Make, object][] = [
      ["Platform", (name, args) => new Platform(name, args), { config: labConfig(), secretKeys: ["workloads"] }],
      [
        "GkeCluster",
        (name, args) => new GkeCluster(name, args),
        { gke: cluster, externalPorts: [80], managedMesh: false },
      ],
    ];
    components = [...sound(parts()), ...others] as typeof components;
  });

  /** What is refused; nothing when it is made. */
  function refused(component: string, make: Make, args: unknown): Record<string, string> {
    const name = `it-${count++}`;
    try {
      make(name, args);
      return {};
    } catch (error) {
      assert.ok(error instanceof ArgumentError, String((error as Error).stack));
      assert.equal(error.of, `${component} "${name}"`);
      return Object.fromEntries(error.problems.map(({ argument, problem }) => [argument, problem]));
    }
  }

  it("is refused, in the place of any that it has and beside all of them, with the one that is near", () => {
    const seen = new Set<string>();
    for (const [component, make, args] of components) {
      seen.add(component);
      assert.deepEqual(refused(component, make, args), {}, component);
      for (const [argument, value] of Object.entries(args)) {
        const misspelt = `${argument}x`;
        const { [argument]: _, ...others } = args;
        for (const given of [
          { ...others, [misspelt]: value },
          { ...args, [misspelt]: value },
        ]) {
          const problem = refused(component, make, given)[misspelt];
          assert.match(
            String(problem),
            new RegExp(`^Unknown argument; allowed: .+; fix: did you mean "${argument}"\\?$`),
          );
        }
      }
    }
    const exported = Object.entries({ ...everything, GkeCluster }).flatMap(([name, value]) =>
      typeof value === "function" && value.prototype instanceof pulumi.ComponentResource ? [name] : [],
    );
    assert.deepEqual([...seen].sort(), exported.sort());
  });

  it("is not there with undefined behind it, and is with null", () => {
    for (const [component, make, args] of components) {
      assert.deepEqual(refused(component, make, { ...args, hostt: undefined }), {}, component);
      assert.deepEqual(Object.keys(refused(component, make, { ...args, hostt: null })), ["hostt"], component);
      assert.deepEqual(
        Object.keys(refused(component, make, { ...args, hostt: pulumi.output(1) })),
        ["hostt"],
        component,
      );
    }
  });

  it("is told as what it is, where it is an option of resources; as an option it is taken", () => {
    for (const [component, make, args] of components) {
      const problem = refused(component, make, { ...args, dependsOn: [], parent: undefined }).dependsOn;
      assert.match(
        String(problem),
        /^It is an option of resources, and no argument; fix: put it into the third argument/,
      );
    }
    const args = { mesh: existingMesh(), guardedNamespaces: ["shop"] };
    assert.doesNotThrow(
      () => new EgressNamespace("with-options", args, { dependsOn: [], aliases: [{ name: "old" }], protect: false }),
    );
  });

  it("is said beside what is missing in its place, and beside all that is wrong otherwise", () => {
    const { gateway } = parts();
    const problems = refused("EgressDestination", (name, args) => new EgressDestination(name, args), {
      gateway,
      destination: "stripe",
      host: ["api.stripe.com"],
      protocols: ["tls"],
    });
    assert.deepEqual(Object.keys(problems).sort(), ["host", "hosts", "protocols[0]"]);
    assert.match(problems.host!, /fix: did you mean "hosts"\?$/);
  });

  it("has a fix that works where nothing is near", () => {
    for (const [component, make, args] of components) {
      assert.match(refused(component, make, { ...args, quux: 1 }).quux!, /; fix: remove it$/, component);
    }
  });

  it("is refused in what is told of a mesh, which would be another one than it is", () => {
    const make = (traits: object) =>
      refused("EgressNamespace", (name, args) => new EgressNamespace(name, args), {
        mesh: existingMesh(traits),
        guardedNamespaces: ["shop"],
      });
    assert.match(make({ revison: "1-31" })["mesh.revison"]!, /fix: did you mean "revision"\?$/);
    assert.match(make({ controlPlane: { namespce: "x" } })["mesh.controlPlane.namespce"]!, /"namespace"\?$/);
    assert.deepEqual(make({ revision: "1-31", controlPlane: { namespace: "x" } }), {});
  });
});
