// `egress doctor lab` on the running stack: nothing is found on it as it was applied; then fourteen faults are, each beside
// a healthy twin of its kind that is not; and nothing is again, when each has been mended as doctor says.
// Does not prove: faults of a kind that the lab has not, as a node's cache of names; the unit tests play those.
import assert from "node:assert/strict";
import { beforeAdmission } from "./support/admission";
import { apply, egress, inLab, kubectl } from "./support/commands";
import { clusterObjects, difference } from "./support/objects";
import { until } from "./support/until";

interface Finding {
  check: string;
  severity: string;
  object: string;
  evidence: string[];
  commands: string[];
}

interface Report {
  findings: Finding[];
  notChecked: object[];
  information: string[];
}

const inShop = { namespace: "test-app" };
const image = { image: "lab.istio-egress.local/workload:1", imagePullPolicy: "IfNotPresent" };

function pod(name: string, metadata: object, spec: object = {}): { metadata: object; spec: object } {
  return { metadata, spec: { terminationGracePeriodSeconds: 1, containers: [{ name, ...image }], ...spec } };
}

function barePod(name: string, metadata: object, spec: object = {}): void {
  const made = pod(name, { name, ...inShop, ...metadata }, spec);
  apply({ apiVersion: "v1", kind: "Pod", ...made });
}

function deployment(name: string, labels: object, annotations: object = {}, spec: object = {}): void {
  const template = pod(name, { labels, annotations }, spec);
  const whole = { selector: { matchLabels: labels }, template };
  apply({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, ...inShop }, spec: whole });
}

function networkPolicy(name: string, egressRule: object): void {
  const spec = { podSelector: {}, policyTypes: ["Egress"], egress: [egressRule] };
  apply({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, ...inShop }, spec });
}

function ofIstio(kind: string, namespace: string, name: string, spec: object): void {
  apply({ apiVersion: "networking.istio.io/v1", kind, metadata: { name, namespace }, spec });
}

function service(name: string, type: string): void {
  apply({ apiVersion: "v1", kind: "Service", metadata: { name, ...inShop }, spec: { type, ports: [{ port: 80 }] } });
}

const policies = "authorizationpolicies.security.istio.io";
const inGateways = "--namespace=istio-egress";
const claimsAppA = { workloadSelector: { labels: { app: "app-a" } }, egress: [{ hosts: ["*/*"] }] };

/** A fault, what is found of it, and a healthy thing of its kind, which is there all the while. */
interface Fault {
  make: () => void;
  found: string[];
  twin?: () => void;
  /** Where the fix is in somebody's manifest, and no command mends it. */
  undo?: () => void;
}

