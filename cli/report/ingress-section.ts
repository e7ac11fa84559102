import { portWords } from "../../model/callers";
import { placeOfRule } from "../../model/config/problem";
import { Evidence } from "../../model/report";
import { markOf } from "../asked";
import { wantedText } from "../ingress/table";
import { badge, code, joined, missing, paragraph } from "./markup";
import { capped, Section } from "./sections";

/** Who may open connections to guarded pods, and what the mesh does about it where it was asked. */
export function ingressSection({ ingress }: Evidence): Section {
  const { asked, open, disagree, unasked, connections } = ingress;
  const wanted = wantedText(connections.map(({ expected }) => expected));
  const agrees = disagree === 0 ? "the mesh agrees on all that were asked" : `the mesh disagrees on ${disagree}`;
  return {
    key: "ingress",
    title: "Who may call guarded pods",
    body: [
      paragraph(
        `${wanted}${asked ? `: ${agrees}; no pod could be asked for ${unasked}` : ""}. Mutual TLS is asked besides.`,
      ),
      ...(open.length === 0 ? [] : [paragraph(missing(`Nothing closes ${open.join(", ")}.`))]),
      ...capped(
        [
          { title: "Caller", kind: "wide" },
          { title: "Pods of", kind: "narrow" },
          { title: "On", kind: "narrow" },
          { title: "Connection", kind: "wide" },
          { title: "Let in by" },
        ],
        connections.map(({ from, into, ports, expected, seen, ok, rule }) => [
          from,
          code(into),
          portWords(ports),
          joined(
            [
              badge(ok === false ? "bad" : expected === "allow" ? "good" : "unknown", expected),
              ...(seen === null ? [] : [` ${markOf(ok)} ${seen}`]),
            ],
            "",
          ),
          rule === null ? "" : code(placeOfRule(rule)),
        ]),
        "report.json has them all",
      ),
    ].join("\n"),
  };
}
