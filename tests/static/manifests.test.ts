// The Kubernetes objects of every stack, looked at by kubeconform, istioctl and checkov without a cluster.
// Does not prove: that an API server or istiod takes them, since rules in CEL and webhooks are not asked, nor anything
// about the objects that Helm charts make.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { Progress } from "../../lab/progress";
import { resolveSome } from "../../lab/tools/resolve";
import { DeadEnd } from "../preview/support/dead-end";
import { allStacks } from "../preview/support/stacks";
import { Checkov, prepareCheckov } from "./checkov/install";
import { prepareSchemas } from "./schemas/prepare";
import { plannedManifests, writeManifests } from "./support/manifests";
import { CheckovReport, runCheckov } from "./support/run-checkov";
import { analyze } from "./support/run-istioctl";
import { validate } from "./support/run-kubeconform";
import { summarize } from "./support/summary";
import { Finding, Waiver, weigh } from "./support/waivers";

describe("the manifests of all stacks", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-static-"));
  const stacks = allStacks().map(({ stack, config }) => ({ stack, manifests: plannedManifests(config) }));
  const counts = stacks.map(({ stack, manifests }) => `${stack} ${manifests.length}`).join(", ");
  let programs: { kubeconform: string; istioctl: string; checkov: Checkov; schemas: string };

  before(async () => {
    const progress = new Progress();
    const tools = await resolveSome(["istioctl", "kubeconform"], progress);
    programs = {
      kubeconform: tools.kubeconform.path,
      istioctl: tools.istioctl.path,
      checkov: await prepareCheckov(progress),
      schemas: await prepareSchemas(progress),
    };
    stacks.forEach(({ stack, manifests }) => writeManifests(manifests, path.join(folder, stack)));
  });

  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** All findings have to be waived, and all waivers needed. */
  function holds(tool: Waiver["tool"], findings: Finding[]): void {
    const { standing, waived, unneeded } = weigh(tool, findings);
    const rules = [...new Set(waived.map(({ rule }) => rule))].sort();
    summarize(tool, `manifests: ${counts}; waived: ${waived.length} findings of ${rules.join(", ") || "no rule"}`);
    assert.deepEqual(standing, [], "mend these, or waive them with a reason in tests/static/waivers.yaml");
    assert.deepEqual(unneeded, [], "these waivers in tests/static/waivers.yaml cover nothing any more");
  }

  it("are as the schemas of Kubernetes and of Istio's CRDs say, and no field is unknown to these", () => {
    for (const { stack, manifests } of stacks) {
      const { valid, invalid } = validate(programs.kubeconform, programs.schemas, path.join(folder, stack));
      assert.deepEqual(invalid, [], stack);
      assert.equal(valid, manifests.length, stack);
    }
    summarize("kubeconform", `manifests: ${counts}; strict, nothing waived`);
  });

  it("pass istioctl analyze", () => {
    holds(
      "istioctl",
      stacks.flatMap(({ stack }) => analyze(programs.istioctl, stack, path.join(folder, stack))),
    );
  });

  it("pass checkov's rules for Kubernetes, which ask nobody outside the machine", async () => {
    const deadEnd = await DeadEnd.open();
    const reports: CheckovReport[] = [];
    for (const { stack } of stacks) {
      reports.push(await runCheckov(programs.checkov, stack, path.join(folder, stack), deadEnd.environment));
    }
    await deadEnd.close();
    assert.deepEqual(deadEnd.asked, []);
    assert.deepEqual(
      reports.flatMap(({ unread }) => unread),
      [],
    );
    const passed = reports.reduce((sum, report) => sum + report.passed, 0);
    summarize("checkov", `checks passed: ${passed}`);
    holds(
      "checkov",
      reports.flatMap(({ findings }) => findings),
    );
  });

  describe("with a mistake in them", () => {
    const mistaken = path.join(folder, "mistaken");

    const write = (manifest: object): void => {
      fs.rmSync(mistaken, { recursive: true, force: true });
      fs.mkdirSync(mistaken);
      fs.writeFileSync(path.join(mistaken, "mistaken.yaml"), stringify(manifest));
    };
    const complaints = (manifest: object): string => {
      write(manifest);
      const { invalid } = validate(programs.kubeconform, programs.schemas, mistaken);
      return invalid.map(({ message }) => message).join();
    };

    it("fail kubeconform: a field that Kubernetes does not have, or of another type", () => {
      const service = (port: object) => ({
        ...{ apiVersion: "v1", kind: "Service", metadata: { name: "a" } },
        spec: { ports: [port] },
      });
      assert.equal(complaints(service({ port: 80, targetPort: "http" })), "");
      assert.match(complaints(service({ port: 80, prot: 80 })), /spec\/ports\/0.*additional properties 'prot'/);
      assert.match(complaints(service({ port: "80" })), /spec\/ports\/0\/port.*want integer/);
    });

    it("fail kubeconform: a field that Istio's CRD does not have, in spec or metadata, or a word it does not know", () => {
      const sidecar = (metadata: object, spec: object) => ({
        ...{ apiVersion: "networking.istio.io/v1", kind: "Sidecar" },
        ...{ metadata, spec },
      });
      const mode = (word: string) => ({ outboundTrafficPolicy: { mode: word } });
      assert.equal(complaints(sidecar({ name: "a" }, mode("REGISTRY_ONLY"))), "");
      assert.match(complaints(sidecar({ name: "a" }, { egres: [] })), /additional properties 'egres'/);
      assert.match(complaints(sidecar({ nam: "a" }, {})), /additional properties 'nam'/);
      assert.match(complaints(sidecar({ name: "a" }, mode("REGISTRY"))), /outboundTrafficPolicy\/mode/);
    });

    it("fail kubeconform: a kind that nobody defines", () => {
      const servic = { apiVersion: "v1", kind: "Servic", metadata: { name: "a" } };
      assert.match(complaints(servic), /could not find schema/);
    });

    it("fail istioctl: a reference to what is not there", () => {
      const route = { destination: { host: "x.example" } };
      write({
        ...{ apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: { name: "a", namespace: "b" } },
        spec: { hosts: ["x.example"], gateways: ["absent"], http: [{ route: [route] }] },
      });
      const findings = analyze(programs.istioctl, "mistaken", mistaken);
      assert.deepEqual(
        findings.filter(({ rule }) => rule === "IST0101").map(({ resource, text }) => `${resource} ${text}`),
        ['VirtualService.b.a Error: Referenced gateway not found: "absent"'],
      );
    });

    it("fail istioctl: a file that it cannot read", () => {
      write({ apiVersion: "networking.istio.io/v1", kind: "Sidecar", metadata: { name: "a" }, spec: "text" });
      assert.throws(() => analyze(programs.istioctl, "mistaken", mistaken), /nothing that can be read/);
    });

    it("fail checkov: a container with all rights", async () => {
      const container = { name: "a", image: "a:1", securityContext: { privileged: true } };
      const labels = { app: "a" };
      write({
        ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a", namespace: "b" } },
        spec: {
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [container] } },
        },
      });
      const { findings } = await runCheckov(programs.checkov, "mistaken", mistaken);
      const { standing } = weigh("checkov", findings);
      assert.ok(standing.some(({ rule, resource }) => rule === "CKV_K8S_16" && resource === "Deployment.b.a"));
    });
  });
});
