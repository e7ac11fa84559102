import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Path } from "../../json";
import { lacking, lackingCalls, ProviderService } from "../../plugin/serve";
import { Provider, settingsDifference } from "../provider";
import { failure, settingsDiffAnswer } from "./answers";
import { fromStruct } from "./properties";
import { resourceHandlers } from "./resources";

/** Version of the official provider whose place is taken. */
export const version = "4.34.2";

/** What messages call it. */
const plugin = "The kubernetes provider that stands in for the official one";

/** The provider as the engine calls it. */
export function service(provider: Provider): ProviderService {
  return {
    ...resourceHandlers(provider),
    getPluginInfo: unary(() => new PluginInfo().setVersion(version)),
    cancel: unary(() => {
      provider.cancel();
      return new Empty();
    }),
    checkConfig: unary((request: rpc.CheckRequest) => new rpc.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary((request: rpc.DiffRequest) => {
      const olds = fromStruct(request.getOldInputs() ?? request.getOlds()).value;
      const { changes, otherCluster } = settingsDifference(olds, fromStruct(request.getNews()).value);
      return settingsDiffAnswer(changes, otherCluster);
    }),
    configure: unary((request: rpc.ConfigureRequest) => {
      provider.configure(fromStruct(request.getArgs()).value);
      return new rpc.ConfigureResponse()
        .setAcceptsecrets(true)
        .setSupportspreview(true)
        .setSupportsAutonamingConfiguration(true);
    }),
    ...lackingCalls(plugin),
    invoke: lacking(plugin, "functions, such as those behind helm.v3.Chart, yaml.ConfigFile and kustomize.Directory"),
    construct: lacking(plugin, "components, such as helm.v4.Chart and yaml.v2.ConfigFile"),
  };
}

type Handler<Request, Response> = grpc.handleUnaryCall<Request, Response>;

/**
 * A handler that answers with what the action returns, or with the failure that it throws.
 * @param secretsOf parts that are secret in outputs that come with a failure
 */
export function unary<Request, Response>(
  action: (request: Request) => Promise<Response> | Response,
  secretsOf: (request: Request) => Path[] = () => [],
): Handler<Request, Response> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(action)
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(failure(error, secretsOf(call.request))),
      );
  };
}
