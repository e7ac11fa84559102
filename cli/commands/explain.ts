import { Command } from "commander";
import { StackConfig } from "../../model";
import { opensTls } from "../../model/config/traits/told";
import { namespaceKey } from "../../model/ground/names";
import { didYouMean, listNames } from "../../model/ground/suggest";
import { Call, explain as explainCall, explainInto, readCall } from "../../model/explain";
import { exitCodes } from "../exit-codes";
import { explanationText } from "../explain/text";
import { readConfig } from "../read-stack";
import { defaultStacksFolder } from "../project";

interface Options {
  stacks: string;
  json?: boolean;
  method: string;
}

const help = `
It answers from the configuration, as what is applied is planned from it; \`egress matrix --live\` asks the mesh.
Exit 0: allowed; 1: refused; 2: no such stack or workload, or no URL of an external host.`;

export function register(program: Command): void {
  program
    .command("explain")
    .description(
      "whether a workload may call a URL: by which rule and on which way, or where it ends and what is missing",
    )
    .argument("<stack>", "a stack's name: dev for Pulumi.dev.yaml")
    .argument(
      "<workload>",
      "namespace/workload, as test-app/app-a; or its ServiceAccount in the place of its name; test-app/* for every other " +
        "ServiceAccount of a namespace; of a Service in a guarded namespace " +
        "also monitoring/prometheus, or monitoring/*, of one that is not",
    )
    .argument("<url>", "what it would call, as https://github.com")
    .option("--method <method>", "of a request by http, which matters where the gateway opens TLS itself", "GET")
    .option("--json", "as JSON: {from, url, allowed, refusal, because, rule, way, suggestion, …}")
    .option("--stacks <folder>", "where the stacks' files are", defaultStacksFolder())
    .addHelpText("after", help)
    .action(explain);
}

function explain(stack: string, workload: string, url: string, options: Options, command: Command): void {
  const config = readConfig(stack, options.stacks, command);
  const call = asked(config, callOf(url, command), { url, method: options.method });
  const explanation =
    explainInto(config, workload, call) ?? explainCall(config, workloadNamed(config, workload, command), call);
  const text = options.json ? JSON.stringify(explanation, undefined, 2) : explanationText(explanation);
  process.stdout.write(`${text}\n`);
  process.exitCode = explanation.allowed ? exitCodes.fine : exitCodes.finding;
}

/** The call with what is asked of the host, where a gateway sees that. */
function asked({ destinations }: StackConfig, call: Call, { url, method }: { url: string; method: string }): Call {
  const isSeen = destinations.some((destination) => opensTls(destination) && destination.hosts.includes(call.host));
  return isSeen && call.protocol === "http"
    ? { ...call, request: { method: method.toUpperCase(), path: pathOf(url) } }
    : call;
}

function callOf(url: string, command: Command): Call {
  const check = readCall(url);
  return "call" in check
    ? check.call
    : command.error(
        `Nothing can be said about this URL: ${check.problem}.${check.fix === undefined ? "" : `\nFix: ${check.fix}.`}`,
        { exitCode: exitCodes.wrongUse },
      );
}

/** As it is written: what a URL parser would mend of it is what a caller may try. */
function pathOf(url: string): string {
  const path = url.replace(/^[^:]+:\/\/[^/?#]*/, "").replace(/[?#][^]*$/, "");
  return path === "" ? "/" : path;
}

/** The workload of that name, every ServiceAccount of a namespace as `payments/*`, or the workload with that ServiceAccount, which is what a refusal on the mesh knows of it. */
function workloadNamed({ workloads, namespaces }: StackConfig, written: string, command: Command): string {
  const known = workloads.map(({ namespace, name }) => `${namespace}/${name}`);
  const whole = namespaces.map(({ name }) => namespaceKey(name));
  if (known.includes(written) || whole.includes(written)) {
    return written;
  }
  const identity = workloads.find(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}` === written);
  if (identity !== undefined) {
    return `${identity.namespace}/${identity.name}`;
  }
  const sameName = known.find((workload) => workload.endsWith(`/${written}`));
  const hint = sameName === undefined ? didYouMean(written, known) : `did you mean "${sameName}"?`;
  return command.error(
    [
      `The stack has no workload "${written}".`,
      `Workloads: ${listNames(known) ?? "none is configured"}.`,
      ...(hint === undefined ? [] : [`Fix: ${hint}`]),
      ...(whole.length === 0
        ? []
        : [`Every ServiceAccount of a namespace that no workload has: ${listNames(whole)!}.`]),
    ].join("\n"),
    { exitCode: exitCodes.wrongUse },
  );
}
