import * as pulumi from "@pulumi/pulumi";
import { ArgumentError, Manifest, manifestKey } from "../model";
import { planned, RefusedArguments, Words } from "./planned";

/**
 * Values that are not known yet, in what is planned from plain ones. Which objects there are, and what they are called,
 * is known from the start; what stands in them may be an Output, which is checked as soon as it is known. An Output that
 * turns out wrong fails the objects that it is in, and nothing is made of it.
 */

function isLater(value: unknown): value is pulumi.Output<unknown> | Promise<unknown> {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  const prototype: unknown = typeof value === "object" && value !== null ? Object.getPrototypeOf(value) : undefined;
  return prototype === Object.prototype || prototype === null;
}

/** Whether a value is known later, or has a part that is, at any depth. */
export function holdsLater(value: unknown): boolean {
  return (
    isLater(value) ||
    (Array.isArray(value) && value.some(holdsLater)) ||
    (isPlain(value) && Object.values(value).some(holdsLater))
  );
}

/**
 * Plans objects from values of which some may be known later.
 *
 * @param standIns sound values, by which it is told which objects there will be: of a list, one item, and of a set of
 *   keys and values, one value
 * @throws ArgumentError for what is known and wrong
 */
export function plannedWhenKnown<V extends object>(
  component: string,
  words: Words,
  values: { [K in keyof V]: unknown },
  standIns: Partial<V>,
  plan: (values: V) => Manifest[],
): Manifest[] {
  const planFrom = (known: V) => planned(component, words, () => plan(known));
  if (!holdsLater(values)) {
    return planFrom(values as V);
  }
  const shape = planFrom(withStandIn(values, standIns) as V);
  const known = pulumi.output(values) as unknown as pulumi.Output<V>;
  const later = known.apply(async (all) => {
    try {
      return ofShape(component, shape, planFrom(all));
    } catch (error) {
      throw (await pulumi.isSecret(known)) ? withoutValues(error, all) : error;
    }
  });
  return shape.map((manifest) => laterContent(manifest, later));
}

function withStandIn(value: unknown, standIn: unknown): unknown {
  if (isLater(value)) {
    return standIn;
  }
  if (Array.isArray(value)) {
    const [item] = Array.isArray(standIn) ? (standIn as unknown[]) : [];
    return value.map((each) => withStandIn(each, item));
  }
  if (!isPlain(value)) {
    return value;
  }
  const parts = isPlain(standIn) ? standIn : {};
  const [any] = Object.values(parts);
  return mapped(value, (each, key) => withStandIn(each, Object.hasOwn(parts, key) ? parts[key] : any));
}

function ofShape(component: string, shape: Manifest[], manifests: Manifest[]): Manifest[] {
  const [expected, found] = [shape, manifests].map((each) => each.map(manifestKey).join(", "));
  if (expected !== found) {
    const problem = `Which objects there are must be known from the start: they would be ${found}, and not ${expected}`;
    throw new ArgumentError(component, [{ argument: "its values", problem }]);
  }
  return manifests;
}

/** Of an error about secret values, all but the values. */
function withoutValues(error: unknown, values: unknown): unknown {
  if (!(error instanceof ArgumentError)) {
    return error;
  }
  const texts = textsIn(values).filter((text) => text !== "");
  const hidden = (text: string) =>
    texts.reduce(
      (said, value) => said.replaceAll(JSON.stringify(value), "[secret]").replaceAll(value, "[secret]"),
      text,
    );
  return new RefusedArguments(
    error.of,
    error.problems.map(({ argument, problem }) => ({ argument, problem: hidden(problem) })),
  );
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  return Array.isArray(value) || isPlain(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** An object of which all but its name is told by a later plan, which has it too. */
export function laterContent(manifest: Manifest, later: pulumi.Output<Manifest[]>): Manifest {
  const key = manifestKey(manifest);
  const found = later.apply((manifests) => manifests.find((each) => manifestKey(each) === key)!);
  const { apiVersion, kind, metadata, ...content } = manifest;
  const { name, namespace, ...described } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...mapped(described, (_, field) => found.apply((each) => each.metadata[field as "labels"])),
    },
    ...mapped(content, (_, field) => found.apply((each) => each[field])),
  };
}

/**
 * Texts that a plan carries along and does not read, such as values of environment variables. Each is a mark in what is
 * planned, and is put in the place of its mark afterwards: so one that is secret hides itself, and nothing around it.
 */
export class CarriedTexts<T extends object> {
  private readonly marks = new Map<string, pulumi.Output<string>>();
  /** The texts, with a mark in the place of each that is known later. */
  readonly marked: T;

  /** @param check throws for a text that is wrong, when it is known: it is given all of the texts, with marks for the others */
  constructor(texts: { [K in keyof T]: unknown }, check: (texts: T) => void) {
    const mark = (value: unknown, withKnown: (known: unknown) => unknown): unknown => {
      if (isLater(value)) {
        const name = `\u0000${this.marks.size}`;
        this.marks.set(
          name,
          (pulumi.output(value) as pulumi.Output<unknown>).apply((known) => {
            check(withKnown(known) as T);
            return known as string;
          }),
        );
        return name;
      }
      if (Array.isArray(value)) {
        const items: unknown[] = value.map((each, index) =>
          mark(each, (known) => withKnown(items.map((other, place) => (place === index ? known : other)))),
        );
        return items;
      }
      if (isPlain(value)) {
        const fields: Record<string, unknown> = mapped(value, (each, key) =>
          mark(each, (known) => withKnown({ ...fields, [key]: known })),
        );
        return fields;
      }
      return value;
    };
    this.marked = mark(texts, (known) => known) as T;
  }

  /** What was planned, with the texts in the places of their marks. */
  restored<P>(value: P): P {
    if (typeof value === "string") {
      return (this.marks.get(value) ?? value) as P;
    }
    if (Array.isArray(value)) {
      return value.map((each: unknown) => this.restored(each)) as P;
    }
    return isPlain(value) ? (mapped(value, (each) => this.restored(each)) as P) : value;
  }
}

function mapped<T extends object>(
  fields: T,
  change: (value: unknown, key: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, change(value, key)]));
}
