import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import type { Manifest } from "../../../model";
import { run } from "../../lab/support/commands";

/** A series that Prometheus has scraped, in promtool's notation for its values: `0x5 3+1x10`. */
export interface Series {
  series: string;
  values: string;
}

/** What is to alert at a moment, by its labels; annotations are those that are looked at. */
export interface Expected {
  exp_labels: Record<string, string>;
  exp_annotations: Record<string, string>;
}

export interface AlertTest {
  name: string;
  /** Between two scrapes. @default "1m" */
  interval?: string;
  input_series: Series[];
  /** At `eval_time`, from the test's beginning, which is 1970-01-01T00:00:00Z. */
  alert_rule_test: { eval_time: string; alertname: string; exp_alerts: Expected[] }[];
}

/** Writes the groups of PrometheusRules as Prometheus reads them, one file each. */
export function writeRules(rules: Manifest[], folder: string): string[] {
  return rules.map(({ metadata, spec }) => {
    const file = path.join(folder, `${metadata.name}.yaml`);
    fs.writeFileSync(file, stringify(spec));
    return file;
  });
}

/** `promtool check rules`: what it says, and whether it finds nothing wrong. */
export function checkRules(promtool: string, files: string[]): { sound: boolean; text: string } {
  const { exitCode, stdout, stderr } = run([promtool, "check", "rules", "--lint", "all", "--lint-fatal", ...files]);
  return { sound: exitCode === 0, text: `${stdout}${stderr}` };
}

/**
 * `promtool test rules`, with tests that are written beside the rules.
 *
 * @param every how often the rules are asked: a long time takes long otherwise
 */
export function testRules(
  promtool: string,
  files: string[],
  tests: AlertTest[],
  every: string,
): { sound: boolean; text: string } {
  const file = path.join(path.dirname(files[0]!), "tests.yaml");
  const evaluated = { rule_files: files.map((each) => path.basename(each)), evaluation_interval: every };
  fs.writeFileSync(file, stringify({ ...evaluated, tests: tests.map((test) => ({ interval: "1m", ...test })) }));
  const { exitCode, stdout, stderr } = run([promtool, "test", "rules", file]);
  return { sound: exitCode === 0, text: `${stdout}${stderr}` };
}
