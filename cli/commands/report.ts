import * as path from "node:path";
import { Command } from "commander";
import { forwardingOf, meshTraits, StackConfig, verdicts } from "../../model";
import { withBreakGlass } from "../../model/break-glass";
import { ingressVerdicts } from "../../model/callers";
import { subjectOf } from "../../model/doctor";
import { graphOf } from "../../model/graph";
import { Evidence, evidenceOf } from "../../model/report";
import { CountedCall } from "../../model/traffic";
import { takenAccessIfKnown } from "../break-glass/cluster";
import { RevisionError } from "../diff/revision";
import { examine } from "../doctor/read";
import { exitCodes } from "../exit-codes";
import { formatOf } from "../graph/formats";
import { callsAtGateways } from "../logs/read";
import { ingressEvidence, modelIngress } from "../ingress/cells";
import { isAsked, liveIngress } from "../ingress/live";
import { Cell, liveMatrix, modelMatrix, mostCalls } from "../matrix";
import { writeWhole } from "../out";
import { defaultStacksFolder } from "../project";
import { configOf, readStack } from "../read-stack";
import { changesSince } from "../report/changes";
import { files, NoFolderError, requireFolder, writeFiles } from "../report/folder";
import { hashedFiles, sha256, sha256OfFile, sha256OfRecording, sourceOf, stackFiles } from "../report/inputs";
import { matrixCsv, matrixEvidence } from "../report/matrix";
import { reportPage } from "../report/page";
import { printPdf } from "../report/pdf";
import { NoSuchStackError } from "../stack-file";
import { callsFor, defaultDays, requireSeconds } from "../traffic/read";

interface Options {
  stacks: string;
  out: string;
  live?: boolean;
  from?: string;
  since?: string;
  base?: string;
  pdf: boolean;
}

const help = `
Writes report.html, which prints well and loads nothing; report.pdf, where a browser is installed that prints it;
report.json, in the form of docs/report.schema.json; picture.svg; matrix.csv with every call; and SHA256SUMS with the
hash of each. Nothing that is encrypted is in any of them.

--live asks the cluster: what egress doctor finds, the use of each rule as far back as the logs reach, and each call of
the matrix, from inside the pods, and connections into guarded pods. Without it the report is the stack's file's only, and says so.
Exit 0: fine; 1: written, and the cluster is not as the file says; or the stack is not sound, or nothing can be asked;
2: wrong use.`;

export function register(program: Command): void {
  program
    .command("report")
    .description("the evidence pack: rules, their use, the matrix, changes and drift, by the controls they serve")
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .requiredOption("--out <folder>", "where to write it: a new or an empty folder, or one with an earlier report")
    .option("--live", "ask the cluster, and make every call of the matrix for real")
    .option("--from <file>", "a recording that tells the rules' use, in place of the cluster's logs")
    .option("--since <duration>", "how far back calls are read, as 30d (default: 7d, with --from all of it)")
    .option("--base <revision>", "what has changed since a git revision, and by whom")
    .option("--no-pdf", "no PDF")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(report);
}

async function report(stack: string, options: Options, command: Command): Promise<void> {
  const { out, stacks: folder, live = false } = options;
  requireFitting(options, command);
  const stackFile = readStack(stack, folder, command);
  const sources = stackFiles(stack, folder);
  const inputs = hashedFiles(sources);
  const written = configOf(stackFile);
  const changes = asWrongUse(command, () =>
    options.base === undefined ? null : changesSince(options.base, stack, folder, sources),
  );
  const recording =
    options.from === undefined ? [] : [{ name: options.from, sha256: await sha256OfRecording(options.from) }];
  asWrongUse(command, () => requireFolder(out));
  const now = new Date();
  // What is granted beside the file is open in the mesh, and evidence as any rule is.
  const taken = live ? await takenAccessIfKnown(written, stack) : [];
  const config = withBreakGlass(written, taken, now);
  const recorded = await readRecorded(config, stack, options, command);
  // What the matrix asks would be in the logs, so they are read before.
  const cluster = live ? await readDrift(stack, withBreakGlass(written, taken)) : null;
  const graph = graphOf(config, live && hasLog(config) ? await callsAtGateways(config) : undefined);
  const { cells, notAsked } = await matrixOf(config, live);
  const into = ingressVerdicts(config);
  const asked = live && into.filter(isAsked).length <= mostCalls;
  const ingress = ingressEvidence(asked ? await liveIngress(config, into) : modelIngress(into), { asked });

  const csv = matrixCsv(cells);
  const picture = await formatOf(files.picture)!(`Stack ${stack}: who may reach what, through which gateway`, graph);
  const evidence = evidenceOf(config, {
    ...{ stack, live, cluster, changes },
    now,
    inputs: [...inputs, ...recording],
    source: sourceOf(sources, folder),
    ...(recorded === undefined ? {} : { recorded }),
    matrix: matrixEvidence(cells, csv, notAsked),
    ingress,
    picture: { name: files.picture, sha256: sha256(picture) },
  });
  const json = `${JSON.stringify(evidence, undefined, 2)}\n`;
  const page = reportPage({ evidence, graph, cells, jsonHash: sha256(json) });
  await write(out, { json, csv, picture, page }, options.pdf);
  process.stdout.write(`${summary(evidence, out)}\n`);
  if ((cluster?.findings.length ?? 0) > 0 || (evidence.matrix.disagree ?? 0) + (ingress.disagree ?? 0) > 0) {
    process.exitCode = exitCodes.finding;
  }
}

