import { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { parsePath } from "../diff/difference";
import { Path, sameJson } from "../../json";
import { Provider } from "../provider";
import { Autonaming } from "../resource";
import { checkAnswer, diffAnswer } from "./answers";
import { fromStruct, outsideLists, toStruct } from "./properties";
import { unary } from "./service";

type ResourceHandlers = Pick<IResourceProviderServer, "check" | "diff" | "create" | "read" | "update" | "delete">;

/** The calls about single resources: the wire format and the marks of secrecy off, the action, and both on again. */
export function resourceHandlers(provider: Provider): ResourceHandlers {
  const hidden = (type: string, inputs: Struct | undefined): Path[] => {
    const { value, secrets } = fromStruct(inputs);
    return [...outsideLists(secrets), ...provider.resourceType(type, value).secrets(value)];
  };

  const check = async (request: rpc.CheckRequest): Promise<rpc.CheckResponse> => {
    const news = fromStruct(request.getNews());
    const type = provider.resourceType(request.getType(), news.value);
    const checked = await type.check({
      name: request.getName(),
      olds: fromStruct(request.getOlds()).value,
      news: news.value,
      autonaming: autonamingOf(request),
      randomSeed: request.getRandomseed_asU8(),
    });
    return checkAnswer(checked, [...news.secrets, ...type.secrets(checked.inputs)]);
  };

  const diff = async (request: rpc.DiffRequest): Promise<rpc.DiffResponse> => {
    const news = fromStruct(request.getNews()).value;
    const difference = await provider.resourceType(request.getType(), news).diff({
      id: request.getId(),
      oldInputs: fromStruct(request.getOldInputs()).value,
      oldOutputs: fromStruct(request.getOlds()).value,
      news,
    });
    return diffAnswer(difference);
  };

  const create = async (request: rpc.CreateRequest): Promise<rpc.CreateResponse> => {
    const inputs = fromStruct(request.getProperties()).value;
    const created = await provider.resourceType(request.getType(), inputs).create({
      urn: request.getUrn(),
      inputs,
      timeout: request.getTimeout(),
      preview: request.getPreview(),
    });
    const secrets = hidden(request.getType(), request.getProperties());
    return new rpc.CreateResponse().setId(created.id).setProperties(toStruct({ value: created.outputs, secrets }));
  };

  const update = async (request: rpc.UpdateRequest): Promise<rpc.UpdateResponse> => {
    const inputs = fromStruct(request.getNews()).value;
    const outputs = await provider.resourceType(request.getType(), inputs).update({
      urn: request.getUrn(),
      id: request.getId(),
      inputs,
      outputs: fromStruct(request.getOlds()).value,
      timeout: request.getTimeout(),
      preview: request.getPreview(),
      ignoreChanges: request.getIgnorechangesList().map(parsePath),
    });
    const secrets = hidden(request.getType(), request.getNews());
    return new rpc.UpdateResponse().setProperties(toStruct({ value: outputs, secrets }));
  };

  const read = async (request: rpc.ReadRequest): Promise<rpc.ReadResponse> => {
    const inputs = fromStruct(request.getInputs());
    const outputs = fromStruct(request.getProperties());
    const { value } = inputs;
    const type = provider.resourceType(request.getType(), value);
    const found = await type.read({
      urn: request.getUrn(),
      id: request.getId(),
      inputs: value,
      outputs: outputs.value,
    });
    if (found === undefined) {
      return new rpc.ReadResponse();
    }
    const always = type.secrets(found.inputs);
    const kept = sameJson(value, found.inputs) ? inputs.secrets : outsideLists(inputs.secrets);
    return new rpc.ReadResponse()
      .setId(found.id)
      .setInputs(toStruct({ value: found.inputs, secrets: [...kept, ...always] }))
      .setProperties(toStruct({ value: found.outputs, secrets: [...outputs.secrets, ...always] }));
  };

  const remove = async (request: rpc.DeleteRequest): Promise<Empty> => {
    await provider.delete(request.getType(), {
      urn: request.getUrn(),
      id: request.getId(),
      inputs: fromStruct(request.getOldInputs()).value,
      outputs: fromStruct(request.getProperties()).value,
      timeout: request.getTimeout(),
    });
    return new Empty();
  };

  return {
    check: unary(check),
    diff: unary(diff),
    create: unary(create, (request) => hidden(request.getType(), request.getProperties())),
    update: unary(update, (request) => hidden(request.getType(), request.getNews())),
    read: unary(read),
    delete: unary(remove),
  };
}

function autonamingOf(request: rpc.CheckRequest): Autonaming | undefined {
  const options = request.getAutonaming();
  if (options === undefined) {
    return undefined;
  }
  const { Mode } = rpc.CheckRequest.AutonamingOptions;
  const modes = { [Mode.PROPOSE]: "propose", [Mode.ENFORCE]: "enforce", [Mode.DISABLE]: "disable" } as const;
  return { proposedName: options.getProposedName(), mode: modes[options.getMode()] };
}
