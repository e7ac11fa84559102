import * as readline from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { child, Json, JsonObject, list, text } from "../../lab/json";
import { ApiClient, ApiRequest } from "../../lab/kubernetes/client";
import { connectionOf, loadKubeconfig } from "../../lab/kubernetes/kubeconfig";

/** A program for `Worker`: asks the lab's API server on one connection, as somebody who deploys, and says how long it took. */
export type Command =
  | { do: "write"; user: string; path: string; object: JsonObject; patch: JsonObject; dryRun: boolean }
  | { do: "start"; user: string; namespace: string; deployment: JsonObject };

/** Seconds. */
export interface Written {
  create: number;
  update: number;
}

/** Seconds from the request that makes a Deployment until its pod is ready. */
export interface Started {
  seconds: number;
}

/** How long a pod may take until it is ready, or gone. Milliseconds. */
const longest = 120_000;

const client = new ApiClient(connectionOf(loadKubeconfig(undefined)));

function as(user: string, request: ApiRequest): Promise<JsonObject> {
  return client.request({
    ...request,
    headers: { "impersonate-user": user, "impersonate-group": "system:authenticated" },
  });
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return (performance.now() - begun) / 1000;
}

const nameOf = (object: JsonObject): string => text(object, "metadata", "name")!;

/** Makes an object and changes it; what is more than tried is removed. */
async function write({ user, path, object, patch, dryRun }: Extract<Command, { do: "write" }>): Promise<Written> {
  const query: Record<string, string> = dryRun ? { dryRun: "All" } : {};
  const create = await timed(() => as(user, { method: "POST", path, query, body: object }));
  const own = `${path}/${nameOf(object)}`;
  try {
    // Of what was only tried there is nothing to change.
    const contentType = "application/merge-patch+json";
    const update = dryRun ? 0 : await timed(() => as(user, { method: "PATCH", path: own, body: patch, contentType }));
    return { create, update };
  } finally {
    if (!dryRun) {
      await client.request({ method: "DELETE", path: own });
    }
  }
}

/** Makes a Deployment, waits until its pod is ready, and removes both. */
async function start({ user, namespace, deployment }: Extract<Command, { do: "start" }>): Promise<Started> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const query = { watch: "true", labelSelector: `app=${nameOf(deployment)}` };
  const events = await client.stream({
    ...{ method: "GET", path: `/api/v1/namespaces/${namespace}/pods`, query },
    signal: AbortSignal.timeout(2 * longest),
  });
  const begun = performance.now();
  await as(user, { method: "POST", path, body: deployment });
  try {
    await seen(events, (_, pod) =>
      list(pod, "status", "conditions").some(
        (condition) => text(condition, "type") === "Ready" && text(condition, "status") === "True",
      ),
    );
    const seconds = (performance.now() - begun) / 1000;
    await client.request({ method: "DELETE", path: `${path}/${nameOf(deployment)}` });
    await seen(events, (type) => type === "DELETED");
    return { seconds };
  } finally {
    await events.return(undefined);
  }
}

/** Waits for an event. @throws Error where it does not come in time */
async function seen(events: AsyncGenerator<Json>, holds: (type: string, object: JsonObject) => boolean): Promise<void> {
  const late = delay(longest, undefined, { ref: false }).then(() => {
    throw new Error(`it did not come within ${longest / 1000} s`);
  });
  const come = async (): Promise<void> => {
    for (;;) {
      const next = await events.next();
      if (next.done === true) {
        throw new Error("the API server has ended the watch");
      }
      if (holds(text(next.value, "type") ?? "", child(next.value, "object"))) {
        return;
      }
    }
  };
  await Promise.race([come(), late]);
}

async function main(): Promise<void> {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const command = JSON.parse(line) as Command;
    const answer = await (command.do === "write" ? write(command) : start(command)).catch((error: Error) => ({
      error: error.message,
    }));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

void main();
