import { Cluster } from "../cluster";
import { refusal } from "../objects/refusal";
import { changes, Difference, difference } from "../diff/difference";
import { becomesOther } from "../diff/immutable";
import { LabError } from "../../errors";
import { JsonObject, Path, child, isAbsent, text, unknownValue } from "../../json";
import { annotation, annotations, timeoutOf } from "../objects/metadata";
import { checkObject } from "../objects/check";
import { applied, settled } from "../objects/apply";
import { drifted } from "../objects/read";
import { isSecret, manifestOf, secretPaths, withLiveValues, withStringData } from "../objects/manifest";
import { servedKind } from "../objects/patience";
import { askable, dryRun } from "../objects/preview";
import { Reference, idOf, inNamespaceOf, locate, referenceOf, titleOf } from "../objects/reference";
import { apply, get } from "../objects/requests";
import {
  CheckRequest,
  CheckResult,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  Found,
  ReadRequest,
  ResourceType,
  TypeToken,
  UpdateRequest,
} from "../resource";
import { appliedFields, earlierManagers, managerOutput, newManager, owned } from "./owned";

/**
 * Single fields of objects that are somebody else's (`NamespacePatch`, and so for every kind).
 *
 * They are applied under a field manager of their own, from which the API server knows what was added. Only that is
 * read, compared and kept in the state, and only that goes when the patch does: the object stays. Fields of others are
 * taken over only by force, and no manager's fields are ever made ours wholesale.
 */
export class ObjectPatches implements ResourceType {
  /** @param token of the object's own kind */
  constructor(
    private readonly cluster: Cluster,
    private readonly token: TypeToken,
  ) {}

  async check(request: CheckRequest): Promise<CheckResult> {
    const { news } = request;
    if (news["metadata"] !== unknownValue && isAbsent(child(news, "metadata")["name"])) {
      const reason = `metadata.name is missing: a patch names the ${this.token.kind} that it changes.`;
      return { inputs: news, failures: [{ property: "metadata", reason }] };
    }
    return checkObject(this.cluster, request, this.token);
  }

  async diff({ id, oldInputs, news }: DiffRequest): Promise<Difference> {
    const [before, after] = [inNamespaceOf(id, oldInputs), inNamespaceOf(id, news)];
    return difference(changes(before, after), becomesOther(before, after), () => false);
  }

  async create(request: CreateRequest): Promise<{ id: string; outputs: JsonObject }> {
    const { urn, inputs } = request;
    const manager = newManager(urn, inputs);
    if (request.preview) {
      return { id: "", outputs: { ...(await this.preview(request, manager, [])), [managerOutput]: unknownValue } };
    }
    const { reference, live } = await this.target(inputs);
    const patched = await applied(this.cluster, reference, inputs, patchOf(inputs, reference, live), manager);
    for (const earlier of earlierManagers(urn, patched, manager)) {
      await this.release(reference, patched, earlier);
    }
    return { id: idOf(reference), outputs: await this.outputs(request, reference, patched, manager) };
  }

  async update(request: UpdateRequest): Promise<JsonObject> {
    const { inputs, ignoreChanges } = request;
    const before = text(request.outputs, managerOutput) ?? "";
    const manager = annotation(inputs, "patchFieldManager") ?? before;
    if (request.preview) {
      return this.preview(request, manager, ignoreChanges);
    }
    const { reference, live } = await this.target(inputs);
    const manifest = withLiveValues(patchOf(inputs, reference, live), live, ignoreChanges);
    const patched = await applied(this.cluster, reference, inputs, manifest, manager);
    if (manager !== before) {
      await this.release(reference, patched, before);
    }
    return this.outputs(request, reference, patched, manager);
  }

  async read({ id, inputs, outputs }: ReadRequest): Promise<Found | undefined> {
    if (Object.keys(inputs).length === 0) {
      throw new LabError(
        `A ${this.token.kind}Patch cannot be read or imported by an id: which fields would be its own is not known. ` +
          `Declare it in the program, or read the ${this.token.kind} itself.`,
      );
    }
    const { reference, live } = (await this.find(id, inputs)) ?? {};
    if (reference === undefined || live === undefined) {
      return undefined;
    }
    const seen = outputsOf(live, inputs, text(outputs, managerOutput) ?? "");
    return { id: idOf(reference), outputs: seen, inputs: drifted(inputs, outputs, seen) };
  }

  async delete({ id, inputs, outputs }: DeleteRequest): Promise<void> {
    const found = await this.find(id, inputs);
    if (found !== undefined) {
      await this.release(found.reference, found.live, text(outputs, managerOutput) ?? "");
    }
  }

