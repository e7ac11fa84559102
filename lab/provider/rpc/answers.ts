import * as grpc from "@grpc/grpc-js";
import {
  CheckFailure,
  CheckResponse,
  DiffResponse,
  ErrorResourceInitFailed,
  PropertyDiff,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { LabError } from "../../errors";
import { Path } from "../../json";
import { Change, Difference, formatPath } from "../diff/difference";
import { CancelledError, CheckResult, InitializationError } from "../resource";
import { outsideLists, toStruct } from "./properties";

export function checkAnswer({ inputs, failures }: CheckResult, secrets: Path[]): CheckResponse {
  const response = new CheckResponse().setInputs(toStruct({ value: inputs, secrets }));
  for (const { property, reason } of failures) {
    response.addFailures(new CheckFailure().setProperty(property).setReason(reason));
  }
  return response;
}

export function diffAnswer({ changes, deleteBeforeReplace }: Difference): DiffResponse {
  const response = new DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList([...new Set(changes.map(({ path }) => String(path[0])))]);
  response.setReplacesList(changes.filter(({ replaces }) => replaces).map(({ path }) => formatPath(path)));
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const { path, kind, replaces } of changes) {
    const detail = new PropertyDiff().setKind(detailKind(kind, replaces)).setInputdiff(true);
    response.getDetaileddiffMap().set(formatPath(path), detail);
  }
  return response;
}

/** The answer for the provider's own settings; another cluster replaces the provider, and so all that it made. */
export function settingsDiffAnswer(changes: Change[], otherCluster: boolean): DiffResponse {
  const response = new DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  const keys = [...new Set(changes.map(({ path }) => String(path[0])))];
  response.setChanges(keys.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(keys);
  response.setReplacesList(otherCluster ? keys : []);
  return response;
}

function detailKind(kind: Change["kind"], replaces: boolean): PropertyDiff.Kind {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = PropertyDiff.Kind;
  const kinds = {
    add: [ADD, ADD_REPLACE],
    delete: [DELETE, DELETE_REPLACE],
    update: [UPDATE, UPDATE_REPLACE],
  } as const;
  return kinds[kind][replaces ? 1 : 0];
}

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
