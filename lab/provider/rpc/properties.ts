import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Json, JsonObject, Path, isObject } from "../../json";

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** A bag of properties with the marks of secrecy taken off and kept beside it. */
export interface Properties {
  value: JsonObject;
  secrets: Path[];
}

/** What the engine sent, in plain JSON, and which parts of it are secret. */
export function fromStruct(struct: Struct | undefined): Properties {
  const secrets: Path[] = [];
  const value = struct === undefined ? {} : unwrap(struct.toJavaScript(), [], secrets);
  return { value: isObject(value) ? value : {}, secrets };
}

/** Plain properties for the engine, with the parts at `secrets` marked as secret where they exist. */
export function toStruct({ value, secrets }: Properties): Struct {
  return Struct.fromJavaScript(wrap(value, [], secrets) as JsonObject);
}

/**
 * Paths for a document whose lists may be ordered otherwise than the one in which the secrets were found:
 * a secret inside a list makes the whole list secret.
 */
export function outsideLists(secrets: Path[]): Path[] {
  return secrets.map((path) => {
    const index = path.findIndex((step) => typeof step === "number");
    return index < 0 ? path : path.slice(0, index);
  });
}

function unwrap(value: Json, path: Path, secrets: Path[]): Json {
  if (Array.isArray(value)) {
    return value.map((item, index) => unwrap(item, [...path, index], secrets));
  }
  if (!isObject(value)) {
    return value;
  }
  if (value[signatureKey] === secretSignature) {
    secrets.push(path);
    return unwrap(value["value"] ?? null, path, []);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrap(inner, [...path, key], secrets)]));
}

function wrap(value: Json, path: Path, secrets: Path[]): Json {
  if (path.length > 0 && secrets.some((secret) => samePath(secret, path))) {
    return { [signatureKey]: secretSignature, value };
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => wrap(item, [...path, index], secrets));
  }
  if (isObject(value)) {
    const defined = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(defined.map(([key, inner]) => [key, wrap(inner, [...path, key], secrets)]));
  }
  return value;
}

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}
