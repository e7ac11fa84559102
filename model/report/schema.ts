import { z } from "zod";
import { ruleModes } from "../config/schema";
import { reportedFacts } from "../config/traits/told";
import { severities } from "../doctor";

/**
 * What `report.json` holds. docs/report.schema.json is made from it, with these descriptions. Times are ISO 8601 in UTC,
 * days `YYYY-MM-DD` in UTC, hashes SHA-256 in hexadecimal; null is what is not known, or was not looked at.
 */
const time = z.string().describe("ISO 8601, in UTC");
const end = z.string().describe("The last day on which it holds, YYYY-MM-DD, or the moment at which it ends; in UTC");
const day = z.string().describe("YYYY-MM-DD, in UTC");
const text = z.string();
const count = z.int();

const hashed = z
  .object({ name: text, sha256: z.string().regex(/^[0-9a-f]{64}$/) })
  .describe("A file, and the SHA-256 of its bytes");

const seen = z
  .object({ calls: count, first: time.nullable(), last: time.nullable() })
  .describe("Recorded calls that passed, and when the first and the last of them began");

const control = z.object({
  framework: text,
  id: text,
  about: text.describe("What the control asks for, in a few words of our own"),
  sections: z.array(text).describe("Parts of this report that serve it, by their keys here"),
  state: z
    .enum(["shown", "open", "not looked at"])
    .describe("open: there is something that somebody has to judge or to mend; it is no verdict on compliance"),
  says: text.describe("What of it is seen here, as a sentence"),
});

const rule = z.object({
  rule: text.describe("Its place in the configuration, as istio-egress:allow[2]"),
  from: text.describe("namespace/workload, or namespace/* for every ServiceAccount of the namespace"),
  to: text.describe("A destination, or a service beside the mesh"),
  gateway: text.nullable().describe("null for a service beside the mesh, which no gateway leads to"),
  ways: z.array(text).describe("http, https, and other ports as 5432/tcp"),
  mode: z.enum(ruleModes).describe("report: what it lets pass is told as would be denied"),
  owner: text.nullable(),
  reason: text.nullable(),
  expires: end.nullable(),
  daysLeft: count.nullable(),
  reviewed: day.nullable(),
  reviewer: text.nullable(),
  reviewDue: day.nullable().describe("Six months after the review"),
  use: seen.nullable().describe("null where no record was read, or no gateway sees the calls"),
});

const insecure = z.object({
  to: text,
  way: text.describe("http, 8080/http, 5432/tcp, service or bypass"),
  hosts: z.array(text),
  kind: z.enum(["plain", "unknown", "beside"]).describe("plain: no TLS; unknown: nobody here sees"),
  why: text,
  instead: text,
  rules: z.array(text).describe("The rules that open it, by their places"),
  use: seen.nullable(),
});

const connection = z.object({
  from: text.describe("Who opens it, in words: pods app=prometheus of monitoring, a range of addresses, anybody else"),
  into: text.describe("The guarded namespace whose pods are called"),
  ports: z
    .union([count, z.enum(["every", "others"])])
    .describe("A TCP port of the pods, every one, or all but those on which the caller is let in"),
  expected: z.enum(["allow", "deny"]),
  seen: text.nullable().describe("What came of it, or why it was not asked; null where the mesh was not asked"),
  ok: z.boolean().nullable().describe("Whether the mesh does what the file says; null where it was not asked"),
  rule: text.nullable().describe("Its place in the configuration, where it lets the caller in"),
});

const call = z.object({ from: text, url: text, expected: text, seen: text.nullable(), rule: text.nullable() });

