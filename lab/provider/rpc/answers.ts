import { CheckFailure, CheckResponse, DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import { Difference } from "../diff/difference";
import { Change } from "../diff/leaves";
import { formatPath } from "../diff/path";
import { Path } from "../../json";
import { CheckResult } from "../resource";
import { toStruct } from "./properties";

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