function requireFitting({ out, from, since, live }: Options, command: Command): void {
  const wrong = [
    ...(out === "" ? ["--out names a folder, and is empty."] : []),
    ...(from === "-" ? ["--from takes a file here, as its hash is written down: standard input has none."] : []),
    ...(since !== undefined && from === undefined && !live ? ["--since is taken only with --from or --live."] : []),
  ];
  if (wrong.length > 0) {
    command.error(wrong.join("\n"), { exitCode: exitCodes.wrongUse });
  }
  requireSeconds("--since", since, command);
}

/** Ends the command where a folder, a revision or a stack of it is not there to be used. */
function asWrongUse<T>(command: Command, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (error instanceof NoFolderError || error instanceof RevisionError || error instanceof NoSuchStackError) {
      command.error(error.message, { exitCode: exitCodes.wrongUse });
    }
    throw error;
  }
}

/** The calls that tell the rules' use; undefined where nothing was recorded, or nobody is asked. */
async function readRecorded(
  config: StackConfig,
  stack: string,
  options: Options,
  command: Command,
): Promise<{ from: string; calls: CountedCall[] } | undefined> {
  const { from, live } = options;
  if (from === undefined && !(live && hasLog(config))) {
    return undefined;
  }
  const since = requireSeconds("--since", options.since, command);
  const calls = await callsFor(config, stack, { from, since }, command);
  return { from: from ?? `the cluster's logs, ${options.since ?? `${defaultDays}d`} back as far as they reach`, calls };
}

function hasLog({ mesh }: StackConfig): boolean {
  return forwardingOf(meshTraits(mesh)).hasLog;
}

async function readDrift(stack: string, config: StackConfig): Promise<NonNullable<Evidence["cluster"]>> {
  const { findings, passed, notChecked } = await examine(subjectOf(stack, config));
  return { findings, passed, notChecked };
}

async function matrixOf(config: StackConfig, live: boolean): Promise<{ cells: Cell[]; notAsked: string | null }> {
  const calls = verdicts(config);
  if (!live) {
    return { cells: modelMatrix(calls), notAsked: null };
  }
  if (calls.length > mostCalls) {
    const notAsked =
      `The mesh was not asked: ${calls.length.toLocaleString("en")} calls are more than the ${mostCalls.toLocaleString("en")} ` +
      "that are made at a time. egress matrix --live asks for parts, by --from and --to.";
    process.stderr.write(`${notAsked}\n`);
    return { cells: modelMatrix(calls), notAsked };
  }
  return { cells: await liveMatrix(config, calls), notAsked: null };
}

interface Contents {
  json: string;
  csv: string;
  picture: string;
  page: string;
}

async function write(out: string, { json, csv, picture, page }: Contents, pdf: boolean): Promise<void> {
  const contents: [string, string][] = [
    [files.json, json],
    [files.matrix, csv],
    [files.picture, picture],
    [files.page, page],
  ];
  writeFiles(out, contents);
  const sums = contents.map(([name, content]) => [name, sha256(content)]);
  if (pdf) {
    const place = path.join(out, files.pdf);
    const problem = await printPdf(path.join(out, files.page), place);
    if (problem === undefined) {
      sums.push([files.pdf, sha256OfFile(place)]);
    } else {
      process.stderr.write(`${problem}\n`);
    }
  }
  writeWhole(path.join(out, files.sums), sums.map(([name, hash]) => `${hash}  ${name}\n`).join(""));
}

function summary({ stack, controls, matrix, ingress, cluster }: Evidence, out: string): string {
  const count = (state: Evidence["controls"][number]["state"]) =>
    controls.filter((each) => each.state === state).length;
  return [
    `${path.join(out, files.page)} is the evidence on stack ${stack}: of ${controls.length} controls ${count("shown")} shown, ` +
      `${count("open")} open, ${count("not looked at")} not looked at.`,
    ...(cluster === null || cluster.findings.length === 0
      ? []
      : [`The cluster is not as the file says: ${cluster.findings.length} findings of egress doctor.`]),
    ...((matrix.disagree ?? 0) > 0 ? [`The mesh disagrees with the rules on ${matrix.disagree} calls.`] : []),
    ...((ingress.disagree ?? 0) > 0
      ? [`The mesh disagrees with the file on ${ingress.disagree} kinds of connections into guarded pods.`]
      : []),
  ].join("\n");
}
