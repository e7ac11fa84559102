import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Provider } from "./provider";
import { engineLog, silentLog } from "./rpc/engine";
import { service } from "./rpc/service";

/** Messages hold whole resources: gRPC's own limit of 4 MiB is too little. */
const anySize = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/**
 * Serves the provider on a free loopback port and writes the port's number to the standard output, as Pulumi's
 * engine expects of a plugin. The engine gives its own address as the first argument, holds the standard input
 * open as long as it lives, and interrupts the plugin when it is done with it.
 */
function main(): void {
  const [engineAddress] = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
  const provider = new Provider(engineAddress === undefined ? silentLog : engineLog(engineAddress));
  const server = new grpc.Server(anySize);
  server.addService(ResourceProviderService, { ...service(provider) });
  const stop = (): void => {
    provider.cancel();
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

main();
