// Client certificates that a gateway shows, from a Secret of its namespace, and HTTP/2 towards hosts. Each refusal has an
// allowed call beside it, on the same way.
// Does not prove: what hosts make of a certificate beyond who has signed it; nor for how long a connection that is open goes on
// under an earlier one, as this host closes each after its answer.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { worldAuthorityFolder } from "../../lab/boot/parts/world";
import { createAuthority, issueCertificate, loadAuthority } from "../../lab/certificates";
import { grantToAppA, scratchCheckout } from "./support/checkout";
import { egress, inLab, kubectlJson } from "./support/commands";
import { apply, putBack } from "./support/pulumi";
import { appA, appB, curl, seenOutside } from "./support/requests";
import { startThief, Thief } from "./support/thief";
import { until } from "./support/until";

const certified = "certified.partner.example";
/** The same server by another name. */
const bare = "uncertified.partner.example";
const plain = "billing.partner.example";
const http2Only = "grpc.partner.example";
const unique = (): string => randomBytes(6).toString("hex");

const gateways = "istio-egress";
const secret = "certified-client";
const asGrpc = ["--http1.1", "--request", "POST", "--header", "content-type: application/grpc"];

/** Puts a certificate and its key, or what else, into the Secret. */
function writeSecret(files: Record<string, string>, name = secret): void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-secret-"));
  try {
    const literals = Object.entries(files).map(([key, text]) => {
      fs.writeFileSync(path.join(folder, key), text);
      return `--from-file=${key}=${path.join(folder, key)}`;
    });
    const create = ["create", "secret", "generic", name, `--namespace=${gateways}`, ...literals];
    const made = inLab(["kubectl", ...create, "--dry-run=client", "--output=yaml"]);
    assert.equal(made.exitCode, 0, made.stderr);
    fs.writeFileSync(path.join(folder, "secret.yaml"), made.stdout);
    const applied = inLab(["kubectl", "apply", "--filename", path.join(folder, "secret.yaml")]);
    assert.equal(applied.exitCode, 0, applied.stderr);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The common name that the host was shown. */
function shown(): string | undefined {
  const { status, body } = curl(appA, `http://${certified}/`);
  return status === 200 ? (JSON.parse(body) as { client?: string }).client : undefined;
}

/** But for those that end: an update may have replaced them. */
function podsOfGateway(): string[] {
  const { items } = kubectlJson<{ items: { metadata: { name: string; deletionTimestamp?: string } }[] }>(
    ...["get", "pods", `--namespace=${gateways}`],
  );
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => metadata.name)
    .sort();
}

describe("certificates that gateways show", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const thieves: Thief[] = [];
  let appBs: Thief;
  let pods: string[];

  const issue = async (commonName: string, days?: number) => {
    const authority = await loadAuthority(worldAuthorityFolder);
    const { certificatePem, privateKeyPem } = await issueCertificate(authority, {
      commonName,
      client: true,
      ...(days === undefined ? {} : { days }),
    });
    return { "tls.crt": certificatePem, "tls.key": privateKeyPem };
  };

  before(async () => {
    const ca = fs.readFileSync(path.join(worldAuthorityFolder, "ca.crt"), "utf8");
    grantToAppA(
      checkout.folder,
      {
        certified: { hosts: [certified], originate: { ca, clientCertificate: secret } },
        bare: { hosts: [bare], originate: { ca } },
        plain: { hosts: [plain], originate: { ca } },
        modern: { hosts: [http2Only], originate: { ca, http2: true } },
      },
      "a test of client certificates",
    );
    apply("up", checkout.folder);
    appBs = startThief("thief-b", "app-b");
    thieves.push(appBs);
    await until("another host is reached", 90, () => curl(appA, `http://${plain}/`).status === 200);
    await until(
      "so is one by HTTP/2",
      90,
      () => curl(appA, `http://${http2Only}/lab.Lines/None`, ...asGrpc).status === 200,
    );
    pods = podsOfGateway();
  });

  after(() => {
    try {
      putBack({ checkout, pristine }, thieves);
    } finally {
      const gone = inLab(["kubectl", "delete", "secret", secret, `--namespace=${gateways}`, "--ignore-not-found"]);
      assert.equal(gone.exitCode, 0, gone.stderr);
    }
  });

  it("are missing before there is a Secret: the host is not reached, others are, and doctor says so", () => {
    const asked = `/${unique()}`;
    assert.equal(curl(appA, `http://${certified}${asked}`).status, 503);
    assert.deepEqual(seenOutside(asked), []);
    assert.equal(curl(appA, `http://${plain}/`).status, 200);
    assert.match(findings(), /There is no such Secret/);
  });

  it("are shown as soon as the Secret is there, and no pod has restarted", async () => {
    writeSecret(await issue("shop"));
    await until("the host is reached", 90, () => shown() === "shop");
    assert.deepEqual(podsOfGateway(), pods);
    assert.doesNotMatch(findings(), new RegExp(secret));
  });

  it("are refused to who is not granted the host, with a stolen identity too", () => {
    const asked = `/${unique()}`;
    assert.ok([502, 404].includes(curl(appB, `http://${certified}${asked}`).status));
    assert.equal(appBs.http(certified, asked, "own", 8081).status, 403);
    assert.deepEqual(seenOutside(asked), []);
    assert.equal(curl(appA, `http://${certified}${asked}`).status, 200);
  });

  it("are not shown by a destination that has none: a host that asks for one turns it away", () => {
    const asked = `/${unique()}`;
    assert.equal(curl(appA, `http://${bare}${asked}`).status, 503);
    assert.deepEqual(seenOutside(asked), []);
    assert.equal(curl(appA, `http://${certified}${asked}`).status, 200);
  });

  it("are replaced without a restart", async () => {
    writeSecret(await issue("shop-2"));
    await until("the new one is shown", 90, () => shown() === "shop-2");
    assert.deepEqual(podsOfGateway(), pods);
  });

  it("that the host does not take end in 503, and doctor knows of one that has expired and of a key that is another's", async () => {
    writeSecret(await issue("old", -1 / 48));
    await until("the expired one is shown", 60, () => curl(appA, `http://${certified}/`).status === 503);
    assert.match(findings(), /has expired/);
    const other = await issueCertificate(await createAuthority("nobody"), { commonName: "shop", client: true });
    writeSecret({ ...(await issue("shop")), "tls.key": other.privateKeyPem });
    assert.match(findings(), /key.*another certificate/);
    writeSecret({ "tls.crt": (await issue("shop"))["tls.crt"] });
    assert.match(findings(), /no tls\.key/);
    writeSecret(await issue("shop-3"));
    await until("a sound one is shown", 90, () => shown() === "shop-3");
  });

  it("leave HTTP/2 to those who ask for it: a host that speaks nothing else answers a request in HTTP/1", () => {
    const { status, headers } = curl(appA, `http://${http2Only}/lab.Lines/None`, ...asGrpc);
    assert.equal(status, 200);
    assert.equal(headers["grpc-status"], "12");
  });

  function findings(): string {
    const { stdout } = egress(["doctor", "lab", "--json"], { cwd: checkout.folder });
    const { findings } = JSON.parse(stdout) as { findings: { check: string; problem: string; object: string }[] };
    return findings
      .filter(({ check }) => check === "client-certificates")
      .map(({ object, problem }) => `${object}: ${problem}`)
      .join("\n");
  }
});
