// What a review and the doctor do with many entries takes time that grows with them, and not with their square.
// Does not prove how long a command takes: npm run bench measures that.
import assert from "node:assert/strict";
import { parseConfig } from "../../../model";
import { letIn } from "../../../model/callers";
import { diffStacks, riskNotes } from "../../../model/diff";
import { diagnose, Snapshot, subjectOf } from "../../../model/doctor";
import { now, soundConfig } from "./config/sound-config";
import { FakeCluster } from "./doctor/cluster";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** What the cheapest of some runs takes of a processor, ms: other programs on the machine play no part in it. */
function cheapest(act: () => void): number {
  return Math.min(
    ...numbers(5).map(() => {
      const begun = process.cpuUsage();
      act();
      const { user, system } = process.cpuUsage(begun);
      return (user + system) / 1000;
    }),
  );
}

/** Sixteen times as much may take a hundred times as long, as memory has its price; its square would take 256 times. */
function assertGrows(few: number, prepare: (count: number) => () => void): void {
  const [some, many] = [few, 16 * few].map((count) => cheapest(prepare(count))) as [number, number];
  assert.ok(many < 100 * some + 100, `${few}: ${some.toFixed(1)} ms, ${16 * few}: ${many.toFixed(1)} ms`);
}

describe("with many entries", function () {
  this.timeout(120_000);

  it("a change's risks are told in time that grows with denied hosts, callers and rules", () => {
    const config = (count: number, isAfter: boolean) =>
      parseConfig(
        {
          ...soundConfig(),
          workloads: Object.fromEntries(
            numbers(count).map((index) => [`w-${index}`, { namespace: "test-app", image: "i" }]),
          ),
          destinations: Object.fromEntries(
            numbers(count).map((index) => [`d-${index}`, { hosts: [`h${index}.example`] }]),
          ),
          allow: isAfter ? numbers(count).map((index) => ({ from: `test-app/w-${index}`, to: `d-${index}` })) : [],
          deny: isAfter ? [] : numbers(count).map((index) => `h${index}.other.example`),
        },
        { now },
      );
    assertGrows(100, (count) => {
      const diff = diffStacks(config(count, false), config(count, true));
      return () => assert.ok(riskNotes(diff).length >= 2 * count);
    });
  });

  it("callers of guarded pods are told in time that grows with them, whatever label they have in common", () => {
    assertGrows(500, (count) => {
      const sources = numbers(count).map((index) => ({
        namespace: "m",
        selector: { app: `app-${index}`, tier: "web" },
        ports: [index + 1],
      }));
      return () => assert.equal(letIn(sources).length, count);
    });
  });

  it("the doctor looks at objects in time that grows with them and with rules", () => {
    assertGrows(20, (count) => {
      const cluster = new FakeCluster({
        admission: { mode: "warn" },
        workloads: Object.fromEntries(
          numbers(count).map((index) => [`w-${index}`, { namespace: "test-app", image: "i", port: 8080 }]),
        ),
        destinations: Object.fromEntries(numbers(10).map((index) => [`d-${index}`, { hosts: [`h${index}.example`] }])),
        allow: numbers(10 * count).map((index) => ({
          from: `test-app/w-${index % count}`,
          to: `d-${Math.floor(index / count)}`,
        })),
        deny: [],
      });
      for (const index of numbers(5 * count)) {
        cluster.add("v1", "Service", `test-app/s-${index}`, { spec: { type: "ClusterIP" } });
      }
      const { objects, resources, apiVersions, serverVersion } = cluster;
      const data = { objects, resources, apiVersions, serverVersion, refused: [], takenAt: "2026-11-22T12:00:00Z" };
      const subject = subjectOf("test", cluster.config);
      return () => void diagnose(subject, new Snapshot(data));
    });
  });
});
