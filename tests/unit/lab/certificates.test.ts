// Does not prove that the Go programs of the control plane accept these files: only Node's TLS and openssl read them here.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as crypto from "node:crypto";
import * as fs from "node:fs/promises";
import { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import * as tls from "node:tls";
import {
  Authority,
  CertificatePair,
  createAuthority,
  createKeyPair,
  issueCertificate,
  loadAuthority,
  loadOrCreateAuthority,
} from "../../../lab/certificates";

const openssl = spawnSync("openssl", ["version"]).status === 0;

describe("lab/certificates", () => {
  let authority: Authority;
  let folder: string;

  before(async () => {
    authority = await createAuthority("Test CA");
  });
  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "certificates-"));
  });
  afterEach(() => fs.rm(folder, { recursive: true }));

  it("makes an authority that signs itself and may sign others", () => {
    const certificate = new crypto.X509Certificate(authority.certificatePem);
    assert.equal(certificate.subject, "CN=Test CA");
    assert.equal(certificate.ca, true);
    assert.equal(certificate.verify(certificate.publicKey), true);
    assert.equal(certificate.checkPrivateKey(crypto.createPrivateKey(authority.privateKeyPem)), true);
  });

  it("puts names, addresses, organization and term into a certificate", async () => {
    const pair = await issueCertificate(authority, {
      commonName: "system:node:one",
      organization: "system:nodes",
      dnsNames: ["localhost", "*.wild.example"],
      addresses: ["10.96.0.1", "::1"],
      days: 2,
    });
    const certificate = new crypto.X509Certificate(pair.certificatePem);
    assert.equal(certificate.subject, "O=system:nodes\nCN=system:node:one");
    assert.equal(certificate.issuer, "CN=Test CA");
    assert.equal(certificate.ca, false);
    assert.equal(
      certificate.subjectAltName,
      "DNS:localhost, DNS:*.wild.example, IP Address:10.96.0.1, IP Address:0:0:0:0:0:0:0:1",
    );
    assert.equal(certificate.verify(crypto.createPublicKey(authority.certificatePem)), true);
    const hours = (date: string): number => (Date.parse(date) - Date.now()) / 3_600_000;
    assert.ok(Math.abs(hours(certificate.validFrom) + 1) < 0.1, certificate.validFrom);
    assert.ok(Math.abs(hours(certificate.validTo) - 48) < 0.1, certificate.validTo);
  });

  it("gives every certificate a serial of its own, positive and at most 16 bytes", async () => {
    const pairs = await Promise.all([1, 2, 3, 4].map(() => issueCertificate(authority, { commonName: "x" })));
    const serials = pairs.map(({ certificatePem }) => new crypto.X509Certificate(certificatePem).serialNumber);
    assert.equal(new Set(serials).size, 4);
    for (const serial of serials) assert.match(serial, /^[4-7][0-9A-F]{31}$/);
  });

  it("marks what a certificate is for: a server, a client, or both", async () => {
    const usages = async (kind: { client?: boolean; server?: boolean }): Promise<string[] | undefined> => {
      const { certificatePem } = await issueCertificate(authority, { commonName: "x", ...kind });
      return new crypto.X509Certificate(certificatePem).keyUsage;
    };
    const [server, client] = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];
    assert.deepEqual(await usages({}), [server]);
    assert.deepEqual(await usages({ client: true }), [client]);
    assert.deepEqual(await usages({ client: true, server: true }), [server, client]);
  });

  describe("in a mutual TLS handshake", () => {
    let server: CertificatePair;
    let client: CertificatePair;

    before(async () => {
      server = await issueCertificate(authority, {
        commonName: "server",
        dnsNames: ["good.example"],
        addresses: ["127.0.0.1"],
      });
      client = await issueCertificate(authority, { commonName: "admin", client: true });
    });

    it("is accepted for its names and its addresses", async () => {
      assert.equal(await handshake(authority, server, client, { servername: "good.example" }), "admin");
      assert.equal(await handshake(authority, server, client, {}), "admin");
    });

    it("is refused for another name, by another authority, and as a client when it is a server's", async () => {
      await assert.rejects(handshake(authority, server, client, { servername: "bad.example" }), {
        code: "ERR_TLS_CERT_ALTNAME_INVALID",
      });
      const stranger = await createAuthority("Test CA");
      await assert.rejects(handshake(stranger, server, client, { servername: "good.example" }));
      await assert.rejects(handshake(authority, server, server, { servername: "good.example" }));
    });
  });

  it("satisfies openssl, for its purpose and its names", async function () {
    if (!openssl) this.skip();
    const { certificatePem, privateKeyPem } = await issueCertificate(authority, {
      commonName: "server",
      dnsNames: ["good.example"],
    });
    const [ca, certificate, key] = ["ca.crt", "server.crt", "server.key"].map((name) => path.join(folder, name));
    await Promise.all([
      fs.writeFile(ca!, authority.certificatePem),
      fs.writeFile(certificate!, certificatePem),
      fs.writeFile(key!, privateKeyPem),
    ]);
    const verify = (...options: string[]): string => {
      const run = spawnSync("openssl", ["verify", "-x509_strict", "-CAfile", ca!, ...options, certificate!]);
      return `${run.status} ${run.stdout.toString()}${run.stderr.toString()}`;
    };
    assert.match(verify("-purpose", "sslserver", "-verify_hostname", "good.example"), /^0 .*OK/);
    assert.match(verify("-purpose", "sslclient"), /^2 [^]*(unsuitable|unsupported) certificate purpose/);
    assert.match(verify("-verify_hostname", "bad.example"), /^2 [^]*ostname mismatch/);
    assert.equal(spawnSync("openssl", ["pkey", "-in", key!, "-check", "-noout"]).status, 0);
  });

  it("makes a service-account key that signs what its public half checks", async () => {
    const { privateKeyPem, publicKeyPem } = await createKeyPair();
    assert.match(privateKeyPem, /^-----BEGIN PRIVATE KEY-----\n/);
    assert.match(publicKeyPem, /^-----BEGIN PUBLIC KEY-----\n/);
    const token = Buffer.from("token");
    const signature = crypto.sign("RSA-SHA256", token, privateKeyPem);
    assert.equal(crypto.verify("RSA-SHA256", token, publicKeyPem, signature), true);
    assert.equal(crypto.createPublicKey(publicKeyPem).asymmetricKeyDetails?.modulusLength, 2048);
  });

  describe("loadOrCreateAuthority", () => {
    it("makes the files once, the key readable by its owner alone, and reads them afterwards", async () => {
      const pki = path.join(folder, "deep", "pki");
      const made = await loadOrCreateAuthority(pki, "Test CA");
      assert.deepEqual((await fs.readdir(pki)).sort(), ["ca.crt", "ca.key"]);
      assert.equal((await fs.stat(path.join(pki, "ca.key"))).mode & 0o777, 0o600);
      assert.deepEqual(await loadOrCreateAuthority(pki, "another name"), made);
      assert.deepEqual(await loadAuthority(pki), made);
    });

    it("makes a new pair when one file is missing", async () => {
      const made = await loadOrCreateAuthority(folder, "Test CA");
      await fs.rm(path.join(folder, "ca.key"));
      const again = await loadOrCreateAuthority(folder, "Test CA");
      assert.notEqual(again.certificatePem, made.certificatePem);
      assert.deepEqual(await loadAuthority(folder), again);
    });

    it("refuses a key that is not the certificate's", async () => {
      await loadOrCreateAuthority(folder, "Test CA");
      await fs.writeFile(path.join(folder, "ca.key"), authority.privateKeyPem);
      await assert.rejects(
        loadOrCreateAuthority(folder, "Test CA"),
        /ca\.key is not the key of .*ca\.crt: remove both/,
      );
    });
  });
});

/** The client's common name as the server sees it after a handshake over loopback; rejects when either side refuses. */
async function handshake(
  trusted: Authority,
  server: CertificatePair,
  client: CertificatePair,
  options: { servername?: string },
): Promise<string> {
  const listener = tls.createServer(
    { cert: server.certificatePem, key: server.privateKeyPem, ca: trusted.certificatePem, requestCert: true },
    (socket) => socket.end(socket.getPeerCertificate().subject.CN),
  );
  listener.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  try {
    return await new Promise<string>((resolve, reject) => {
      const { port } = listener.address() as AddressInfo;
      const { certificatePem: cert, privateKeyPem: key } = client;
      const socket = tls.connect({ host: "127.0.0.1", port, ca: trusted.certificatePem, cert, key, ...options });
      socket.on("data", (data) => resolve(data.toString()));
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("closed before the server answered")));
    });
  } finally {
    listener.close();
  }
}
