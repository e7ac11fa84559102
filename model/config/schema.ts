import { z } from "zod";

/** The shape of each key of the configuration. What one key says about another is checked apart, in ./sections. */

const text = z.string().min(1);
const name = z.string();
const port = z.int().min(1).max(65535);

/** A cluster that exists; the other kind has its shape in ./gke-schema. */
export const clusterSchema = z.strictObject({
  kind: z.enum(["existing", "gke"]),
  kubeconfig: text.optional(),
  context: text.optional(),
});

export const meshSchema = z.strictObject({
  version: z.string().optional(),
  mtls: z.literal("STRICT").optional(),
  charts: text.optional(),
  values: z.record(z.string(), z.unknown()).optional(),
});

export const gatewaySchema = z.strictObject({
  namespace: name.optional(),
  replicas: z.int().min(2).max(1000).optional(),
  maxReplicas: z.int().min(2).max(1000).optional(),
});

export const namespaceSchema = z.strictObject({
  labels: z.record(z.string(), z.string()).optional(),
});

export const workloadSchema = z.strictObject({
  namespace: name,
  image: text,
  port: port.optional(),
  replicas: z.int().min(0).max(1000).optional(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
});

export const destinationSchema = z.strictObject({
  hosts: z.array(z.string()).min(1),
  protocols: z
    .array(z.enum(["http", "https"]))
    .min(1)
    .optional(),
});

export const ruleSchema = z.strictObject({
  from: text,
  to: text,
  owner: text.optional(),
  reason: text.optional(),
  expires: z.unknown().optional(),
});

/** Every key of the configuration, without its prefix. */
export const configKeys = [
  "cluster",
  "mesh",
  "gateway",
  "namespaces",
  "workloads",
  "destinations",
  "allow",
  "deny",
] as const;

/** The keys that may be encrypted in the stack file; the others are there to be read in reviews. */
export const secretKeys = ["mesh", "workloads"] as const satisfies readonly ConfigKey[];

export type ConfigKey = (typeof configKeys)[number];
