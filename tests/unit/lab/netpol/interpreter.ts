import { parseAddress } from "../../../../lab/netpol/addresses";
import { Flow } from "./oracle";

const podNetwork = 0x0af400;

/**
 * Runs flows through the text of a ruleset: the verdict maps, the chains of rules that they lead to, and the sets that
 * those name. The chains that stand at hooks are the kernel's business, and the kernel test's.
 */
export function interpret(text: string): (flow: Flow) => boolean {
  const blocks = blocksOf(text);
  const setOf = new Map(
    [...blocks].map(([name, lines]) => [name, elementsOf(lines).map((element) => element.split("-"))]),
  );
  const verdictsOf = (map: string): Map<number, string> =>
    new Map(
      elementsOf(blocks.get(map)!)
        .map((element) => element.split(" : "))
        .map(([key, value]) => [number(key!), value!]),
    );
  const egressOf = verdictsOf("egress-of");
  const ingressOf = verdictsOf("ingress-of");

  const fits = (subject: string, wanted: string, flow: Flow): boolean => {
    if (subject === "meta l4proto") return wanted === flow.protocol.toLowerCase();
    const value = { "ct original ip saddr": flow.from, "ct reply ip saddr": flow.to, "ct reply proto-src": flow.port }[
      subject
    ]!;
    const ranges = setOf.get(wanted.slice("@".length))!;
    return ranges.some(([first, last]) => number(first!) <= value && value <= number(last ?? first!));
  };

  const passes = (verdict: string | undefined, flow: Flow): boolean => {
    if (verdict === undefined) return false;
    if (!verdict.startsWith("goto ")) return verdict === "return";
    for (const rule of blocks.get(verdict.slice("goto ".length))!) {
      const conditions = [
        ...rule.matchAll(/(ct original ip saddr|ct reply ip saddr|ct reply proto-src|meta l4proto) (\S+)/g),
      ];
      if (conditions.every(([, subject, wanted]) => fits(subject!, wanted!, flow))) return rule.endsWith("return");
    }
    return true;
  };

  return (flow) =>
    (flow.from >>> 8 !== podNetwork || passes(egressOf.get(flow.from), flow)) &&
    (flow.to >>> 8 !== podNetwork || passes(ingressOf.get(flow.to), flow));
}

/** The lines of every set, map and chain, by its name. */
function blocksOf(text: string): Map<string, string[]> {
  const blocks = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split("\n")) {
    const opening = /^ {2}(?:set|map|chain) (\S+) \{$/.exec(line);
    if (opening) blocks.set(opening[1]!, (lines = []));
    else if (line.startsWith("    ")) lines.push(line.trim());
  }
  return blocks;
}

function elementsOf(lines: string[]): string[] {
  return lines.flatMap((line) => /^elements = \{ (.*) \}$/.exec(line)?.[1]?.split(", ") ?? []);
}

function number(text: string): number {
  return parseAddress(text) ?? Number(text);
}
