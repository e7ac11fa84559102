import { LabError } from "../errors";
import { JsonObject, Path } from "../json";
import { Difference } from "./diff/difference";

/** How a name is to be made for a resource that gives none. */
export interface Autonaming {
  proposedName: string;
  mode: "propose" | "enforce" | "disable";
}

export interface CheckRequest {
  /** The resource's name in the program. */
  name: string;
  olds: JsonObject;
  news: JsonObject;
  autonaming?: Autonaming;
  /** Bytes from which a name may be made; empty when the engine gives none. */
  randomSeed: Uint8Array;
}

/** One thing that is wrong with the inputs; `property` is its first step, "" for the resource as a whole. */
export interface CheckFailure {
  property: string;
  reason: string;
}

export interface CheckResult {
  inputs: JsonObject;
  failures: CheckFailure[];
}

export interface DiffRequest {
  id: string;
  oldInputs: JsonObject;
  oldOutputs: JsonObject;
  news: JsonObject;
}

export interface CreateRequest {
  urn: string;
  inputs: JsonObject;
  /** Seconds; 0 when the program sets none. */
  timeout: number;
  preview: boolean;
}

export interface UpdateRequest extends CreateRequest {
  id: string;
  /** What the last create, update or read gave. */
  outputs: JsonObject;
  /** Paths whose old inputs the program wants kept. */
  ignoreChanges: Path[];
}

export interface ReadRequest {
  urn: string;
  id: string;
  /** Empty when a resource is imported. */
  inputs: JsonObject;
  outputs: JsonObject;
}

export interface DeleteRequest {
  urn: string;
  id: string;
  inputs: JsonObject;
  outputs: JsonObject;
  timeout: number;
}

/** A resource as it is: `inputs` are what a program would have to say for it. */
export interface Found {
  id: string;
  inputs: JsonObject;
  outputs: JsonObject;
}

/**
 * A kind of thing that Pulumi manages, over plain JSON: the wire format and the marks of secrecy are elsewhere.
 * Every method throws LabError for what the user can mend.
 */
export interface ResourceType {
  check(request: CheckRequest): Promise<CheckResult>;
  diff(request: DiffRequest): Promise<Difference>;
  /** @throws InitializationError when it exists but did not come up */
  create(request: CreateRequest): Promise<{ id: string; outputs: JsonObject }>;
  /** @throws InitializationError when it was changed but did not come up */
  update(request: UpdateRequest): Promise<JsonObject>;
  /** Undefined when it is gone. */
  read(request: ReadRequest): Promise<Found | undefined>;
  delete(request: DeleteRequest): Promise<void>;
  /** Parts that are secret whatever the program says. */
  secrets(inputs: JsonObject): Path[];
}

/** A Pulumi type token of this package, such as `kubernetes:apps/v1:Deployment`, taken apart. */
export interface TypeToken {
  apiVersion: string;
  kind: string;
}

/** Token of the one type that is no Kubernetes object. */
export const releaseToken = "kubernetes:helm.sh/v3:Release";

/**
 * The API version and kind that a token names; the package calls the unnamed group `core`.
 * Undefined when the token is not of the form `kubernetes:<group>/<version>:<kind>`.
 */
export function parseToken(token: string): TypeToken | undefined {
  const [, apiVersion, kind, ...rest] = token.split(":");
  if (!token.startsWith("kubernetes:") || apiVersion === undefined || kind === undefined || rest.length > 0) {
    return undefined;
  }
  return { apiVersion: apiVersion.replace(/^core\//, ""), kind };
}

/**
 * The type whose fields a `…Patch` type sets; undefined for a type that is no patch.
 * @param kind the kind that the resource's inputs name, when they name one
 */
export function patchedToken({ apiVersion, kind: name }: TypeToken, kind: string | undefined): TypeToken | undefined {
  const patched = kind ?? name.replace(/Patch$/, "");
  return patched !== "" && name === `${patched}Patch` ? { apiVersion, kind: patched } : undefined;
}

/** The engine asked to stop (Ctrl-C) while something was under way. */
export class CancelledError extends LabError {
  constructor() {
    super("cancelled");
  }
}

/** A resource that exists now but did not come up: the engine keeps it in the state, and the next update tries again. */
export class InitializationError extends LabError {
  constructor(
    readonly id: string,
    readonly outputs: JsonObject,
    readonly reasons: string[],
  ) {
    super(reasons.join("; "));
  }
}
