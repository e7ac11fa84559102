import { execFile } from "node:child_process";
import * as fs from "node:fs";
import { promisify } from "node:util";
import { LabError } from "../errors";
import { Json, JsonObject, child, isObject, list, text } from "../json";
import { Connection } from "./kubeconfig";

/** What a request needs to be believed by the server, and to believe the server. */
export interface Credentials {
  authorization?: string;
  certificate?: Buffer | string;
  key?: Buffer | string;
  /** When these must be asked for again, in milliseconds since the epoch. */
  expires: number;
}

const run = promisify(execFile);

/**
 * The credentials of a connection's user: a client certificate, a token, a name and password, or what the
 * credential program (`exec`) says.
 * @throws LabError when a file cannot be read, the program fails, or the user has an auth-provider
 */
export async function credentialsOf(connection: Connection): Promise<Credentials> {
  const { user } = connection;
  if (isObject(user["exec"])) {
    return askProgram(user["exec"]);
  }
  if ("auth-provider" in user) {
    throw new LabError(
      `The user of context "${connection.context}" has an auth-provider, which Kubernetes has dropped: use exec credentials.`,
    );
  }
  const token = text(user, "token") ?? fileOf(user, "tokenFile")?.toString("utf8").trim();
  const name = text(user, "username");
  const basic = name && `Basic ${Buffer.from(`${name}:${text(user, "password") ?? ""}`).toString("base64")}`;
  return {
    authorization: token === undefined ? basic : `Bearer ${token}`,
    certificate: dataOf(user, "client-certificate"),
    key: dataOf(user, "client-key"),
    expires: "tokenFile" in user ? Date.now() + 60_000 : Infinity,
  };
}

/** A file's contents, given in the kubeconfig itself (base64, under `<key>-data`) or by the file's path. */
export function dataOf(body: JsonObject, key: string): Buffer | undefined {
  const inline = text(body, `${key}-data`);
  return inline === undefined ? fileOf(body, key) : Buffer.from(inline, "base64");
}

function fileOf(body: JsonObject, key: string): Buffer | undefined {
  const file = text(body, key);
  if (file === undefined) {
    return undefined;
  }
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw new LabError(`The kubeconfig's ${key} ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

async function askProgram(exec: JsonObject): Promise<Credentials> {
  const command = text(exec, "command") ?? "";
  const variables = list(exec, "env").map((entry): [string, string] => [
    text(entry, "name") ?? "",
    text(entry, "value") ?? "",
  ]);
  const request = { apiVersion: exec["apiVersion"], kind: "ExecCredential", spec: { interactive: false } };
  const env = { ...process.env, ...Object.fromEntries(variables), KUBERNETES_EXEC_INFO: JSON.stringify(request) };
  let status: JsonObject;
  try {
    const { stdout } = await run(command, list(exec, "args").map(String), { env, timeout: 60_000 });
    status = child(JSON.parse(stdout) as Json, "status");
  } catch (error) {
    const why = (error as { stderr?: string }).stderr?.trim() || String((error as Error).message);
    throw new LabError(`The credential program ${command} of the kubeconfig failed: ${why.split("\n")[0]}`);
  }
  const token = text(status, "token");
  const expires = Date.parse(text(status, "expirationTimestamp") ?? "");
  return {
    authorization: token === undefined ? undefined : `Bearer ${token}`,
    certificate: text(status, "clientCertificateData"),
    key: text(status, "clientKeyData"),
    expires: Number.isNaN(expires) ? Infinity : expires - 30_000,
  };
}
