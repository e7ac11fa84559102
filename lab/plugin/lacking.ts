import * as grpc from "@grpc/grpc-js";
import { ProviderService } from "./serve";

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
