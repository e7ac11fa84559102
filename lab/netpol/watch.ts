import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient, ApiError, ApiRequest } from "../kubernetes/client";
import { ApiObject } from "./resources";

export interface WatchOptions<T> {
  client: ApiClient;
  /** Path of a collection over all namespaces, such as `/api/v1/pods`. */
  path: string;
  /** Keeps what is needed of an object. */
  decode: (object: ApiObject) => T;
  /** Called after every change of `values` or of `current`. */
  changed: () => void;
  failed: (error: Error) => void;
  /** First pause after a failure, in ms; it doubles up to 5 s. @default 200 */
  pause?: number;
}

interface List {
  metadata: { resourceVersion: string; continue?: string };
  items: ApiObject[];
}

type WatchEvent =
  | {
      type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
      object: ApiObject & { metadata: { resourceVersion: string } };
    }
  | { type: "ERROR"; object: { code: number; message: string } };

const longestPause = 5_000;
const pageSize = 500;
/** The server ends a watch after this many seconds; the next one goes on where it stopped. */
const watchSeconds = 290;

/**
 * A copy of a collection that follows the API server: list, then watch from there. A watch that ends goes on from
 * the last version seen; a version that the server has forgotten (410) leads to a new list; anything else is tried again.
 * What was known stays known through all of it.
 */
export class Watch<T> {
  private objects = new Map<string, T>();
  private version: string | undefined;
  private following = false;

  constructor(private readonly options: WatchOptions<T>) {}

  /** Whether the copy follows the server now: after the first list, while a watch is open. */
  get current(): boolean {
    return this.following;
  }

  values(): T[] {
    return [...this.objects.values()];
  }

  /** Follows the collection until aborted. Errors are reported, never thrown. */
  async run(signal: AbortSignal): Promise<void> {
    const { pause = 200, failed } = this.options;
    let retryPause = pause;
    while (!signal.aborted) {
      let nextPause = pause;
      try {
        this.version ??= await this.list(signal);
        await this.follow(this.version, signal);
        retryPause = pause;
      } catch (error) {
        if (signal.aborted) return;
        const refused = error instanceof ApiError ? error : undefined;
        if (refused?.code === 410) this.version = undefined;
        failed(refused ? new Error(`${this.options.path}: ${refused.code} ${refused.message}`) : (error as Error));
        nextPause = retryPause;
        retryPause = Math.min(retryPause * 2, longestPause);
      } finally {
        this.following = false;
      }
      await sleep(nextPause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Takes the whole collection over, in pages, and returns its version. */
  private async list(signal: AbortSignal): Promise<string> {
    const objects = new Map<string, T>();
    let page: List | undefined;
    do {
      const query = { limit: String(pageSize), continue: page?.metadata.continue ?? "" };
      page = (await this.options.client.request(this.asking(query, signal))) as unknown as List;
      for (const object of page.items) objects.set(keyOf(object), this.options.decode(object));
    } while (page.metadata.continue);
    this.objects = objects;
    return page.metadata.resourceVersion;
  }

  /** Applies what happens after `version` until the server ends the watch. */
  private async follow(version: string, signal: AbortSignal): Promise<void> {
    const query = {
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: version,
      timeoutSeconds: String(watchSeconds),
    };
    const events = await this.options.client.stream(this.asking(query, signal));
    this.following = true;
    this.options.changed();
    for await (const event of events) this.apply(event as unknown as WatchEvent);
  }

  private asking(query: Record<string, string>, signal: AbortSignal): ApiRequest {
    return { method: "GET", path: this.options.path, query, signal };
  }

  private apply(event: WatchEvent): void {
    if (event.type === "ERROR") throw new ApiError(event.object.code, { ...event.object });
    this.version = event.object.metadata.resourceVersion;
    if (event.type === "BOOKMARK") return;
    if (event.type === "DELETED") this.objects.delete(keyOf(event.object));
    else this.objects.set(keyOf(event.object), this.options.decode(event.object));
    this.options.changed();
  }
}

function keyOf({ metadata }: ApiObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}
