import { listNames } from "../ground/suggest";
import { counted, sentence } from "../ground/words";
import { ControlRow, Evidence } from "./schema";
import { isReviewed } from "./rules";

type Parts = Omit<Evidence, "controls">;
type Shown = Pick<ControlRow, "state" | "says">;

interface Control extends Pick<ControlRow, "framework" | "id" | "about" | "sections"> {
  shown: (parts: Parts) => Shown;
}

const pci = "PCI DSS 4.0";
const nist = "NIST SP 800-53 Rev. 5";

/** Where the controls are described; what they ask for is said here in our own words. */
export const controlSources: Record<string, string> = {
  [pci]: "https://www.pcisecuritystandards.org/document_library/ (PCI DSS v4.0.1, Requirement 1)",
  [nist]: "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final (SC-7, enhancements 4 and 5)",
};

/** The table of controls, and what of each a report can show. */
const controls: Control[] = [
  {
    framework: pci,
    id: "1.2.1",
    about: "standards for rulesets are defined, implemented and kept up",
    sections: ["rules", "inputs"],
    shown: ({ summary, expired }) =>
      expired.length === 0
        ? shown(`${counted(summary.rules, "rule")} in one typed file, which is checked as a whole before it is applied`)
        : open(`${counted(expired.length, "rule")} whose last day is over ${isAre(expired.length)} in the file still`),
  },
  {
    framework: pci,
    id: "1.2.2",
    about: "changes are approved and managed",
    sections: ["changes"],
    shown: ({ changes, source }) => {
      if (changes === null) {
        return notLookedAt("no revision was given to compare with: --base");
      }
      const commits = `${counted(changes.commits.length, "commit")} since ${changes.base}`;
      return source !== null && source.changed.length > 0
        ? open(`${commits}; ${source.changed.join(", ")} ${isAre(source.changed.length)} not as committed`)
        : shown(
            changes.commits.length === 0
              ? `no commit changed the stack's files since ${changes.base}`
              : `${commits}, each with who wrote and who committed it`,
          );
    },
  },
  {
    framework: pci,
    id: "1.2.3",
    about: "a network diagram of all connections to other networks",
    sections: ["picture"],
    shown: () => shown("the picture is drawn from the stack's file, as components apply it"),
  },
  {
    framework: pci,
    id: "1.2.4",
    about: "a data-flow diagram across systems and networks",
    sections: ["picture", "rules"],
    shown: ({ summary: { withoutReason } }) =>
      withoutReason === 0
        ? shown(
            "each way in the picture has its rule, with the reason for it; what data it carries is for its owner to say",
          )
        : open(`${counted(withoutReason, "rule")} ${doesDo(withoutReason)} not say what for`),
  },
  {
    framework: pci,
    id: "1.2.5",
    about: "services, protocols and ports that are allowed are identified, approved and needed",
    sections: ["rules", "destinations"],
    shown: ({ summary }) => ownersSay(summary),
  },
  {
    framework: pci,
    id: "1.2.6",
    about: "what is insecure and in use is mitigated",
    sections: ["insecure"],
    shown: ({ insecure }) => {
      const plain = insecure.filter(({ kind }) => kind === "plain").length;
      const others = insecure.length - plain;
      const parts = [
        ...(plain > 0 ? [`${counted(plain, "way")} by plain HTTP`] : []),
        ...(others > 0 ? [`${counted(others, "way")} of which nobody here sees whether it is TLS`] : []),
      ];
      return insecure.length === 0
        ? shown("every way that a rule opens is TLS")
        : open(`${parts.join(", and ")}; each is listed with what for`);
    },
  },
  {
    framework: pci,
    id: "1.2.7",
    about: "rules are reviewed at least every six months",
    sections: ["rules"],
    shown: ({ summary: { rules, reviewed } }) =>
      reviewed === rules
        ? shown(`all ${rules} were reviewed within six months`)
        : open(`${reviewed} of ${counted(rules, "rule")} reviewed within six months`),
  },
  {
    framework: pci,
    id: "1.2.8",
    about: "configuration files are secured, and what is active is what they say",
    sections: ["cluster", "inputs"],
    shown: ({ cluster }) => {
      if (cluster === null) {
        return notLookedAt("the cluster was not asked: --live");
      }
      const unread = cluster.notChecked.some(({ check }) => check === "drift");
      const drift = cluster.findings.filter(({ check }) => check.split(", ").includes("drift")).length;
      return drift === 0 && !unread
        ? shown("what is on the cluster is what the file says")
        : open(
            unread
              ? "what is on the cluster could not be compared"
              : `${counted(drift, "difference")} between cluster and file`,
          );
    },
  },
  {
    framework: pci,
    id: "1.3.1",
    about: "inbound traffic is restricted to what is necessary",
    sections: ["ingress", "limits"],
    shown: ingressShows,
  },
  {
    framework: pci,
    id: "1.3.2",
    about: "outbound traffic is restricted to what is necessary",
    sections: ["matrix", "refused", "limits"],
    shown: matrixShows,
  },
  {
    framework: nist,
    id: "SC-7(4)",
    about: "external services: a managed interface and a policy for each, exceptions with need and duration, reviewed",
    sections: ["rules", "destinations"],
    shown: ({ summary }) =>
      summary.withoutLastDay > 0 && summary.withoutOwner + summary.withoutReason === 0
        ? open(`${counted(summary.withoutLastDay, "rule")} ${hasHave(summary.withoutLastDay)} no last day`)
        : ownersSay(summary),
  },
  {
    framework: nist,
    id: "SC-7(5)",
    about: "deny by default, allow by exception",
    sections: ["matrix", "refused", "limits"],
    shown: matrixShows,
  },
];

