// What a program grants to a whole namespace of its Platform, by the state: the Platform's Sidecars know more than the stack's
// file has. Does not prove that a state has such parts: tests/lab/example.test.ts brings such a program up.
import assert from "node:assert/strict";
import { parseConfig, planDestination } from "../../../../model";
import { appliedIn, diagnose, subjectOf } from "../../../../model/doctor";
import { Snapshot } from "../../../../model/doctor/snapshot";
import { now, soundConfig } from "../config/sound-config";
import { FakeCluster, short } from "./cluster";

const program = "urn:pulumi:test::program::istio-egress:index";
const home = "istio-egress";

/** What the program's own destination is made of, granted to the namespace test-app. */
const own = planDestination({
  name: "time",
  hosts: ["time.example.com"],
  protocols: ["https"],
  gateway: { name: "egress-gateway", namespace: home },
  clients: [{ namespace: "test-app", everyServiceAccount: true }],
});

interface Told {
  /** Hosts of the gateways' namespace that the Sidecar app-a has on the cluster beside what the file grants. */
  live: string[];
  /** The same in the state. @default those on the cluster */
  inState?: string[];
  /** Whether the program's destination is in the state. @default true */
  isMade?: boolean;
}

/** What is found of a program whose Sidecar app-a knows these hosts. */
function found({ live, inState = live, isMade = true }: Told): string[] {
  const cluster = new FakeCluster();
  const sidecar = cluster.get("Sidecar", "app-a");
  const knows = (more: string[]) => ({
    ...sidecar.spec,
    egress: [{ hosts: [...sidecar.spec.egress[0].hosts, ...more.map((host) => `${home}/${host}`)] }],
  });
  const { apiVersion, kind, metadata } = sidecar;
  const inputs = { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace } };
  const platforms = `${program}:Platform$istio-egress:index:Workload$kubernetes:x:Sidecar::app-a`;
  const resources = [
    { urn: platforms, type: "x", inputs: { ...inputs, spec: knows(inState) } },
    ...(isMade ? own : []).map((manifest) => ({
      urn: `${program}:EgressDestination$kubernetes:x:${manifest.kind}::time`,
      type: "x",
      inputs: manifest,
    })),
  ];
  sidecar.spec = knows(live);
  for (const manifest of isMade ? own : []) {
    const by = [{ manager: "pulumi-kubernetes", operation: "Apply", time: "2026-11-20T08:00:00Z" }];
    cluster.objects.push({ ...manifest, metadata: { ...manifest.metadata, managedFields: by } });
  }
  const { objects, refused, resources: kinds, apiVersions, serverVersion } = cluster;
  const data = { objects, refused, resources: kinds, apiVersions, serverVersion, takenAt: "2026-11-22T12:00:00Z" };
  const applied = appliedIn({ deployment: { resources } });
  const subject = subjectOf("test", parseConfig(soundConfig(), { now }), applied);
  return diagnose(subject, new Snapshot(data)).findings.map(short);
}

describe("doctor, of what a program grants to a namespace of its Platform", () => {
  it("finds nothing in a Sidecar that knows a host of the program's", () => {
    assert.deepEqual(found({ live: ["time.example.com"] }), []);
  });

  const others: [string, Told][] = [
    ["a host that no destination of the program's has", { live: ["time.example.com", "other.example.com"] }],
    ["a host whose destination the program makes no more", { live: ["time.example.com"], isMade: false }],
    ["a host that the program has not told it", { live: ["time.example.com"], inState: [] }],
    ["less than what the program has told it", { live: [], inState: ["time.example.com"] }],
  ];
  for (const [what, told] of others) {
    it(`finds a Sidecar that knows ${what}`, () => {
      assert.ok(found(told).some((finding) => finding.includes("Sidecar test-app/app-a (drift)")));
    });
  }
});
