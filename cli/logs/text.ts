import { placeOfRule } from "../../model/config/problem";
import { Decision } from "../../model/access-log";
import { columns } from "../columns";

const header = ["TIME", "FROM", "CALL", "DECISION", "RULE", "DECIDED BY", "UPSTREAM"];

/**
 * A table of decisions that grows: its header at first, then a line for each decision, and below a line that needs it
 * another one that says why.
 */
export function logTable(): { header: () => string; lines: (decisions: Decision[]) => string[] } {
  const align = columns();
  return {
    header: () => align([header])[0]!,
    lines: (decisions) =>
      align(decisions.map(row)).flatMap((line, index) => {
        const { because } = decisions[index]!;
        return because === undefined ? [line] : [line, `    ${printable(because)}`];
      }),
  };
}

function row(decision: Decision): string[] {
  const { time, at, from, protocol, host, rule, pod, upstream } = decision;
  return [
    time.replace("T", " ").replace(/\.\d+Z$/, "Z"),
    from,
    `${protocol}://${host}`,
    outcome(decision),
    [rule && placeOfRule(rule.path), rule?.owner].filter((part) => part !== undefined).join(" "),
    at === "sidecar" ? `the sidecar of ${pod}` : pod,
    upstream ?? "",
  ].map(printable);
}

/** Names come from callers: none of them is to move the cursor, or to write a line of its own. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, "\ufffd");
}

function outcome({ allowed, wouldBeDenied, ok, status, flags }: Decision): string {
  const mark = ok === null ? "?" : ok ? "✔" : "✘";
  const came = [status, flags].filter((part) => part !== undefined).join(" ");
  return `${mark} ${wouldBeDenied ? "would deny" : allowed ? "allow" : "deny"}`.padEnd(7) + ` ${came}`;
}

/** One sentence on all of them. */
export function logSummary(decisions: Decision[]): string {
  const allowed = decisions.filter((decision) => decision.allowed).length;
  const wrong = decisions.filter(({ ok }) => ok === false).length;
  const calls = decisions.length === 1 ? "1 call" : `${decisions.length} calls`;
  const observed = decisions.filter(({ wouldBeDenied }) => wouldBeDenied).length;
  const would = observed === 0 ? "" : `; ${observed} of those allowed would be denied`;
  const counts = `${calls}, ${allowed} allowed and ${decisions.length - allowed} denied${would}`;
  return wrong === 0 ? `${counts}.` : `${counts}: ${wrong} not as the configuration says, marked ✘.`;
}

/** The form of `--json`, in one line. */
export function logJson({ rule, ...decision }: Decision): string {
  return JSON.stringify({ ...decision, rule: rule?.path ?? null, owner: rule?.owner ?? null });
}
