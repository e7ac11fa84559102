import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Says something beside a resource in Pulumi's display. */
export interface Log {
  /** A line that the next one replaces and that is not kept: progress. */
  progress(urn: string, message: string): void;
  warning(urn: string, message: string): void;
}

/** A log that goes to the engine at `address` (host:port). A message that does not arrive is not worth a failure. */
export function engineLog(address: string): Log {
  const engine = new EngineClient(address, grpc.credentials.createInsecure());
  const send = (severity: LogSeverity, urn: string, message: string, ephemeral: boolean): void => {
    const request = new LogRequest();
    request.setSeverity(severity);
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    engine.log(request, () => undefined);
  };
  return {
    progress: (urn, message) => send(LogSeverity.INFO, urn, message, true),
    warning: (urn, message) => send(LogSeverity.WARNING, urn, message, false),
  };
}

/** Progress on one resource, said only when it differs from what was said last. */
export function progressOf(log: Log, urn: string): (message: string) => void {
  let last = "";
  return (message) => {
    if (message !== last) {
      last = message;
      log.progress(urn, message);
    }
  };
}

/** For a provider that was started without an engine. */
export const silentLog: Log = { progress: () => undefined, warning: () => undefined };
