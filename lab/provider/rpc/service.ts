import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ProviderService } from "../../plugin/serve";
import { Provider, settingsDifference } from "../provider";
import { settingsDiffAnswer } from "./answers";
import { fromStruct } from "./properties";
import { resourceHandlers } from "./resources";
import { lacking, unary } from "./unary";

/** Version of the official provider whose place is taken. */
export const version = "4.34.2";

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
    invoke: unimplemented("functions, such as those behind helm.v3.Chart, yaml.ConfigFile and kustomize.Directory"),
    construct: unimplemented("components, such as helm.v4.Chart and yaml.v2.ConfigFile"),
    call: unimplemented("methods"),
    handshake: unimplemented("handshake"),
    attach: unimplemented("attaching"),
    parameterize: unimplemented("parameters"),
    getSchema: unimplemented("schema"),
    getMapping: unimplemented("mappings"),
    getMappings: unimplemented("mappings"),
  };
}

function unimplemented<Request, Response>(what: string): ReturnType<typeof lacking<Request, Response>> {
  return lacking(`The kubernetes provider that stands in for the official one has no ${what}: use the official one.`);
}
