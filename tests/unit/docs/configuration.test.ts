// docs/configuration.md has every key of the schema in a table, and no other, with the default that is read where the key is
// not written. Does not prove anything of what a key is said to mean.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { parseConfig, StackConfig } from "../../../model";
import { gkeNetworkSchema, gkeSchema, poolSchema } from "../../../model/config/gke-schema";
import * as schemas from "../../../model/config/schema";
import { resolverImage } from "../../../model/ground/dns";
import { meshNamespace } from "../../../model/ground/names";
import { isObject } from "../../../model/ground/objects";
import { defaultConnect, defaultIdle } from "../../../model/ground/timeouts";
import { now } from "../model/config/sound-config";
import { soundGke } from "../model/gke/gke-config";

const page = readFileSync(path.join(__dirname, "../../../docs/configuration.md"), "utf8");

/** A row: its keys, the cell of the default, and the whole of it. */
interface Row {
  keys: string[];
  unsaid: string;
  text: string;
}

/** Each table of keys, with the heading above it. */
function tables(): { heading: string; rows: Row[] }[] {
  const found: { heading: string; rows: Row[] }[] = [];
  let heading = "";
  let isInside = false;
  for (const line of page.split("\n")) {
    heading = /^#+ (.*)/.exec(line)?.[1]?.replaceAll("`", "") ?? heading;
    const cells = line.startsWith("|")
      ? line
          .slice(1, -1)
          .split("|")
          .map((cell) => cell.trim())
      : [];
    const [first = "", unsaid = ""] = cells;
    if (first === "key" && unsaid === "default") {
      found.push({ heading, rows: [] });
      isInside = true;
    } else if (cells.length === 0) {
      isInside = false;
    } else if (isInside && !/^-+$/.test(first)) {
      const keys = [...first.matchAll(/`([^`]+)`/g)].map(([, key]) => key!);
      found.at(-1)!.rows.push({ keys, unsaid, text: line });
    }
  }
  return found;
}

const read = (keys: Record<string, unknown>): StackConfig => parseConfig(keys, { now });
const bare = read({});
const gke = read({ cluster: soundGke }).cluster as unknown as Record<string, unknown>;
const { istio, existing } = schemas.meshSchemas;
const made = schemas.madeWorkloadSchema.extend(schemas.existingWorkloadSchema.pick({ existing: true }).partial().shape);
const destination = schemas.destinationSchema.extend(schemas.directSchema.partial().shape);

interface Table {
  heading: string;
  schema: z.ZodObject;
  /** What is read where nothing is written, which the schema may leave to others. */
  read?: unknown;
  /** Keys that other tables, or the text, tell of. */
  elsewhere?: string[];
}

/** Every table of keys, in order. */
const expected: Table[] = [
  { heading: "istio-egress:extends", schema: z.object({ extends: z.string().optional() }) },
  {
    heading: "istio-egress:cluster",
    schema: schemas.clusterSchema,
    read: { ...bare.cluster, controlPlane: { namespace: meshNamespace } },
  },
  {
    heading: "A cluster on GKE",
    schema: gkeSchema,
    read: gke,
    elsewhere: ["kind", "network", "nodes", "gateways"],
  },
  { heading: "A cluster on GKE", schema: gkeNetworkSchema, read: gke.network },
  { heading: "A cluster on GKE", schema: poolSchema, read: gke.nodes },
  { heading: "istio-egress:mesh", schema: istio, elsewhere: ["kind", "mtls"] },
  { heading: "Values that are refused", schema: existing, elsewhere: ["kind", "mtls"] },
  { heading: "istio-egress:gateway", schema: schemas.gatewaySchema, read: { drain: "45s" } },
  { heading: "istio-egress:gateways", schema: schemas.namedGatewaySchema },
  { heading: "istio-egress:namespaces", schema: schemas.namespaceSchema },
  { heading: "istio-egress:workloads", schema: made },
  {
    heading: "istio-egress:destinations",
    schema: destination,
    read: { timeouts: { idle: defaultIdle, connect: defaultConnect } },
  },
  { heading: "istio-egress:outside", schema: schemas.outsideSchema },
  { heading: "istio-egress:allow", schema: schemas.ruleSchema, read: { mode: schemas.ruleModes[0] } },
  { heading: "istio-egress:breakGlass", schema: schemas.breakGlassSchema, read: bare.breakGlass },
  { heading: "istio-egress:admission", schema: schemas.admissionSchema },
  { heading: "istio-egress:dns", schema: schemas.dnsSchema, read: { image: `docker.io/${resolverImage}` } },
  { heading: "istio-egress:rbac", schema: schemas.rbacSchema },
  { heading: "istio-egress:metrics", schema: schemas.metricsSchema },
  { heading: "istio-egress:logs", schema: schemas.logsSchema },
];

/** A field's schema without what is said of one that is not there; and whether it, or what it is in, may be left out. */
function fieldAt(schema: z.ZodObject, key: string): { field: z.core.$ZodType; isOptional: boolean } | undefined {
  const [first, ...rest] = key.split(".");
  const field = schema.shape[first!] as z.core.$ZodType | undefined;
  if (field === undefined) {
    return undefined;
  }
  const isOptional = z.safeParse(field, undefined).success;
  const inner = unwrapped(field);
  if (rest.length === 0) {
    return { field, isOptional };
  }
  const found = inner instanceof z.ZodObject ? fieldAt(inner, rest.join(".")) : undefined;
  return found === undefined ? undefined : { ...found, isOptional: isOptional || found.isOptional };
}

function unwrapped(field: z.core.$ZodType): z.core.$ZodType {
  return field instanceof z.ZodOptional || field instanceof z.ZodDefault || field instanceof z.ZodPrefault
    ? unwrapped(field.unwrap())
    : field;
}

function valueAt(value: unknown, key: string): unknown {
  return key.split(".").reduce<unknown>((part, step) => (isObject(part) ? part[step] : undefined), value);
}

/** Keys of a schema that a table has: by themselves, or part by part. */
function missing(schema: z.ZodObject, keys: string[], elsewhere: string[]): string[] {
  return Object.entries(schema.shape as Record<string, z.core.$ZodType>).flatMap(([key, field]) => {
    const inner = unwrapped(field);
    const below = keys.filter((each) => each.startsWith(`${key}.`)).map((each) => each.slice(key.length + 1));
    if (keys.includes(key) || elsewhere.includes(key)) {
      return [];
    }
    return inner instanceof z.ZodObject && below.length > 0
      ? missing(inner, below, []).map((each) => `${key}.${each}`)
      : [key];
  });
}

const isEmpty = (value: unknown) =>
  value === undefined || value === false || (typeof value === "object" && Object.keys(value!).length === 0);

describe("docs/configuration.md", () => {
  const found = tables();

  it("has a section for every key, and a table for each that has keys of its own", () => {
    for (const key of schemas.configKeys) {
      assert.match(page, new RegExp(`^## \`istio-egress:${key}\`$`, "m"));
    }
    assert.deepEqual(
      found.map(({ heading }) => heading),
      expected.map(({ heading }) => heading),
    );
  });

  expected.forEach(({ heading, schema, read: values, elsewhere = [] }, index) => {
    it(`has the schema's keys and defaults in table ${index + 1}, below ${heading}`, () => {
      const rows = found[index]!.rows;
      const keys = rows.flatMap((row) => row.keys);
      assert.ok(keys.length > 0);
      assert.deepEqual(missing(schema, keys, elsewhere), [], "not in the table");
      assert.deepEqual(
        keys.filter((key, at) => keys.indexOf(key) < at),
        [],
        "twice in the table",
      );
      for (const { keys: of, unsaid, text } of rows) {
        // Of pools, what those of gateways have differs.
        const written = [...unsaid.split("; ")[0]!.matchAll(/`([^`]+)`/g)].map(([, each]) => each!);
        const isLiteral = /^(`[^`]+`(, )?)+(; gateways .*)?$/.test(unsaid) && written.length === of.length;
        of.forEach((key, at) => {
          const place = fieldAt(schema, key);
          assert.ok(place !== undefined, `${key} is in the table, and not in the schema`);
          const { data } = z.safeParse(place.field, undefined);
          const value = data ?? valueAt(values, key);
          const where = `${key}: ${unsaid}`;
          if (unsaid === "required") {
            assert.ok(!place.isOptional, where);
          } else if (unsaid.startsWith("required ")) {
            assert.equal(value, undefined, where);
          } else if (isLiteral && !keys.includes(written[at]!)) {
            const literal = parse(written[at]!) as unknown;
            assert.ok(place.isOptional || value !== undefined, where);
            if (!isEmpty(literal) || !isEmpty(value)) {
              assert.deepEqual(value, literal, where);
            }
          } else {
            assert.ok(place.isOptional, where);
            assert.ok(isEmpty(data) || text.includes(String(data)), `${where}: the default is ${String(data)}`);
          }
        });
      }
    });
  });

  it("has other defaults for the pool of gateways where it says so", () => {
    const gateways = found[4]!.rows.flatMap(({ keys, unsaid }) => {
      const own = [...(/; gateways (.*)$/.exec(unsaid)?.[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, each]) => each!);
      return own.length === 0 ? [] : keys.map((key, at): [string, unknown] => [key, parse(own[at]!)]);
    });
    assert.deepEqual(
      gateways,
      gateways.map(([key]) => [key, valueAt(gke.gateways, key)]),
    );
    assert.deepEqual(gateways.map(([key]) => key).sort(), ["machineType", "max", "min"]);
  });

  it("tells what an entry of deny may be, and has its default", () => {
    const section = /^## `istio-egress:deny`\n([^#]+)/m.exec(page)![1]!;
    for (const key of Object.keys(schemas.denySchema.shape)) {
      assert.match(section, new RegExp(`\\b${key}:`));
    }
    assert.equal(schemas.denySchema.parse({ host: "cnn.com" }).below, true);
    assert.match(section, /A name denies every name below it/);
  });
});
