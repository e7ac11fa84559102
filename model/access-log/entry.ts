import { z } from "zod";

const text = z.string().nullable();
const count = z.number().nullable();
/** Gateways of earlier versions do not write it. */
const lately = text.default(null);

const common = {
  time: z.string(),
  identity: text,
  /** Envoy's short words for what went wrong, such as `UF`; it writes `-` for none. */
  flags: text.transform((flags) => (flags === "-" ? null : flags)),
  /** The address that was connected to. */
  upstream: text,
  /** The address that the name resolved to first. */
  tried: lately,
  client: text,
  received: count,
  sent: count,
  milliseconds: count,
  host: text,
  reason: text,
};

const schema = z.discriminatedUnion("protocol", [
  z.object({
    ...common,
    protocol: z.literal("http"),
    method: text,
    path: text,
    /** Envoy writes 0 where no response was sent. */
    status: count.transform((status) => (status === 0 ? null : status)),
    request: text,
  }),
  z.object({
    ...common,
    protocol: z.literal("https"),
    /** The gateway's listener that ended it: `policies`, or behind these `same-name` and `forward`. */
    stage: lately,
  }),
  z.object({
    ...common,
    protocol: z.literal("tcp"),
    method: text,
    status: count.transform((status) => (status === 0 ? null : status)),
  }),
]);

/** One call, as the gateway that it came to has written it down: what `model/plan/access-log.ts` tells it to write. */
export type LogEntry = z.output<typeof schema>;

/**
 * Reads a line of a gateway's log. Envoy and pilot-agent write to it too, and the first line that is read or the last
 * may be cut: whatever is no whole entry gives `undefined`.
 */
export function parseEntry(line: string): LogEntry | undefined {
  if (!line.startsWith("{")) {
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return schema.safeParse(value).data;
}
