import { z } from "zod";
import { dataplanes, releaseChannels } from "../ground/gke/config";
import { relaxationNames } from "../ground/gke/relaxations";

/** The shape of `istio-egress:cluster` of kind gke, part by part; what the parts say about each other is checked apart. */

const text = z.string().min(1);
const count = z.int().min(0).max(1000);

export const gkeSchema = z.strictObject({
  kind: z.literal("gke"),
  project: text,
  name: text,
  location: text,
  zones: z.array(z.string()).min(1).optional(),
  releaseChannel: z.enum(releaseChannels).optional(),
  version: text.optional(),
  deletionProtection: z.boolean().optional(),
  dataplane: z.enum(dataplanes).optional(),
  httpLoadBalancing: z.boolean().optional(),
  network: z.unknown().optional(),
  nodes: z.unknown().optional(),
  gateways: z.unknown().optional(),
  authorizedNetworks: z.record(z.string(), text).optional(),
  secretsKey: text.optional(),
  relax: z.unknown().optional(),
});

export const gkeNetworkSchema = z.strictObject({
  nodes: text.optional(),
  pods: text.optional(),
  gatewayPods: text.optional(),
  services: text.optional(),
  controlPlane: text.optional(),
  natAddresses: z.int().min(1).max(300).optional(),
  natPortsPerNode: z.int().optional(),
});

export const poolSchema = z.strictObject({
  machineType: text.optional(),
  count: count.optional(),
  min: count.optional(),
  max: count.optional(),
  spot: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  zones: z.array(z.string()).min(1).optional(),
  diskSizeGb: z.int().min(20).max(2000).optional(),
});

export const relaxSchema = z.strictObject(
  Object.fromEntries(relaxationNames.map((name) => [name, text.optional()])) as Record<
    (typeof relaxationNames)[number],
    z.ZodOptional<z.ZodString>
  >,
);
