import * as grpc from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { LabError } from "../../errors";
import { CancelledError, InitializationError } from "../errors";
import { Path } from "../../json";
import { outsideLists, toStruct } from "./properties";

/**
 * The gRPC answer for a failure. FAILED_PRECONDITION and CANCELLED tell the engine that the failure is understood
 * and that the resource is as it was; INTERNAL, that something of ours broke.
 */
export function failure(error: unknown, secrets: Path[] = []): Partial<grpc.StatusObject> {
  if (error instanceof InitializationError) {
    return initializationFailure(error, secrets);
  }
  const details = error instanceof Error ? error.message : String(error);
  if (error instanceof CancelledError) {
    return { code: grpc.status.CANCELLED, details };
  }
  return { code: error instanceof LabError ? grpc.status.FAILED_PRECONDITION : grpc.status.INTERNAL, details };
}

/** gRPC for Node has no structured details of an error: they go as a serialised status in a metadata field of this name. */
function initializationFailure(error: InitializationError, secrets: Path[]): Partial<grpc.StatusObject> {
  const detail = new ErrorResourceInitFailed();
  detail.setId(error.id);
  detail.setProperties(toStruct({ value: error.outputs, secrets: outsideLists(secrets) }));
  detail.setReasonsList(error.reasons);
  const any = new Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(error.message);
  status.addDetails(any);
  const metadata = new grpc.Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details: error.message, metadata };
}