/** Each control, and what of it the parts of a report show. */
export function controlRows(parts: Parts): ControlRow[] {
  return controls.map(({ shown: show, ...control }) => {
    const { state, says } = show(parts);
    return { ...control, state, says: sentence(says) };
  });
}

/** A report's numbers on its rules. */
export function summaryOfRules(
  rules: Evidence["rules"],
  now: Date,
): Pick<Evidence["summary"], "rules" | "withoutOwner" | "withoutReason" | "withoutLastDay" | "reviewed"> {
  const number = (test: (rule: Evidence["rules"][number]) => boolean) => rules.filter(test).length;
  return {
    rules: rules.length,
    withoutOwner: number(({ owner }) => owner === null),
    withoutReason: number(({ reason }) => reason === null),
    withoutLastDay: number(({ expires }) => expires === null),
    reviewed: number((rule) => isReviewed(rule, now)),
  };
}

function ownersSay({ rules, withoutOwner, withoutReason }: Parts["summary"]): Shown {
  return withoutOwner + withoutReason === 0
    ? shown(`each of ${counted(rules, "rule")} has an owner and a reason`)
    : open(`${withoutOwner} of ${counted(rules, "rule")} without an owner, ${withoutReason} without a reason`);
}

function matrixShows({ matrix }: Parts): Shown {
  const { asked, calls, allow, deny, report, observe, disagree, unasked } = matrix;
  if (report > 0) {
    const rest = observe > 0 ? `, and ${counted(observe, "call")} as their callers are observed` : "";
    return open(`${counted(report, "call")} ${isAre(report)} let pass by rules in report mode only${rest}`);
  }
  if (observe > 0) {
    return open(
      `${counted(observe, "call")} that no rule grants ${isAre(observe)} let pass, as their callers are observed`,
    );
  }
  if (!asked) {
    return notLookedAt(
      `of ${counted(calls, "call")} the rules allow ${allow.toLocaleString("en")} and deny ${deny.toLocaleString("en")}; the mesh was not asked: --live`,
    );
  }
  return disagree === 0
    ? shown(
        `${counted(calls - unasked, "call")} made from inside the pods, each as the rules say: of ${counted(calls, "call")} they ` +
          `allow ${allow} and deny ${deny}` +
          (unasked === 0
            ? ""
            : `; ${unasked} ${isWere(unasked)} not made, as all that may pass there changes something`),
      )
    : open(`the mesh disagrees with the rules on ${disagree} of ${counted(calls, "call")}`);
}

function ingressShows({ ingress: { asked, open: openOnes, disagree, unasked, connections } }: Parts): Shown {
  if (openOnes.length > 0) {
    return open(
      `whoever reaches the pods of ${listNames(openOnes)} may call them: nothing closes ${them(openOnes.length)}`,
    );
  }
  const allowed = connections.filter(({ expected }) => expected === "allow").length;
  const wanted = `of ${counted(connections.length, "kind")} of connections into guarded pods the file lets in ${allowed}`;
  if (!asked) {
    return notLookedAt(`${wanted}; the mesh was not asked: --live`);
  }
  if (disagree! > 0) {
    return open(
      `the mesh disagrees with the file on ${disagree} of ${counted(connections.length, "kind")} of connections into guarded pods`,
    );
  }
  const made = connections.length - unasked;
  return made === 0
    ? notLookedAt(`${wanted}; no pod could be asked for any`)
    : shown(
        `${wanted}; ${made} ${isWere(made)} tried, each as the file says` +
          (unasked === 0 ? "" : `, and for ${unasked} no pod could be asked`),
      );
}

function shown(says: string): Shown {
  return { state: "shown", says };
}

function open(says: string): Shown {
  return { state: "open", says };
}

function notLookedAt(says: string): Shown {
  return { state: "not looked at", says };
}

const them = (count: number) => (count === 1 ? "it" : "them");
const isWere = (count: number) => (count === 1 ? "was" : "were");
const isAre = (count: number) => (count === 1 ? "is" : "are");
const hasHave = (count: number) => (count === 1 ? "has" : "have");
const doesDo = (count: number) => (count === 1 ? "does" : "do");
