import "reflect-metadata";
import * as crypto from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import * as x509 from "@peculiar/x509";
import { LabError } from "./errors";

/** A certificate and its private key, both PEM; the key is PKCS #8, which Go, Envoy and Node read. */
export interface CertificatePair {
  certificatePem: string;
  privateKeyPem: string;
}

/** A self-signed certificate that may sign others, with its key. */
export type Authority = CertificatePair;

export interface CertificateRequest {
  /** Who holds the certificate; for Kubernetes' clients the user's name. */
  commonName: string;
  /** For Kubernetes' clients the user's group, such as `system:masters`. @default none */
  organization?: string;
  /** Host names of the server; may begin with `*.`. @default [] */
  dnsNames?: string[];
  /** IPv4 or IPv6 addresses of the server. @default [] */
  addresses?: string[];
  /** May authenticate as a client. @default false */
  client?: boolean;
  /** May authenticate as a server. @default true, unless `client` is true */
  server?: boolean;
  /** Days from now until it expires. @default 365 */
  days?: number;
}

export interface ServiceAccountKeyPair {
  /** PKCS #8, for `--service-account-signing-key-file`. */
  privateKeyPem: string;
  /** SubjectPublicKeyInfo, for `--service-account-key-file`. */
  publicKeyPem: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const authorityDays = 3650;
const hour = 3_600_000;
const day = 24 * hour;

/** Makes a new authority, valid for ten years from one hour ago. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: [{ CN: [commonName] }],
    ...validity(authorityDays),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return toPair(certificate, keys.privateKey);
}

/**
 * Reads the authority from `ca.crt` and `ca.key` of a folder.
 * @throws LabError when one of them is missing, or when the key is not the certificate's
 */
export async function loadAuthority(folder: string): Promise<Authority> {
  const authority = await readAuthority(folder);
  if (authority === undefined) throw new LabError(`There is no authority in ${folder}: it needs ca.crt and ca.key.`);
  return authority;
}

/**
 * The authority of a folder: read from `ca.crt` and `ca.key`, or made and written there (key mode 0600) when either
 * is missing. The certificate is written last, so that an interrupted call leaves nothing that looks complete.
 */
export async function loadOrCreateAuthority(folder: string, commonName: string): Promise<Authority> {
  const present = await readAuthority(folder);
  if (present !== undefined) return present;
  const authority = await createAuthority(commonName);
  const files = authorityFiles(folder);
  await fs.mkdir(folder, { recursive: true });
  await fs.rm(files.certificate, { force: true });
  await writeAtomically(files.key, authority.privateKeyPem, 0o600);
  await writeAtomically(files.certificate, authority.certificatePem, 0o644);
  return authority;
}

/** Makes a key and a certificate for it, signed by the authority and valid from one hour ago. */
export async function issueCertificate(authority: Authority, request: CertificateRequest): Promise<CertificatePair> {
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: subjectOf(request),
    issuer: issuer.subjectName,
    ...validity(request.days ?? 365),
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.privateKeyPem),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(extendedUsages(request)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...subjectAlternativeNames(request),
    ],
  });
  return toPair(certificate, keys.privateKey);
}

/** Makes the RSA key (2048 bits) that signs and checks service-account tokens. */
export async function createKeyPair(): Promise<ServiceAccountKeyPair> {
  const { privateKey, publicKey } = await promisify(crypto.generateKeyPair)("rsa", { modulusLength: 2048 });
  return {
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

function subjectOf({ organization, commonName }: CertificateRequest): x509.JsonName {
  return [...(organization === undefined ? [] : [{ O: [organization] }]), { CN: [commonName] }];
}

function extendedUsages({ client = false, server = !client }: CertificateRequest): x509.ExtendedKeyUsageType[] {
  return [...(server ? [x509.ExtendedKeyUsage.serverAuth] : []), ...(client ? [x509.ExtendedKeyUsage.clientAuth] : [])];
}

function subjectAlternativeNames({ dnsNames = [], addresses = [] }: CertificateRequest): x509.Extension[] {
  const names: x509.JsonGeneralNames = [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...addresses.map((value) => ({ type: "ip" as const, value })),
  ];
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)];
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - hour), notAfter: new Date(now + days * day) };
}

/** 16 random bytes; the first stands between 0x40 and 0x7f, so that the number is positive and has no leading zero. */
function randomSerial(): string {
  const bytes = crypto.randomBytes(16);
  bytes[0] = (bytes.readUInt8(0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

function generateKeys(): Promise<crypto.webcrypto.CryptoKeyPair> {
  return crypto.webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

function importKey(privateKeyPem: string): Promise<crypto.webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(privateKeyPem);
  return crypto.webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}

async function toPair(certificate: x509.X509Certificate, key: crypto.webcrypto.CryptoKey): Promise<CertificatePair> {
  const der = await crypto.webcrypto.subtle.exportKey("pkcs8", key);
  return {
    certificatePem: `${certificate.toString("pem")}\n`,
    privateKeyPem: `${x509.PemConverter.encode(der, "PRIVATE KEY")}\n`,
  };
}

function authorityFiles(folder: string): { certificate: string; key: string } {
  return { certificate: path.join(folder, "ca.crt"), key: path.join(folder, "ca.key") };
}

/** The authority of a folder, or undefined when one of its files is missing. */
async function readAuthority(folder: string): Promise<Authority | undefined> {
  const { certificate, key } = authorityFiles(folder);
  const [certificatePem, privateKeyPem] = await Promise.all([readIfThere(certificate), readIfThere(key)]);
  if (certificatePem === undefined || privateKeyPem === undefined) return undefined;
  if (!new crypto.X509Certificate(certificatePem).checkPrivateKey(crypto.createPrivateKey(privateKeyPem))) {
    throw new LabError(`${key} is not the key of ${certificate}: remove both files, and a new authority is made.`);
  }
  return { certificatePem, privateKeyPem };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function writeAtomically(file: string, content: string, mode: number): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await fs.writeFile(temporary, content, { mode });
  await fs.rename(temporary, file);
}
