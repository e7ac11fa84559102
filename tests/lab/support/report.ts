import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Evidence, reportSchema } from "../../../model/report";
import { egress } from "./commands";

/** What `egress report lab --live` has written, and what it has said. */
export interface LiveReport {
  exitCode: number;
  said: string;
  evidence: Evidence;
  /** The matrix, as a table for spreadsheets. */
  csv: string;
}

/** The evidence on the stack `lab` as the cluster is now. */
export function liveReport(): LiveReport {
  const out = fs.mkdtempSync(path.join(os.tmpdir(), "egress-report-"));
  try {
    const { exitCode, stdout, stderr } = egress(["report", "lab", "--live", "--out", out, "--no-pdf"], {
      seconds: 600,
    });
    const said = stdout + stderr;
    assert.ok(fs.existsSync(path.join(out, "SHA256SUMS")), said);
    const text = (name: string) => fs.readFileSync(path.join(out, name), "utf8");
    return {
      ...{ exitCode, said },
      evidence: reportSchema.parse(JSON.parse(text("report.json"))),
      csv: text("matrix.csv"),
    };
  } finally {
    fs.rmSync(out, { recursive: true });
  }
}
