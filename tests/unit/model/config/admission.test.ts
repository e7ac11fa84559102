// Does not prove that an API server refuses what the configuration says: tests/lab/admission.test.ts does.
import assert from "node:assert/strict";
import { expiryProblems, expiryWarnings, parseConfig } from "../../../../model";
import { dueWarnings } from "../../../../model/config/expired";
import { now, soundConfig, soundExemption as exemption } from "./sound-config";
import { itRefuses } from "./refused";

const exempting = (change: object) => ({ admission: { exemptions: [{ ...exemption, ...change }] } });
const without = (...keys: string[]) =>
  Object.fromEntries(Object.entries(exemption).filter(([key]) => !keys.includes(key)));
const at = "admission.exemptions[0]";

const gke = {
  kind: "gke",
  project: "acme-prod",
  name: "prod",
  location: "europe-west1",
  authorizedNetworks: { deployers: "10.128.8.0/26" },
};

describe("admission in the configuration", () => {
  it("is off where nothing is said of it", () => {
    const { admission } = parseConfig(soundConfig(), { now });
    assert.equal(admission.mode, "off");
    assert.deepEqual(admission.platform, { users: [], groups: ["kubeadm:cluster-admins", "system:masters"] });
  });

  it("takes what is in order", () => {
    const admission = {
      mode: "deny",
      platform: { users: ["deployer@acme.example"], groups: ["platform@acme.example"] },
      registries: ["europe-west1-docker.pkg.dev/acme-prod", "docker.io/library", "localhost:5000", "example.com"],
      proxyImage: "docker.io/library/proxyv2",
      exec: "platform",
      audiences: ["https://vault.acme.example"],
      owners: { "test-app/app-a": { users: ["system:serviceaccount:argocd:controller"] } },
      exemptions: [
        exemption,
        { ...without("serviceAccount"), rule: "network-policies", object: "NetworkPolicy/ingress" },
        { ...without("serviceAccount"), rule: "network-policies", object: "CiliumNetworkPolicy/ingress" },
        { ...without("serviceAccount"), rule: "istio-objects", object: "HTTPRoute/web" },
        { ...without("serviceAccount"), rule: "ingresses", object: "ServiceExport/web" },
      ],
    };
    const read = parseConfig({ ...soundConfig(), admission }, { now }).admission;
    assert.deepEqual(read.owners, [
      { workload: "test-app/app-a", users: ["system:serviceaccount:argocd:controller"], groups: [] },
    ]);
    assert.deepEqual(
      read.exemptions.map(({ path, expires }) => [path, expires]),
      [4, 3, 2, 1, 0].map((index) => [`istio-egress:admission.exemptions[${index}]`, "2027-06-30"]),
    );
    assert.deepEqual(read.expired, []);
  });

  it("drops an exemption after its last day, and says so", () => {
    const config = parseConfig({ ...soundConfig(), ...exempting({ expires: "2026-11-21" }) }, { now });
    assert.deepEqual(config.admission.exemptions, []);
    assert.match(
      expiryWarnings(config).join("\n"),
      /admission\.exemptions\[0\] has expired: it let pods of ServiceAccount node-agent in test-app \(rule volumes\) pass until 2026-11-21 \(owner: team-node\)/,
    );
    const [problem] = expiryProblems(config, now);
    assert.equal(problem!.path, `istio-egress:${at}.expires`);
    const today = parseConfig({ ...soundConfig(), ...exempting({ expires: "2026-11-22" }) }, { now });
    assert.equal(today.admission.exemptions.length, 1);
    assert.match(dueWarnings(today, now)[0]!.problem, /node-agent in test-app \(rule volumes\) ends with today/);
  });

  describe("out of order", () => {
    itRefuses([
      ...["owner", "reason", "expires"].map((key) => ({
        what: `an exemption without ${key}`,
        change: { admission: { exemptions: [without(key)] } },
        at: [`${at}.${key}`],
        says: /Required, but missing/,
      })),
      {
        what: "an exemption that ends on no day",
        change: exempting({ expires: "2027-02-30" }),
        at: [`${at}.expires`],
        says: /No such day/,
      },
      {
        what: "an exemption for a whole namespace",
        change: { admission: { exemptions: [without("serviceAccount")] } },
        at: [`${at}.serviceAccount`],
        says: /the exemption would be for the whole namespace/,
      },
      {
        what: "an exemption for any pod of a namespace",
        change: exempting({ serviceAccount: "default" }),
        at: [`${at}.serviceAccount`],
        says: /Any pod of the namespace may run under this ServiceAccount/,
      },
      {
        what: "an exemption for a pattern",
        change: exempting({ serviceAccount: "node-*" }),
        at: [`${at}.serviceAccount`],
        says: /no pattern/,
      },
      {
        what: "an exemption from a rule that has none",
        change: exempting({ rule: "identity" }),
        at: [`${at}.rule`],
        says: /Not a known value/,
      },
      {
        what: "an exemption of an object from a rule about pods",
        change: exempting({ object: "Pod/a" }),
        at: [`${at}.object`],
        says: /told by their ServiceAccount/,
      },
      {
        what: "an exemption of another kind of object",
        change: { admission: { exemptions: [{ ...without("serviceAccount"), rule: "services", object: "Pod/a" }] } },
        at: [`${at}.object`],
        says: /one of Service with its name, as Service\/web/,
      },
      {
        what: "an exemption for a NetworkPolicy of the stack's own",
        change: {
          admission: {
            exemptions: [
              { ...without("serviceAccount"), rule: "network-policies", object: "NetworkPolicy/egress-to-dns" },
            ],
          },
        },
        at: [`${at}.object`],
        says: /the stack's own/,
      },
      ...[" ", "\n"].flatMap((blank) =>
        ["owner", "reason"].map((key) => ({
          what: `an exemption whose ${key} is ${JSON.stringify(blank)}`,
          change: exempting({ [key]: blank }),
          at: [`${at}.${key}`],
          says: /Must not be empty/,
        })),
      ),
      ...["Pod/web", "Gatewy/web", "NetworkPolicy/web"].map((object) => ({
        what: `an exemption from the rule about Istio's objects for ${object}`,
        change: { admission: { exemptions: [{ ...without("serviceAccount"), rule: "istio-objects", object }] } },
        at: [`${at}.object`],
        says: /one of AuthorizationPolicy, .* with its name, as Telemetry\/web/,
      })),
      {
        what: "an exemption for a policy that only opens ways out",
        change: {
          admission: {
            exemptions: [{ ...without("serviceAccount"), rule: "network-policies", object: "FQDNNetworkPolicy/web" }],
          },
        },
        at: [`${at}.object`],
        says: /one of CiliumNetworkPolicy, NetworkPolicy with its name/,
      },
      {
        what: "an exemption in a namespace that is not guarded",
        change: exempting({ namespace: "test-ap" }),
        at: [`${at}.namespace`],
        says: /did you mean "test-app"/,
      },
      ...[
        ["example.com/*", /write "example\.com"/],
        ["*.example.com", /a wildcard is no part of a name/],
        ["https://example.com", /write "example\.com"/],
        ["example.com/", /write "example\.com"/],
        ["library", /a name on Docker Hub/],
        ["example.com/App", /Not the name of a registry/],
        ["example..com", /Not the name of a registry/],
        ["example.com:99999", /Not the name of a registry/],
        ["index.docker.io/acme", /write "docker\.io\/acme"/],
        ["registry-1.docker.io", /write "docker\.io"/],
      ].map(([registry, says]) => ({
        what: `the registry ${registry as string}`,
        change: { admission: { registries: [registry] } },
        at: ["admission.registries[0]"],
        says: says as RegExp,
      })),
      {
        what: "an image of a workload that no registry has",
        change: { admission: { registries: ["registry.example.com"] } },
        at: ["workloads.hammer.image", "workloads.app-a.image"],
        says: /so its pods would be refused/,
      },
      {
        what: "a sidecar's image that no registry has",
        change: { admission: { registries: ["example.com"], proxyImage: "docker.io/istio/proxyv2" } },
        at: ["admission.registries"],
        says: /add docker\.io\/istio/,
      },
      {
        what: "a sidecar's image with its tag",
        change: { admission: { proxyImage: "docker.io/istio/proxyv2:1.31.1" } },
        at: ["admission.proxyImage"],
        says: /write "docker\.io\/istio\/proxyv2"/,
      },
      ...["istio-ca", "acme-prod.svc.id.goog", "https://*.example.com"].map((audience) => ({
        what: `tokens for ${audience}`,
        change: { admission: { audiences: [audience] } },
        at: ["admission.audiences[0]"],
        says: /is the workload to every gateway|A pattern is taken for an audience of that very name/,
      })),
      {
        what: "a platform that everybody is",
        change: { admission: { platform: { groups: ["system:authenticated"] } } },
        at: ["admission.platform.groups[0]"],
        says: /Tenants are in this group/,
      },
      {
        what: "a platform that a tenant can act as",
        change: { admission: { platform: { users: ["system:serviceaccount:test-app:deployer"] } } },
        at: ["admission.platform.users[0]"],
        says: /Whoever has edit in test-app/,
      },
      ...["system:anonymous", "system:node:worker-1"].map((user) => ({
        what: `${user} for the platform`,
        change: { admission: { platform: { users: [user] } } },
        at: ["admission.platform.users[0]"],
        says: /Whoever shows no credentials, and every node/,
      })),
      ...["system:serviceaccount:argocd", "system:serviceaccount:argocd:a:b", "serviceaccount:argocd:a"].map(
        (user) => ({
          what: `the ServiceAccount ${user} for an owner`,
          change: { admission: { owners: { "test-app/app-a": { users: [user] } } } },
          at: ['admission.owners["test-app/app-a"].users[0]'],
          says: /Allowed: system:serviceaccount:<namespace>:<name>/,
        }),
      ),
      {
        what: "a platform that nobody is",
        change: { admission: { mode: "warn", platform: { users: [], groups: [] } } },
        at: ["admission.platform"],
        says: /Names nobody: .*kubectl auth whoami/s,
      },
      {
        what: "an owner that nobody is",
        change: { admission: { owners: { "test-app/app-a": {} } } },
        at: ['admission.owners["test-app/app-a"]'],
        says: /Names nobody/,
      },
      {
        what: "an owner of a workload that is not there",
        change: { admission: { owners: { "test-app/app-b": { users: ["a"] } } } },
        at: ['admission.owners["test-app/app-b"]'],
        says: /did you mean "test-app\/app-a"/,
      },
      {
        what: "a stack on GKE that nobody could apply again",
        change: { cluster: gke, admission: { mode: "deny" } },
        at: ["admission.platform"],
        says: /kubectl auth whoami/,
      },
      {
        what: "a sidecar's configuration that a policy cannot read",
        change: {
          admission: { mode: "deny" },
          workloads: {
            "app-a": {
              namespace: "test-app",
              image: "example.com/app:1",
              pod: { metadata: { annotations: { "proxy.istio.io/config": "proxyStatsMatcher: {}" } } },
            },
          },
        },
        at: ['workloads.app-a.pod.metadata.annotations["proxy.istio.io/config"]'],
        says: /a key and a word in each line only/,
      },
    ]);
  });
});
