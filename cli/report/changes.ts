import { Evidence } from "../../model/report";
import { compareWithBase } from "../diff/compare";
import { git, resolveCommit } from "../diff/revision";
import { changeSections } from "../diff/text";
import { summarize } from "../diff/words";
import { inRepository } from "./inputs";

type Changes = NonNullable<Evidence["changes"]>;

/**
 * What has changed of a stack since a revision: what it means, and the commits that did it. Merges that brought a change
 * in are among these: of a pull request they tell who merged it.
 *
 * @param files what the stack's configuration is made of
 * @throws RevisionError, NoSuchStackError
 */
export function changesSince(base: string, stack: string, folder: string, files: readonly string[]): Changes {
  const baseCommit = resolveCommit(base, folder);
  const comparison = compareWithBase(base, folder, [stack])[0]!;
  return {
    base,
    baseCommit,
    commits: commitsSince(baseCommit, folder, files),
    summary: `${summarize(comparison)}.`,
    sections: [
      ...comparison.unreadable.map(({ title, problem }) => ({ title: `${title} cannot be read`, lines: [problem] })),
      ...changeSections(comparison),
    ],
    risks: comparison.risks,
  };
}

/** Fields of a commit, in this order; its trailers are lines. */
const format = ["%H", "%an <%ae>", "%aI", "%cn <%ce>", "%cI", "%P", "%s", "%(trailers:only,unfold)"].join("%x00");

/** Trailers by which a message names those who looked at it. */
const namesSomebody = /^(reviewed|approved|acked|tested|signed-off|merged|co-authored)-by:/i;

function commitsSince(base: string, folder: string, files: readonly string[]): Changes["commits"] {
  const args = [
    "log",
    "-z",
    "--no-show-signature",
    `--format=${format}`,
    "--show-pulls",
    `${base}..HEAD`,
    "--",
    ...inRepository(files, folder),
  ];
  const fields = git(folder, args).split("\0");
  const commits: Changes["commits"] = [];
  for (let at = 0; at + 7 < fields.length; at += 8) {
    const [commit, author, authored, committer, committed, parents, subject, trailers] = fields.slice(at, at + 8) as [
      ...[string, string, string, string, string, string, string, string],
    ];
    commits.push({
      commit: commit.trim(),
      author,
      authored: inUtc(authored),
      committer,
      committed: inUtc(committed),
      merge: parents.includes(" "),
      subject,
      named: trailers
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => namesSomebody.test(line)),
    });
  }
  return commits;
}

function inUtc(time: string): string {
  return new Date(time).toISOString();
}