  secrets(inputs: JsonObject): Path[] {
    return isSecret(inputs) ? secretPaths : [];
  }

  /** What the patch would own, asked of the API server where it can know. */
  private async preview({ urn, inputs }: CreateRequest, manager: string, ignoreChanges: Path[]): Promise<JsonObject> {
    const unknown = {
      ...inputs,
      metadata: { ...child(inputs, "metadata"), uid: unknownValue },
      [managerOutput]: manager,
    };
    const reference = await askable(this.cluster, inputs);
    if (reference === undefined) {
      return unknown;
    }
    const live = await read(this.cluster, reference);
    if (live === undefined) {
      this.cluster.log.warning(urn, `${missing(reference)} The update fails unless it is made before.`);
      return unknown;
    }
    const manifest = withLiveValues(patchOf(inputs, reference, live), live, ignoreChanges);
    const tried = await dryRun(this.cluster, reference, inputs, manifest, manager);
    return tried === undefined ? unknown : outputsOf(tried, inputs, manager);
  }

  /** @throws LabError when there is no such object: a patch never makes one */
  private async target(inputs: JsonObject): Promise<Target> {
    const reference = referenceOf(this.cluster, await servedKind(this.cluster, inputs), inputs);
    const live = await read(this.cluster, reference);
    if (live === undefined) {
      throw new LabError(`${missing(reference)} Check its name, or make it first; a patch makes no objects.`);
    }
    return { reference, live };
  }

  private async find(id: string, inputs: JsonObject): Promise<Target | undefined> {
    const reference = await locate(this.cluster, id, text(inputs, "apiVersion") ?? "", text(inputs, "kind") ?? "");
    const live = reference && (await read(this.cluster, reference));
    return reference && live && { reference, live };
  }

  private outputs(
    { urn, inputs, timeout }: CreateRequest,
    reference: Reference,
    live: JsonObject,
    manager: string,
  ): Promise<JsonObject> {
    const outputs = (latest: JsonObject): JsonObject => outputsOf(latest, inputs, manager);
    return settled(this.cluster, { urn, reference, inputs, live, outputs, seconds: timeoutOf(inputs, timeout) });
  }

  /** Takes back what a manager has applied, by applying nothing in its name; fields that others hold too stay. */
  private async release(reference: Reference, live: JsonObject, manager: string): Promise<void> {
    if (Object.keys(appliedFields(live, manager)).length === 0) {
      return;
    }
    const { apiVersion, kind } = reference.kind;
    const nothing = patchOf({ apiVersion, kind, metadata: { name: reference.name } }, reference, live);
    try {
      await apply(this.cluster, reference, nothing, { manager, force: false, dryRun: false });
    } catch (error) {
      throw refusal(error, titleOf(reference));
    }
  }
}

interface Target {
  reference: Reference;
  live: JsonObject;
}

async function read(cluster: Cluster, reference: Reference): Promise<JsonObject | undefined> {
  try {
    return await get(cluster, reference);
  } catch (error) {
    throw refusal(error, titleOf(reference));
  }
}

function missing(reference: Reference): string {
  return `${titleOf(reference)} does not exist, so there is nothing to patch.`;
}

/**
 * What is applied: the inputs for this very object, which the server refuses to make anew when it is gone meanwhile.
 * Annotations that steer the provider are not for the object, which is not ours.
 */
function patchOf(inputs: JsonObject, reference: Reference, live: JsonObject): JsonObject {
  const manifest = manifestOf(inputs, reference);
  const { annotations: given, ...metadata } = child(manifest, "metadata");
  const steering: string[] = Object.values(annotations);
  const meant = Object.entries(child(given)).filter(([key]) => !steering.includes(key));
  const patched: JsonObject = { ...metadata, uid: text(live, "metadata", "uid") ?? null };
  if (meant.length > 0) {
    patched["annotations"] = Object.fromEntries(meant);
  }
  return { ...manifest, metadata: patched };
}

/** Which object it is, and what of it the manager has applied. */
function outputsOf(live: JsonObject, inputs: JsonObject, manager: string): JsonObject {
  const { apiVersion, kind } = live;
  const { name, namespace, uid } = child(live, "metadata");
  const own = owned(live, appliedFields(live, manager));
  const place = { name, uid, ...(namespace === undefined ? {} : { namespace }) };
  const metadata = { ...child(own, "metadata"), ...place } as JsonObject;
  const outputs = { ...own, apiVersion, kind, metadata, [managerOutput]: manager } as JsonObject;
  return isSecret(inputs) ? withStringData(outputs, inputs) : outputs;
}
