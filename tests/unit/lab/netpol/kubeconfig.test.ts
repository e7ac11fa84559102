// Which cluster and certificate a kubeconfig leads to. Does not prove that a server accepts them.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { readKubeconfig } from "../../../../lab/netpol/kubeconfig";

const config = {
  "current-context": "lab",
  contexts: [{ name: "lab", context: { cluster: "here", user: "admin" } }],
  clusters: [{ name: "here", cluster: { server: "https://192.168.77.2:6443", "certificate-authority": "ca.pem" } }],
  users: [{ name: "admin", user: { "client-certificate-data": btoa("cert"), "client-key-data": btoa("key") } }],
};

describe("netpol kubeconfig", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "kubeconfig-"));
    file = path.join(folder, "config");
    writeFileSync(path.join(folder, "ca.pem"), "authority");
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("reads the current context, certificates inline or in files beside it", () => {
    writeFileSync(file, stringify(config));
    const { server, ca, cert, key } = readKubeconfig(file);
    assert.equal(server.href, "https://192.168.77.2:6443/");
    assert.deepEqual([ca, cert, key].map(String), ["authority", "cert", "key"]);
  });

  it("says which context leads nowhere", () => {
    writeFileSync(file, stringify({ ...config, "current-context": "gone" }));
    assert.throws(() => readKubeconfig(file), { message: 'The kubeconfig has no context "gone"; it has: lab.' });
  });

  it("says so for an empty file", () => {
    writeFileSync(file, "");
    assert.throws(() => readKubeconfig(file), { message: `${file} is not a kubeconfig: it has no clusters.` });
  });
});
