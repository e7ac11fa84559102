import * as fs from "node:fs";
import { formatPath } from "../provider/diff/path";
import { JsonObject } from "../json";
import { Properties } from "../provider/rpc/properties";

/** Names the file that a recorder writes to; without it nothing is recorded. */
export const recordVariable = "ISTIO_EGRESS_GCP_RECORD";

/** A resource that a program asked for, as it was checked. */
export interface Recorded {
  urn: string;
  token: string;
  /** With the engine's own mark where a value is not known yet. */
  inputs: JsonObject;
  /** Paths of the inputs that are secret. */
  secrets: string[];
}

/** Writes a line of JSON. Every provider of a program has a process of its own: they append to one file. */
export function record(urn: string, token: string, { value, secrets }: Properties): void {
  const file = process.env[recordVariable];
  if (file !== undefined) {
    const entry: Recorded = { urn, token, inputs: value, secrets: secrets.map(formatPath) };
    fs.appendFileSync(file, `${JSON.stringify(entry)}\n`);
  }
}

/** What was recorded in a file, in the order in which it was asked for; nothing when there is no file. */
export function readRecord(file: string): Recorded[] {
  const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  return lines.map((line) => JSON.parse(line) as Recorded);
}