const faults: Record<string, Fault> = {
  "a pod with an older sidecar than the control plane": {
    make: () =>
      barePod("pinned", { annotations: { "sidecar.istio.io/proxyImage": "lab.istio-egress.local/proxyv2:1.30.0" } }),
    found: ["warning admission Pod test-app/pinned", "warning sidecars Pod test-app/pinned"],
  },
  "pods with a workload's labels, and another account, that ask a resolver which is not opened": {
    make: () => {
      const asking = { dnsPolicy: "None", dnsConfig: { nameservers: ["10.7.7.7"] } };
      barePod("impostor", { labels: { app: "app-b" } }, asking);
    },
    found: [
      "breaks-workload dns Pod test-app/impostor",
      "breaks-workload workloads Pod test-app/impostor",
      "warning admission Pod test-app/impostor",
    ],
    undo: () => kubectl("delete", "pod", "impostor", "--namespace=test-app", "--wait=true"),
    twin: () => {
      const settings = { serviceAccountName: "app-b", dnsConfig: { options: [{ name: "ndots", value: "2" }] } };
      const annotations = { "sidecar.istio.io/logLevel": "warning" };
      deployment("till", { app: "app-b", tier: "till" }, annotations, settings);
    },
  },
  "a namespace that asks for no sidecars": {
    make: () => kubectl("label", "namespace", "test-app", "istio-injection=disabled", "--overwrite"),
    found: ["breaks-guard namespaces Namespace test-app", "breaks-workload injection Namespace test-app"],
  },
  "a Deployment without sidecars": {
    make: () => {
      deployment("cart", { app: "cart" });
      kubectl("rollout", "status", "deployment/cart", "--namespace=test-app", "--timeout=240s");
    },
    found: ["breaks-guard sidecars Deployment test-app/cart"],
  },
  "a NetworkPolicy that opens everything": {
    make: () => networkPolicy("open", {}),
    found: ["breaks-guard network-policies NetworkPolicy test-app/open"],
    twin: () => networkPolicy("narrower", { to: [{ podSelector: {} }], ports: [{ port: 8080, protocol: "TCP" }] }),
  },
  "a second Sidecar for one pod": {
    make: () => ofIstio("Sidecar", "test-app", "mine", claimsAppA),
    found: ["breaks-guard sidecar-claims Sidecar test-app/mine"],
    twin: () => ofIstio("Sidecar", "default", "theirs", claimsAppA),
  },
  "a VirtualService that names the gateway": {
    make: () => {
      const http = [{ route: [{ destination: { host: "cnn.com" } }] }];
      ofIstio("VirtualService", "default", "steal", {
        hosts: ["github.com"],
        gateways: ["istio-egress/egress-gateway"],
        http,
      });
    },
    found: ["warning istio-objects VirtualService default/steal"],
    twin: () => {
      const http = [{ route: [{ destination: { host: "app-b" } }] }];
      ofIstio("VirtualService", "test-app", "canary", { hosts: ["canary"], http });
    },
  },
  "Pod Security that refuses istio-init": {
    make: () => kubectl("label", "namespace", "istio-workload", "pod-security.kubernetes.io/enforce=baseline"),
    found: ["breaks-workload pod-security Namespace istio-workload"],
    twin: () => kubectl("label", "namespace", "test-app", "pod-security.kubernetes.io/warn=restricted"),
  },
  "a gateway without a ready pod": {
    make: () => kubectl("scale", "deployment/egress-gateway", inGateways, "--replicas=0"),
    found: ["breaks-workload gateways Deployment istio-egress/egress-gateway"],
  },
  "a workload without a pod": {
    make: () => kubectl("scale", "deployment/hammer", "--namespace=istio-workload", "--replicas=0"),
    found: ["warning drift Deployment istio-workload/hammer", "warning workloads workload istio-workload/hammer"],
  },
  "a Service that is older than the rule against it": {
    make: () => service("door", "NodePort"),
    found: ["warning admission Service test-app/door", "warning ingress Service test-app/door"],
    undo: () => kubectl("delete", "service", "door", "--namespace=test-app"),
    twin: () => service("hall", "ClusterIP"),
  },
  "a kind that the API server has no more": {
    make: () => kubectl("delete", "customresourcedefinition", "telemetries.telemetry.istio.io", "--wait=true"),
    found: ["breaks-workload kinds Telemetry (telemetry.istio.io/v1)"],
  },
  "a policy that somebody has widened": {
    make: () => {
      const widened = JSON.stringify([{ op: "add", path: "/spec/rules/-", value: {} }]);
      kubectl("patch", policies, "allow-github", inGateways, "--type=json", `--patch=${widened}`);
    },
    found: ["breaks-guard drift AuthorizationPolicy istio-egress/allow-github"],
    twin: () => kubectl("annotate", policies, "allow-google", inGateways, "team.example/reviewed=2026-11"),
  },
  "a policy that somebody has deleted": {
    make: () => kubectl("delete", policies, "egress-gateway-denies-the-rest", inGateways),
    found: ["breaks-guard drift AuthorizationPolicy istio-egress/egress-gateway-denies-the-rest"],
  },
};

const order = ["breaks-guard", "breaks-workload", "unchecked", "warning"];
const prefix = "npx egress lab shell -- ";

function doctor(): { exitCode: number; report: Report } {
  const { exitCode, stdout, stderr } = egress(["doctor", "lab", "--json"]);
  assert.equal(stderr, "");
  return { exitCode, report: JSON.parse(stdout) as Report };
}

function found(): string[] {
  return doctor().report.findings.map(short).sort();
}

function short({ severity, check, object }: Finding): string {
  return `${severity} ${check} ${object}`;
}

/** Runs a command that doctor gave, as whoever has said yes to Pulumi's question. */
function mend(command: string): void {
  assert.ok(command.startsWith(prefix), command);
  const bare = command.slice(prefix.length).replace("pulumi up ", "pulumi up --yes --skip-preview ");
  const { exitCode, stdout, stderr } = inLab(["sh", "-c", bare], { seconds: 600 });
  assert.equal(exitCode, 0, `${command}: ${stdout}${stderr}`);
}

