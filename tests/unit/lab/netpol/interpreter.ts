import { parseAddress, Range } from "../../../../lab/netpol/addresses";
import { Flow } from "./oracle";

/**
 * Runs one flow through the text of a ruleset: the verdict maps, the chains of rules that they lead to, and the sets
 * that those name. The chains that stand at hooks are the kernel's business, and the kernel test's.
 */
export function interpret(text: string): (flow: Flow) => boolean {
  const blocks = new Map<string, string[]>();
  for (const [, name, body] of text.matchAll(/^ {2}(?:map|set|chain) (\S+) \{\n([^}]*(?:\{[^}]*\}[^}]*)*?)^ {2}\}$/gm)) {
    blocks.set(name!, body!.trim().split(/\s*\n\s*/));
  }
  const elementsOf = (name: string): string[] => {
    const line = blocks.get(name)?.find((each) => each.startsWith("elements = "));
    return line?.slice("elements = { ".length, -" }".length).split(", ") ?? [];
  };
  const number = (text: string): number => parseAddress(text) ?? Number(text);
  const ranges = (name: string): Range[] =>
    elementsOf(name).map((element) => {
      const [first, last] = element.split("-").map(number);
      return { first: first!, last: last ?? first! };
    });

  const sets = new Map([...blocks.keys()].map((name) => [name, name.endsWith("-of") ? [] : ranges(name)]));
  const verdicts = (name: string): Map<number, string> =>
    new Map(elementsOf(name).map((element) => element.split(" : ")).map(([address, verdict]) => [number(address!), verdict!]));
  const egressOf = verdicts("egress-of");
  const ingressOf = verdicts("ingress-of");
  const holds = (set: string, value: number): boolean =>
    sets.get(set)!.some(({ first, last }) => first <= value && value <= last);

  const fits = (condition: string, flow: Flow): boolean => {
    const [, subject, wanted] = /^(.*) @?(\S+)$/.exec(condition)!;
    switch (subject) {
      case "ct original ip saddr":
        return holds(wanted!, flow.from);
      case "ct reply ip saddr":
        return holds(wanted!, flow.to);
      case "meta l4proto":
        return wanted === flow.protocol.toLowerCase();
      case "ct reply proto-src":
        return holds(wanted!, flow.port);
      default:
        throw new Error(`unknown condition: ${condition}`);
    }
  };

  const passes = (verdict: string | undefined, flow: Flow): boolean => {
    if (verdict === undefined || verdict === "drop") return false;
    if (verdict === "return") return true;
    const rules = blocks.get(verdict.replace("goto ", ""))!;
    for (const rule of rules) {
      const conditions = rule.match(/(ct original ip saddr|ct reply ip saddr|meta l4proto|ct reply proto-src) \S+/g) ?? [];
      const verdictOfRule = rule.split(" ").at(-1);
      if (conditions.every((condition) => fits(condition, flow))) return verdictOfRule === "return";
    }
    throw new Error(`no verdict at the end of ${verdict}`);
  };

  const inPodCidr = (address: number): boolean => address >>> 8 === 0x0af400;
  return (flow) =>
    (!inPodCidr(flow.from) || passes(egressOf.get(flow.from), flow)) &&
    (!inPodCidr(flow.to) || passes(ingressOf.get(flow.to), flow));
}
