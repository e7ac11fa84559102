import * as grpc from "@grpc/grpc-js";
import { IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";

/** Messages hold whole resources: gRPC's own limit of 4 MiB is too little. */
const anySize = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** A plugin's side of the provider protocol. */
export type ProviderService = Omit<IResourceProviderServer, "name">;

/** Address (host:port) of the engine that started this plugin; undefined when something else did. */
export function engineAddress(): string | undefined {
  return process.argv.slice(2).find((argument) => !argument.startsWith("-"));
}

/**
 * Serves a provider on a free loopback port and writes the port's number to the standard output, as Pulumi's engine
 * expects of a plugin. The engine holds the standard input open as long as it lives, and interrupts the plugin when
 * it is done with it.
 *
 * @param onStop called before the process ends
 */
export function serve(provider: ProviderService, onStop: () => void = () => undefined): void {
  const server = new grpc.Server(anySize);
  server.addService(ResourceProviderService, { ...provider });
  const stop = (): void => {
    onStop();
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.stdin.on("end", stop).resume();
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
}

/**
 * A handler for a call of the protocol that a plugin does not have.
 * @param plugin what it is, as its users know it
 * @param what the part that is not there, in the plural
 * @example lacking("The recorder of previews", "methods")
 */
export function lacking<Request, Response>(plugin: string, what: string): grpc.handleUnaryCall<Request, Response> {
  const details = `${plugin} has no ${what}: use the official one.`;
  return (_, callback) => callback({ code: grpc.status.UNIMPLEMENTED, details });
}

type LackingCalls = Pick<
  ProviderService,
  "construct" | "call" | "handshake" | "attach" | "parameterize" | "getSchema" | "getMapping" | "getMappings"
>;

/** The calls that no plugin of the lab has: the engine asks for them in vain, or never. */
export function lackingCalls(plugin: string): LackingCalls {
  return {
    construct: lacking(plugin, "components"),
    call: lacking(plugin, "methods"),
    handshake: lacking(plugin, "handshake"),
    attach: lacking(plugin, "attaching"),
    parameterize: lacking(plugin, "parameters"),
    getSchema: lacking(plugin, "schema"),
    getMapping: lacking(plugin, "mappings"),
    getMappings: lacking(plugin, "mappings"),
  };
}
