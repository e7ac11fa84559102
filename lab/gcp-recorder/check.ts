import { didYouMean } from "../../model/ground/suggest";
import { formatPath } from "../provider/diff/difference";
import { Json, JsonObject, Path, isAbsent, isObject, unknownValue } from "../json";
import { CheckFailure } from "../provider/resource";
import { DeclaredTypes, Kind, Shape } from "./table/shapes";

/** Properties that the engine itself puts among a provider's, beside those that the package declares. */
const engineProperties = new Set(["version", "pluginDownloadURL"]);

/**
 * Holds a resource's inputs to what the package declares: names, required properties, and the form of each value.
 * A value that is not known yet passes.
 *
 * @returns everything that is wrong, in the order of the declaration
 */
export function checkResource(token: string, inputs: JsonObject, types: DeclaredTypes): CheckFailure[] {
  const shapes = types.resources[token];
  if (shapes === undefined) {
    return [{ property: "", reason: `@pulumi/gcp ${types.version} has no resource ${token}.` }];
  }
  return new Checker(token, types).object(inputs, shapes.inputs, []);
}

/** The same for the provider's own settings, whose values come as text. */
export function checkSettings(inputs: JsonObject, types: DeclaredTypes): CheckFailure[] {
  const known = Object.fromEntries(Object.entries(inputs).filter(([name]) => !engineProperties.has(name)));
  return new Checker("the gcp provider", types).names(known, types.provider, []);
}

class Checker {
  constructor(
    private readonly title: string,
    private readonly types: DeclaredTypes,
  ) {}

  object(value: JsonObject, shape: Shape, path: Path): CheckFailure[] {
    const missing = Object.entries(shape)
      .filter(([name, { optional }]) => optional === undefined && isAbsent(value[name]))
      .map(([name]) => this.failure([...path, name], `is missing, and ${this.title} requires it.`));
    const wrong = Object.entries(shape).flatMap(([name, { kind }]) => this.value(value[name], kind, [...path, name]));
    return [...this.names(value, shape, path), ...missing, ...wrong];
  }

  names(value: JsonObject, shape: Shape, path: Path): CheckFailure[] {
    return Object.keys(value)
      .filter((name) => shape[name] === undefined)
      .map((name) => {
        const hint = didYouMean(name, Object.keys(shape));
        const end = hint === undefined ? "." : `; ${hint}`;
        return this.failure([...path, name], `is no property of ${this.title}${end}`);
      });
  }

  private value(value: Json | undefined, kind: Kind, path: Path): CheckFailure[] {
    if (isAbsent(value) || value === unknownValue || kind === "any") {
      return [];
    }
    if (typeof kind === "string") {
      return typeof value === kind ? [] : [this.failure(path, `must be a ${kind}, and is ${wordFor(value)}.`)];
    }
    if ("list" in kind) {
      return Array.isArray(value)
        ? value.flatMap((item, index) => this.value(item, kind.list, [...path, index]))
        : [this.failure(path, `must be a list, and is ${wordFor(value)}.`)];
    }
    if (!isObject(value)) {
      return [this.failure(path, `must be an object, and is ${wordFor(value)}.`)];
    }
    return "map" in kind
      ? Object.entries(value).flatMap(([key, item]) => this.value(item, kind.map, [...path, key]))
      : this.object(value, this.types.objects[kind.object] ?? {}, path);
  }

  private failure(path: Path, text: string): CheckFailure {
    // The path stands in the reason: of a property the engine shows the value, which one inside an object has not.
    return { property: "", reason: `"${formatPath(path)}" ${text}` };
  }
}

function wordFor(value: Json): string {
  if (Array.isArray(value)) {
    return "a list";
  }
  return isObject(value) ? "an object" : `the ${typeof value} ${JSON.stringify(value)}`;
}
