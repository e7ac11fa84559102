import { Difference } from "./diff/difference";
import { JsonObject, Path } from "../json";

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
