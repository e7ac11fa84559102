import { callUrl, LearntCall, Proposal } from "../../model/traffic";
import { isConnect } from "../../model/ground/ports";
import { columns } from "../columns";
import { printable } from "../logs/text";
import { counted } from "../../model/ground/words";

/** Lines of each part; `--json` has all. */
const mostLines = 200;

/** A proposal as a table: what was called, and what would grant it; then what is not proposed, and why. */
export function learntText(proposal: Proposal): string {
  const { learnt, promotions, left, granted, rules, destinations, ways } = proposal;
  const parts = [
    counted(destinations.length, "destination"),
    ...(ways.length === 0 ? [] : [`more ways to ${counted(ways.length, "destination")}`]),
    counted(rules.length, "rule"),
  ];
  const also = rules.filter((rule) => rule.also.length > 0);
  return [
    ...(learnt.length === 0 && promotions.length === 0
      ? ["Nothing to propose: what was called is granted, or cannot be proposed."]
      : []),
    ...(learnt.length === 0
      ? []
      : [
          ...table(["FROM", "CALL", "CALLS", "REFUSED", "FIRST", "LAST", "PROPOSED"], learnt, (call) => [
            call.from,
            callUrl(call),
            `${call.calls}`,
            `${call.refused}`,
            timeText(call.first),
            timeText(call.last),
            proposed(proposal, call),
          ]),
          "",
          `Proposed: ${parts.join(", ")}.`,
        ]),
    ...destinations.flatMap(({ name, folded = {} }) =>
      Object.entries(folded).map(
        ([wildcard, names]) =>
          `${wildcard} of ${name} is every name below ${wildcard.slice(2)}; called were ${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}.`,
      ),
    ),
    ...also.map(
      ({ from, to, also: hosts }) =>
        `The rule ${from} → ${to} grants ${counted(hosts.length, "host")} too that ${hosts.length === 1 ? "was" : "were"} not called: ${hosts.slice(0, 5).join(", ")}${hosts.length > 5 ? ", …" : ""}.`,
    ),
    ...(promotions.length === 0
      ? []
      : [
          ...(learnt.length === 0 ? [] : [""]),
          "Proposed to be enforced, by mode: enforce in the stack's file, as these rules only report:",
          ...table(["RULE", "FROM", "TO", "CALLS", "LAST"], promotions, (rule) => [
            rule.rule,
            rule.from,
            rule.to,
            `${rule.calls}`,
            timeText(rule.last),
          ]),
        ]),
    ...(left.length === 0
      ? []
      : [
          "",
          "Not proposed:",
          ...table(["FROM", "CALL", "CALLS", "LAST", "WHY"], left, (call) => [
            call.from,
            callUrl(call),
            `${call.calls}`,
            timeText(call.last),
            `${call.mark}: ${call.because}`,
          ]),
        ]),
    ...(granted.calls === 0 ? [] : ["", `${counted(granted.calls, "call")} granted by the stack already.`]),
  ].join("\n");
}

function proposed({ destinations, ways }: Proposal, { to, protocol, port }: LearntCall): string {
  const isNew = destinations.some(({ name }) => name === to);
  const how = isConnect({ protocol, port }) ? [`${port}/${protocol}`, `${port}/tcp`] : [protocol];
  const more = ways.flatMap(({ destination, added }) =>
    destination === to ? added.filter((each) => how.includes(each)) : [],
  );
  return [
    isNew ? `new ${to}` : to,
    ...more.map((each) => `${each} added`),
    ...(protocol === "http" ? ["plain http"] : []),
  ].join("; ");
}

/** Rules to be enforced, as comments below the YAML: they are changed where they are. */
export function promotionComments({ promotions }: Proposal): string[] {
  const lines = promotions
    .slice(0, mostLines)
    .map(({ rule, from, to, calls }) => `#   ${printable(`${rule}, ${from} → ${to}`)}, ${counted(calls, "call")}`);
  return lines.length === 0
    ? []
    : ["# To be enforced, by mode: enforce where each of them is:", ...lines, ...more(promotions.length, "#   ")];
}

/** What is not proposed, as comments below the YAML. */
export function leftComments({ left }: Proposal): string[] {
  const lines = left
    .slice(0, mostLines)
    .map((call) => `${printable(`${call.from} → ${callUrl(call)}`)}, ${counted(call.calls, "call")}: ${call.because}`);
  return lines.length === 0
    ? []
    : ["# Not proposed:", ...lines.map((line) => `#   ${line}`), ...more(left.length, "#   ")];
}

function table<T>(header: string[], items: T[], row: (item: T) => string[]): string[] {
  const rows = items.slice(0, mostLines).map((item) => row(item).map(printable));
  return [...columns()([header, ...rows]), ...more(items.length, "")];
}

function more(count: number, prefix: string): string[] {
  return count > mostLines ? [`${prefix}… and ${count - mostLines} more: --json has all of them.`] : [];
}

export function timeText(time: number | undefined): string {
  return time === undefined
    ? "unknown"
    : new Date(time)
        .toISOString()
        .replace("T", " ")
        .replace(/:\d\d\.\d+Z$/, "Z");
}

/** The form of `--json`: times as ISO 8601. */
export function isoTimes(value: object): string {
  const isTime = (key: string) => key === "first" || key === "last";
  return JSON.stringify(
    value,
    (key, part: unknown) => (isTime(key) && typeof part === "number" ? new Date(part).toISOString() : part),
    2,
  );
}
