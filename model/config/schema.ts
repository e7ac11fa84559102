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

const mtls = z.literal("STRICT").optional();

/** The keys of each kind of mesh, by that kind. */
export const meshSchemas = {
  istio: z.strictObject({
    kind: z.literal("istio").optional(),
    version: z.string().optional(),
    mtls,
    clientMtls: z.enum(["auto", "forced"]).optional(),
    charts: text.optional(),
    values: z.record(z.string(), z.unknown()).optional(),
  }),
  existing: z.strictObject({
    kind: z.literal("existing"),
    mtls,
    revision: name.optional(),
    trustDomain: text.optional(),
    envoyFilters: z.boolean().optional(),
  }),
  "cloud-service-mesh": z.strictObject({
    kind: z.literal("cloud-service-mesh"),
    mtls,
  }),
};

const size = {
  replicas: z.int().min(2).max(1000).optional(),
  maxReplicas: z.int().min(2).max(1000).optional(),
};

export const gatewaySchema = z.strictObject({ namespace: name.optional(), ...size });

export const namedGatewaySchema = z.strictObject({ destinations: z.array(z.string()).min(1), ...size });

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

export const outsideSchema = z.strictObject({
  namespace: name,
  addresses: z.array(z.string()).min(1),
  ports: z.strictObject({ http: port.optional(), https: port.optional() }).optional(),
  via: z.enum(["service", "bypass"]),
  clientMtls: z.enum(["disabled", "mesh"]).optional(),
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
  "gateways",
  "namespaces",
  "workloads",
  "destinations",
  "outside",
  "allow",
  "deny",
] as const;

/** The keys that may be encrypted in the stack file; the others are there to be read in reviews. */
export const secretKeys = ["mesh", "workloads"] as const satisfies readonly ConfigKey[];

export type ConfigKey = (typeof configKeys)[number];
