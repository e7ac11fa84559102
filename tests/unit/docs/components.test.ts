// docs/components.md lists the components that there are, and shows an error as it is printed.
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import * as components from "../../../components";
import { GkeCluster } from "../../../components/gke";
import { RecordingEngine } from "../components/register";
import { parts } from "../components/sound-arguments";

const page = readFileSync(path.join(__dirname, "../../../docs/components.md"), "utf8");

describe("docs/components.md", () => {
  it("lists every component", () => {
    const exported = Object.entries({ ...components, GkeCluster }).flatMap(([name, value]) =>
      typeof value === "function" && value.prototype instanceof pulumi.ComponentResource ? [name] : [],
    );
    const listed = [...page.matchAll(/^\| `([A-Za-z]+)` +\|/gm)].map(([, name]) => name!);
    assert.deepEqual(listed.sort(), exported.sort());
  });

  it("shows what is said of an argument that there is not", async () => {
    await new RecordingEngine().use();
    const { gateway } = parts();
    const args = { gateway, destination: "stripe", host: ["api.stripe.com"] };
    assert.throws(
      () => new components.EgressDestination("stripe", args),
      ({ message }: Error) => page.includes(`\n${message}\n`),
    );
  });
});
