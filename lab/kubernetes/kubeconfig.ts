import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { LabError } from "../errors";
import { Json, JsonObject, child, isObject, list, text } from "../json";

/** One cluster as one user sees it: what a context of a kubeconfig stands for. */
export interface Connection {
  /** Name of the context. */
  context: string;
  /** URL of the API server. */
  server: string;
  /** Namespace for objects that name none. */
  namespace: string;
  cluster: JsonObject;
  user: JsonObject;
}

interface Entry {
  name: string;
  body: JsonObject;
  /** Folder to which the files that the entry names are relative. */
  folder: string;
}

/** Clusters, users and contexts of all kubeconfig files that were named; the first of a name wins, as in kubectl. */
export interface Kubeconfig {
  currentContext?: string;
  clusters: Entry[];
  users: Entry[];
  contexts: Entry[];
}

/**
 * Reads a kubeconfig.
 * @param given its contents, or paths of files separated as in $KUBECONFIG. @default $KUBECONFIG, then ~/.kube/config
 * @throws LabError when there is none or when it is not a kubeconfig
 */
export function loadKubeconfig(given: string | undefined): Kubeconfig {
  const contents = given === undefined ? undefined : documentOf(given, "the kubeconfig in the provider's settings");
  if (contents !== undefined) {
    return merge([{ document: contents, folder: process.cwd() }]);
  }
  const files = (given || process.env.KUBECONFIG || path.join(os.homedir(), ".kube", "config"))
    .split(path.delimiter)
    .filter((file) => file !== "")
    .map((file) => path.resolve(file.replace(/^~(?=\/)/, os.homedir())));
  const present = files.filter((file) => fs.existsSync(file));
  if (present.length === 0) {
    const hint = given === undefined ? ": name one by the provider's kubeconfig or by $KUBECONFIG" : "";
    throw new LabError(`There is no kubeconfig at ${files.join(" or ")}${hint}.`);
  }
  return merge(present.map((file) => ({ document: readFile(file), folder: path.dirname(file) })));
}

/**
 * The connection that a context stands for.
 * @throws LabError when the context, its cluster or its user is missing
 */
export function connectionOf(config: Kubeconfig, contextName?: string, clusterName?: string): Connection {
  const name = contextName ?? config.currentContext;
  if (name === undefined) {
    throw new LabError("The kubeconfig has no current-context: name a context in the provider's settings.");
  }
  const context = find(config.contexts, "context", name);
  const cluster = find(config.clusters, "cluster", clusterName ?? text(context.body, "cluster") ?? "");
  // An empty name is none, as kubectl has it.
  const userName = text(context.body, "user") || undefined;
  const user = userName === undefined ? undefined : find(config.users, "user", userName);
  const server = text(cluster.body, "server");
  if (server === undefined || !URL.canParse(server)) {
    throw new LabError(`Cluster "${cluster.name}" of the kubeconfig has no valid server address: ${server ?? "none"}.`);
  }
  return {
    context: name,
    server: server.replace(/\/+$/, ""),
    namespace: text(context.body, "namespace") ?? "default",
    cluster: absolute(cluster.body, cluster.folder),
    user: absolute(user?.body ?? {}, user?.folder ?? cluster.folder),
  };
}

/** A kubeconfig that holds this one connection, for a program that wants a file. */
export function minified(connection: Connection): JsonObject {
  const { context, cluster, user, namespace } = connection;
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": context,
    clusters: [{ name: context, cluster }],
    users: [{ name: context, user }],
    contexts: [{ name: context, context: { cluster: context, user: context, namespace } }],
  };
}

function readFile(file: string): JsonObject {
  const document = documentOf(fs.readFileSync(file, "utf8"), file);
  if (document === undefined) {
    throw new LabError(`${file} is not a kubeconfig: it has no clusters.`);
  }
  return document;
}

/** The parsed contents, or undefined when the text is something else, such as a path. */
function documentOf(contents: string, where: string): JsonObject | undefined {
  let document: Json;
  try {
    document = parse(contents) as Json;
  } catch (error) {
    throw new LabError(`${where} is not valid YAML: ${String(error).split("\n")[0]}`);
  }
  return isObject(document) && "clusters" in document ? document : undefined;
}

function merge(parts: { document: JsonObject; folder: string }[]): Kubeconfig {
  const entries = (plural: string, singular: string): Entry[] =>
    parts.flatMap(({ document, folder }) =>
      list(document, plural).map((entry) => ({
        name: text(entry, "name") ?? "",
        body: child(entry, singular),
        folder,
      })),
    );
  return {
    currentContext: parts.map(({ document }) => text(document, "current-context")).find(Boolean),
    clusters: entries("clusters", "cluster"),
    users: entries("users", "user"),
    contexts: entries("contexts", "context"),
  };
}

function find(entries: Entry[], what: string, name: string): Entry {
  const found = entries.find((entry) => entry.name === name);
  if (found === undefined) {
    const names = entries.map((entry) => entry.name).join(", ") || "none";
    throw new LabError(`The kubeconfig has no ${what} "${name}"; it has: ${names}.`);
  }
  return found;
}

const fileKeys = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

function absolute(body: JsonObject, folder: string): JsonObject {
  const files = fileKeys.filter((key) => typeof body[key] === "string");
  return { ...body, ...Object.fromEntries(files.map((key) => [key, path.resolve(folder, String(body[key]))])) };
}
