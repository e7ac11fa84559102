import { Cluster } from "../cluster";
import { changes, Difference, difference } from "../diff/difference";
import { immutability } from "../diff/immutable";
import { JsonObject, Path, text } from "../../json";
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
import { checkObject } from "./check";
import { createObject, updateObject } from "./apply";
import { deleteObject } from "./delete";
import { isAutonamed } from "./metadata";
import { previewCreate, previewUpdate } from "./preview";
import { readObject } from "./read";
import { inNamespaceOf } from "./reference";
import { isSecret, secretPaths } from "./manifest";

/** Every kind of object that the API server serves, built in or by a definition. */
export class KubernetesObjects implements ResourceType {
  constructor(
    private readonly cluster: Cluster,
    private readonly token: TypeToken,
  ) {}

  check(request: CheckRequest): Promise<CheckResult> {
    return checkObject(this.cluster, request, this.token);
  }

  async diff({ id, oldInputs, oldOutputs, news }: DiffRequest): Promise<Difference> {
    const before = inNamespaceOf(id, oldInputs);
    const after = inNamespaceOf(id, news);
    const isSameName = (): boolean => !isAutonamed(news) && identityOf(before) === identityOf(after);
    return difference(changes(before, after), immutability(before, oldOutputs, after), isSameName);
  }

  async create(request: CreateRequest): Promise<{ id: string; outputs: JsonObject }> {
    return request.preview
      ? { id: "", outputs: await previewCreate(this.cluster, request) }
      : createObject(this.cluster, request);
  }

  update(request: UpdateRequest): Promise<JsonObject> {
    return request.preview ? previewUpdate(this.cluster, request) : updateObject(this.cluster, request);
  }

  read(request: ReadRequest): Promise<Found | undefined> {
    return readObject(this.cluster, request, this.token);
  }

  delete(request: DeleteRequest): Promise<void> {
    return deleteObject(this.cluster, request);
  }

  secrets(inputs: JsonObject): Path[] {
    return isSecret(inputs) ? secretPaths : [];
  }
}

function identityOf(inputs: JsonObject): string {
  const group = (text(inputs, "apiVersion") ?? "").split("/").slice(0, -1).join("/");
  return [group, text(inputs, "kind"), text(inputs, "metadata", "namespace"), text(inputs, "metadata", "name")].join(
    " ",
  );
}
