// What the doctor says of the certificates that gateways show to hosts, and what it keeps of Secrets.
// Does not prove: what a host makes of a certificate.
import assert from "node:assert/strict";
import { createAuthority, issueCertificate } from "../../../../lab/certificates";
import { parseConfig } from "../../../../model";
import { diagnose, readingsOf, Snapshot, subjectOf, withoutSecrets } from "../../../../model/doctor";

const takenAt = new Date().toISOString();

const config = (originate: object) =>
  parseConfig(
    {
      namespaces: { shop: {} },
      workloads: { orders: { namespace: "shop", image: "i" } },
      destinations: { billing: { hosts: ["api.billing.example"], originate } },
      allow: [{ from: "shop/orders", to: "billing" }],
    },
    { now: new Date() },
  );

const subject = subjectOf("dev", config({ clientCertificate: "billing-client" }));

function secret(data: Record<string, string>) {
  const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
  return withoutSecrets({
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: "billing-client",
      namespace: "istio-egress",
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(data) },
    },
    ...{ data: Object.fromEntries(encoded) as object },
  });
}

function found(...objects: ReturnType<typeof secret>[]) {
  const snapshot = new Snapshot({
    objects,
    resources: [],
    apiVersions: [],
    serverVersion: "v1.34.4",
    refused: [],
    takenAt,
  });
  return diagnose(subject, snapshot)
    .findings.filter(({ check }) => check === "client-certificates")
    .map(({ severity, problem }) => `${severity}: ${problem}`);
}

describe("the doctor and client certificates", () => {
  const issue = async (days?: number) => {
    const { certificatePem, privateKeyPem } = await issueCertificate(await createAuthority("Partner"), {
      commonName: "shop",
      client: true,
      ...(days === undefined ? {} : { days }),
    });
    return { "tls.crt": certificatePem, "tls.key": privateKeyPem };
  };

  it("reads Secrets of the gateways' namespace where one is shown, and nowhere else", () => {
    const reads = (of: typeof subject) => readingsOf(of).filter(({ resources }) => resources.includes("secrets"));
    assert.deepEqual(
      reads(subject).map(({ namespace }) => namespace),
      ["istio-egress"],
    );
    assert.deepEqual(reads(subjectOf("dev", config({}))), []);
  });

  it("keeps the certificate of a Secret, and neither its key nor what else is in it", async () => {
    const files = await issue();
    const kept = JSON.stringify(secret({ ...files, password: "hunter2" }));
    assert.match(kept, /BEGIN CERTIFICATE/);
    assert.match(kept, /"key":"of the certificate"/);
    assert.doesNotMatch(kept, /PRIVATE KEY|hunter2|aHVudGVyMg/);
    assert.doesNotMatch(JSON.stringify(secret({ "tls.crt": files["tls.key"] })), /PRIVATE KEY/);
    const other = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
    assert.equal(withoutSecrets(other), other);
  });

  it("finds nothing wrong with one that holds and has its key", async () => {
    assert.deepEqual(found(secret(await issue())), []);
  });

  it("finds one that is missing, has no key or another's, is none, has expired or is about to", async () => {
    const [sound, other] = [await issue(), await issue()];
    const cases: [objects: ReturnType<typeof secret>[], says: RegExp][] = [
      [[], /^breaks-workload: There is no such Secret/],
      [[secret({ "tls.crt": sound["tls.crt"] })], /^breaks-workload: It has no tls\.key/],
      [[secret({})], /^breaks-workload: It has no tls\.crt and no tls\.key/],
      [[secret({ ...sound, "tls.key": other["tls.key"] })], /^breaks-workload: Its tls\.key is the key of another/],
      [[secret({ ...sound, "tls.crt": "hello" })], /^breaks-workload: Its tls\.crt is no certificate/],
      [[secret({ ...sound, "tls.key": "hello" })], /^breaks-workload: Its tls\.key is no private key/],
      [[secret(await issue(-1 / 48))], /^breaks-workload: Its certificate has expired/],
      [[secret(await issue(10))], /^warning: Its certificate expires in less than 14 days/],
    ];
    for (const [objects, says] of cases) {
      const [first, ...more] = found(...objects);
      assert.match(first ?? "", says);
      assert.deepEqual(more, []);
    }
  });
});
