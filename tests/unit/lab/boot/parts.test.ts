// The parts of the lab fit together as data. Does not prove: that any of them runs.
import assert from "node:assert/strict";
import { Part } from "../../../../lab/boot/boot-plan";
import { clusterDns } from "../../../../lab/boot/parts/cluster-dns";
import { containerRuntime } from "../../../../lab/boot/parts/containerd";
import { controlPlane } from "../../../../lab/boot/parts/control-plane";
import { networkPolicies } from "../../../../lab/boot/parts/network-policies";
import { node } from "../../../../lab/boot/parts/node";
import { world } from "../../../../lab/boot/parts/world";

const tool = (name: string): string => `/tools/${name}`;
const parts: Part[] = [
  ...controlPlane(tool),
  ...containerRuntime(),
  ...node(tool),
  ...networkPolicies("/netpol.js"),
  ...clusterDns(tool),
  ...world(tool, "/outside.js"),
];

describe("the lab's parts", () => {
  it("have names of their own", () => {
    assert.equal(new Set(parts.map((part) => part.name)).size, parts.length);
  });

  it("need only parts that there are, and can be put in an order", () => {
    const started = new Set<string>();
    for (let left = parts; left.length > 0;) {
      const next = left.filter((part) => part.after.every((need) => started.has(need)));
      assert.notEqual(
        next.length,
        0,
        `in a circle, or in need of what is not there: ${left.map((part) => part.name).join(", ")}`,
      );
      next.forEach((part) => started.add(part.name));
      left = left.filter((part) => !started.has(part.name));
    }
  });

  it("run in the outside's network only when they play the outside", () => {
    const outside = parts.filter((part) => part.network === "outside").map((part) => part.name);
    assert.deepEqual(outside, ["outside", "outside-dns"]);
  });
});
