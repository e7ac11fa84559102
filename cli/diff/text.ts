import { groupGrants, Presence } from "../../model/diff";
import { Comparison, isDifferent } from "./compare";
import {
  beside,
  describeCaller,
  describeConditions,
  describeProtocols,
  describeSetting,
  summarize,
  Verb,
  verbOf,
  verbOfCaller,
  widening,
} from "./words";

const signs: Record<Verb | Presence["change"], string> = {
  gains: "+",
  loses: "-",
  changes: "~",
  added: "+",
  removed: "-",
};

/** Comparisons as a terminal shows them: one line for each thing that differs. */
export function diffText(comparisons: Comparison[]): string {
  return comparisons.map(comparisonText).join("\n\n");
}

function comparisonText(comparison: Comparison): string {
  const title = `${comparison.title}: ${summarize(comparison)}.`;
  if (!isDifferent(comparison)) {
    return title;
  }
  const sections = [
    ...comparison.unreadable.map(({ side, title: name, problem }) => `The ${side} side, ${name}:\n${problem}`),
    ...changeSections(comparison).map(sectionText),
    ...section(
      "Look at these",
      comparison.risks.map(({ about, risk }) => `! ${about}: ${risk}`),
    ).map(sectionText),
  ];
  return [title, ...sections].join("\n");
}

/** What differs, a line for each thing, by what it is about; nothing for what cannot be compared. */
export function changeSections({ diff }: Comparison): Section[] {
  if (diff === undefined) {
    return [];
  }
  const grants = groupGrants(diff.grants).flatMap((group) => {
    const conditions = describeConditions(group);
    const what = [describeProtocols(group), ...(conditions === "" ? [] : [conditions])].join("  ");
    return group.hosts.map(
      (host) => `${signs[verbOf(group)]} ${group.from} → ${host}${widening(group)}${beside(group)}  ${what}`,
    );
  });
  return [
    ...section("Who reaches what", grants),
    ...section(
      "Who may call guarded pods",
      diff.callers.map(
        (change) => `${signs[verbOfCaller(change)]} ${change.from} → pods of ${change.into}  ${describeCaller(change)}`,
      ),
    ),
    ...section("Denied to everybody", presenceLines(diff.denied)),
    ...section("Namespaces", presenceLines(diff.namespaces)),
    ...section("Workloads", presenceLines(diff.workloads)),
    ...section(
      "Settings",
      diff.settings.map((change) => `~ ${change.path}: ${describeSetting(change)}`),
    ),
  ];
}

function presenceLines(presences: Presence[]): string[] {
  return presences.map(({ name, change }) => `${signs[change]} ${name}`);
}

export interface Section {
  title: string;
  lines: string[];
}

function section(title: string, lines: string[]): Section[] {
  return lines.length === 0 ? [] : [{ title, lines }];
}

function sectionText({ title, lines }: Section): string {
  return [title, ...lines.map((line) => `  ${line}`)].join("\n");
}
