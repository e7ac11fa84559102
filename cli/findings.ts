import { StackFileError } from "../model/config/file/stack";
import { ConfigError } from "../model/config/problem";
import { StateError } from "./doctor/state";
import { ClusterError } from "./kubectl";
import { labRoom } from "./lab-room";
import { UnwritableError } from "./out";
import { ProgramError } from "./render/program";
import { RecordingError } from "./traffic/lines";
import { NotWrittenError } from "./traffic/write";

/** What is wrong with a stack, a cluster or a machine, and not with `egress`: the message is all that a reader needs. */
const findings = [
  ConfigError,
  StackFileError,
  ProgramError,
  ClusterError,
  UnwritableError,
  RecordingError,
  StateError,
  NotWrittenError,
];

/** Whether an error is such a finding: a command ends with 1 and its message, and needs to catch none itself. */
export function isFinding(error: unknown): error is Error {
  const lab = labRoom()?.LabError;
  return [...findings, ...(lab === undefined ? [] : [lab])].some((kind) => error instanceof kind);
}
