import { z } from "zod";

const text = z.string().nullable();
const count = z.number().nullable();
/** Not every proxy writes it, nor do gateways of earlier versions. */
const lately = text.default(null);
/** What a gateway lets pass, or refuses, it says by other fields. */
const verdict = z.enum(["refused", "would be denied"]).nullable().default(null);

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
  reason: text,
  /**
   * Where it was written: in a gateway by its listener that ended it, `policies`, or behind these `same-name` and
   * `forward`; by the `sidecar` of the caller, which refused it; by the `observer`, by which it went out.
   */
  stage: lately,
  verdict,
  /** The address and port that the caller has dialled; a gateway does not write them. */
  address: lately,
  port: count.default(null),
};

/** Envoy writes 0 where no response was sent. */
const status = count.transform((code) => (code === 0 ? null : code));

const schema = z.discriminatedUnion("protocol", [
  z.object({
    ...common,
    protocol: z.literal("http"),
    host: text,
    method: text,
    path: text,
    status,
    request: text,
  }),
  z.object({
    ...common,
    protocol: z.literal("https"),
    host: text,
    /** The application's own SNI, which a gateway's listeners behind the policies see. */
    inner: lately,
  }),
  /** At a gateway what CONNECT asked for; at a sidecar what is neither of the two or has sent nothing yet: it has no name. */
  z.object({ ...common, protocol: z.literal("tcp"), host: lately, method: lately, status: status.default(null) }),
]);

/** One call, as the proxy that it came to has written it down: what `model/plan/access-log.ts` tells it to write. */
export type LogEntry = z.output<typeof schema>;

/**
 * Reads a line of a gateway's log, or a sidecar's. Envoy and pilot-agent write to it too, and the first line that is read
 * or the last may be cut: whatever is no whole entry gives `undefined`.
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