function removeTwins(): void {
  kubectl("delete", "deployment/till", "deployment/cart", "--namespace=test-app", "--ignore-not-found", "--wait=true");
  kubectl("delete", "service/hall", "--namespace=test-app", "--ignore-not-found");
  kubectl("delete", "networkpolicies.networking.k8s.io/narrower", "--namespace=test-app", "--ignore-not-found");
  kubectl("delete", "virtualservices.networking.istio.io/canary", "--namespace=test-app", "--ignore-not-found");
  kubectl("delete", "sidecars.networking.istio.io/theirs", "--namespace=default", "--ignore-not-found");
  kubectl("annotate", policies, "allow-google", inGateways, "team.example/reviewed-");
  for (const namespace of ["test-app", "istio-workload"]) {
    const levels = ["enforce", "warn"].map((mode) => `pod-security.kubernetes.io/${mode}-`);
    kubectl("label", "namespace", namespace, ...levels);
  }
}

describe("egress doctor lab", function () {
  this.timeout(900_000);
  let before: string[];
  let findings: Finding[];
  const commands = () => [...new Set(findings.flatMap((finding) => finding.commands))];

  it("finds nothing on the stack as it was applied, and has run every check", () => {
    before = clusterObjects();
    const { exitCode, report } = doctor();
    assert.deepEqual([report.findings, report.notChecked, exitCode], [[], [], 0]);
    assert.match(report.information.join(), /plugin/);
  });

  it("finds each of fourteen faults, worst first, and none of what is healthy beside them", async () => {
    const all = Object.values(faults);
    await beforeAdmission(() => {
      all.forEach(({ twin }) => twin?.());
      kubectl("rollout", "status", "deployment/till", "--namespace=test-app", "--timeout=240s");
      all.forEach(({ make }) => make());
    });
    await until("the pods of what was scaled down are gone", 180, () => {
      const left = (namespace: string) => kubectl("get", "pods", `--namespace=${namespace}`, "--output=name").trim();
      return left("istio-egress") === "" && left("istio-workload") === "";
    });
    const { exitCode, report } = doctor();
    findings = report.findings;
    assert.equal(exitCode, 1);
    assert.deepEqual(findings.map(short).sort(), all.flatMap((fault) => fault.found).sort());
    const severities = findings.map(({ severity }) => order.indexOf(severity));
    assert.deepEqual(severities, [...severities].sort());
    const patched = findings.find(({ object }) => object.endsWith("/allow-github"))!;
    assert.match(patched.evidence.join(), /spec\.rules\[\d\]: planned absent, live \{\}, written by kubectl-patch/);
  });

  it("finds what is left, when the faults that kubectl mends are mended as it says", async () => {
    commands()
      .filter((command) => command.startsWith(`${prefix}kubectl `))
      .forEach(mend);
    Object.values(faults).forEach(({ undo }) => undo?.());
    const left = Object.values(faults)
      .flatMap((fault) => fault.found)
      .filter((fault) => / drift AuthorizationPolicy /.test(fault));
    // The objects of the kind that was away are found now, as it is back.
    const telemetry = "breaks-workload drift Telemetry istio-egress/access-log";
    let now: string[] = [];
    await until("restarted pods are ready", 180, () => (now = found()).length <= left.length + 1);
    assert.deepEqual(now, [...left, telemetry].sort());
  });

  it("finds nothing when Pulumi has mended the rest, and the cluster is as before", async () => {
    const [forced, ...others] = commands().filter((command) => command.includes(" pulumi up "));
    assert.match(forced!, /PATCH_FORCE=true pulumi up --refresh --stack lab$/);
    assert.deepEqual(others, [`${prefix}pulumi up --refresh --stack lab`]);
    mend(forced!);
    // Without the force again, which Pulumi keeps in its state.
    mend(others[0]!);
    assert.deepEqual([found(), doctor().exitCode], [[], 0]);
    removeTwins();
    const changed = difference(before, clusterObjects()).filter(
      (line) => !/^[-+] (Pod|ReplicaSet|EndpointSlice|CustomResourceDefinition)\./.test(line),
    );
    assert.deepEqual(changed, []);
  });
});