export const reportSchema = z.object({
  format: z.literal("istio-egress-report/1"),
  stack: text,
  made: time,
  live: z.boolean().describe("Whether the cluster was asked"),
  inputs: z.array(hashed),
  source: z
    .object({
      commit: text.describe("What is checked out"),
      changed: z.array(text).describe("Files of the stack that differ from that commit, or are not in it"),
    })
    .nullable()
    .describe("The git repository of the stack's file; null where there is none"),
  controls: z.array(control),
  summary: z.object({
    workloads: count,
    destinations: count,
    hosts: count,
    gateways: count,
    rules: count,
    withoutOwner: count,
    withoutReason: count,
    withoutLastDay: count,
    reviewed: count.describe("Rules that were reviewed within six months"),
    expired: count,
  }),
  rules: z.array(rule),
  expired: z.array(
    z.object({ rule: text, from: text, to: text, expires: end, owner: text.nullable(), reason: text.nullable() }),
  ),
  destinations: z.array(
    z.object({
      ...{ name: text, gateway: text, hosts: z.array(text), ways: z.array(text), rules: count },
      ...reportedFacts,
    }),
  ),
  denied: z.array(text).describe("Hosts that no rule may open; with names below them unless it says only"),
  insecure: z.array(insecure),
  usage: seen
    .extend({ from: text.describe("The recording, or the cluster's logs"), refused: count })
    .nullable()
    .describe("The calls that were read to tell the rules' use; null where none were"),
  refused: z
    .array(z.object({ from: text, url: text, calls: count, last: time.nullable() }))
    .describe("Recorded calls that were refused, the most frequent first, 1,000 at most"),
  matrix: z.object({
    file: hashed.describe("Every call: workload, host and protocol"),
    asked: z.boolean().describe("Whether each call was made for real, from inside the pods"),
    notAsked: text.nullable().describe("Why not, where it was wanted"),
    calls: count,
    allow: count,
    report: count.describe("Calls that pass by a rule in report mode only"),
    observe: count,
    deny: count,
    disagree: count.nullable(),
    unasked: count.describe("Calls that were not made, though others were: all that may pass changes something"),
    byWorkload: z.array(
      z.object({ from: text, allow: count, report: count, observe: count, deny: count, disagree: count.nullable() }),
    ),
    wrong: z.array(call).describe("Calls on which the mesh and the configuration disagree"),
  }),
  ingress: z
    .object({
      asked: z.boolean().describe("Whether connections were opened for real, from pods that fit"),
      open: z.array(text).describe("Guarded namespaces that nothing closes: whoever reaches their pods may call them"),
      disagree: count.nullable(),
      unasked: count.describe("Connections that no pod could be asked for, though others were"),
      connections: z.array(connection),
    })
    .describe("Who may open connections to guarded pods"),
  changes: z
    .object({
      base: text,
      baseCommit: text,
      commits: z.array(
        z.object({
          commit: text,
          author: text,
          authored: time,
          committer: text,
          committed: time,
          merge: z.boolean(),
          subject: text,
          named: z.array(text).describe("Whom the message names, as Reviewed-by: Alice"),
        }),
      ),
      summary: text,
      sections: z.array(z.object({ title: text, lines: z.array(text) })),
      risks: z.array(z.object({ about: text, risk: text })),
    })
    .nullable()
    .describe("What has changed since a revision; null where none was given"),
  cluster: z
    .object({
      findings: z.array(
        z.object({
          check: text,
          severity: z.enum(severities),
          object: text,
          problem: text,
          evidence: z.array(text),
          fix: text,
          commands: z.array(text),
          config: text.optional(),
        }),
      ),
      passed: z.array(z.object({ check: text, promise: text })),
      notChecked: z.array(z.object({ check: text, promise: text, needs: z.array(text) })),
    })
    .nullable()
    .describe("What egress doctor finds on the cluster; drift is its check of that name"),
  limits: z.array(text).describe("What the guard does not hold, or is not shown, a sentence each"),
  picture: hashed,
});

/** The evidence on a stack, as `egress report` writes it down. */
export type Evidence = z.output<typeof reportSchema>;

export type RuleRow = Evidence["rules"][number];
export type InsecureWay = Evidence["insecure"][number];
export type ControlRow = Evidence["controls"][number];
