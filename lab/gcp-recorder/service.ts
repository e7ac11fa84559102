import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { lackingCalls, ProviderService } from "../plugin/serve";
import { changes } from "../provider/diff/difference";
import { LabError } from "../errors";
import { JsonObject } from "../json";
import { checkAnswer, diffAnswer, settingsDiffAnswer } from "../provider/rpc/answers";
import { fromStruct, toStruct } from "../provider/rpc/properties";
import { unary } from "../provider/rpc/service";
import { checkResource, checkSettings } from "./check";
import { answer, previewed, record } from "./record";
import { DeclaredTypes } from "./table/shapes";

/**
 * The gcp provider for previews, as the engine calls it: holds every resource to the package's declarations, writes
 * down what the program asks for, contacts nobody, and refuses to make, change or delete anything.
 */
export function service(types: DeclaredTypes): ProviderService {
  let settings: JsonObject = {};

  const planned = (
    request: rpc.CreateRequest | rpc.UpdateRequest,
    given: Struct | undefined,
    action: string,
  ): Struct => {
    if (!request.getPreview()) {
      refuse(action, request.getUrn());
    }
    const { value, secrets } = fromStruct(given);
    return toStruct({ value: previewed(request.getType(), value, types), secrets });
  };

  return {
    getPluginInfo: unary(() => new PluginInfo().setVersion(types.version)),
    cancel: unary(() => new Empty()),
    checkConfig: unary((request: rpc.CheckRequest) => {
      const { value: inputs, secrets } = fromStruct(request.getNews());
      return checkAnswer({ inputs, failures: checkSettings(inputs, types) }, secrets);
    }),
    diffConfig: unary((request: rpc.DiffRequest) => {
      const olds = fromStruct(request.getOldInputs() ?? request.getOlds()).value;
      return settingsDiffAnswer(changes(olds, fromStruct(request.getNews()).value), false);
    }),
    configure: unary((request: rpc.ConfigureRequest) => {
      settings = fromStruct(request.getArgs()).value;
      return new rpc.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    check: unary((request: rpc.CheckRequest) => {
      const news = fromStruct(request.getNews());
      record(request.getUrn(), request.getType(), news);
      const failures = checkResource(request.getType(), news.value, types);
      return checkAnswer({ inputs: news.value, failures }, news.secrets);
    }),
    diff: unary((request: rpc.DiffRequest) => {
      const changed = changes(fromStruct(request.getOldInputs()).value, fromStruct(request.getNews()).value);
      const replaces = changed.map((change) => ({ ...change, replaces: false }));
      return diffAnswer({ changes: replaces, deleteBeforeReplace: false });
    }),
    create: unary((request: rpc.CreateRequest) => {
      const outputs = planned(request, request.getProperties(), "create");
      return new rpc.CreateResponse().setProperties(outputs);
    }),
    update: unary((request: rpc.UpdateRequest) => {
      const outputs = planned(request, request.getNews(), "change");
      return new rpc.UpdateResponse().setProperties(outputs);
    }),
    delete: unary((request: rpc.DeleteRequest): Empty => refuse("delete", request.getUrn())),
    read: unary((request: rpc.ReadRequest): rpc.ReadResponse => refuse("read", request.getUrn())),
    invoke: unary((request: rpc.InvokeRequest) => {
      const said = answer(request.getTok(), settings, fromStruct(request.getArgs()).value);
      return new rpc.InvokeResponse().setReturn(toStruct({ value: said, secrets: [] }));
    }),
    ...lackingCalls("The recorder of previews that stands in for the gcp plugin"),
  };
}

/** @throws LabError always */
function refuse(action: string, urn: string): never {
  throw new LabError(
    `${urn.split("::").at(-1)}: this gcp plugin is a recorder for previews, and cannot ${action} anything; ` +
      "the official plugin is needed to apply.",
  );
}
