import { isObject } from "../ground/objects";
import { EncryptedPart, secretText } from "./file/stack";
import { withoutCredentials } from "./credentials";
import { configPath, ConfigProblem } from "./problem";

/**
 * Keeps what is encrypted out of problems: no value at or below an encrypted part is shown, and nothing that was made
 * from one, such as a hint. Sections report what they find, and need to know nothing of it.
 *
 * @param raw the configuration with decrypted values, or with `secretText` in the place of what cannot be read
 */
export function hidingSecrets(
  raw: Record<string, unknown>,
  encrypted: readonly EncryptedPart[],
): (problem: ConfigProblem) => ConfigProblem {
  if (encrypted.length === 0) {
    return withoutItsCredentials;
  }
  const parts = encrypted.map((part) => {
    const value = valueAt(raw, part);
    return { part, path: configPath(...part), value, texts: textsIn(value, true) };
  });
  const hideTexts = hidingTexts(raw, encrypted);
  return (written) => {
    const problem = withoutItsCredentials(written);
    const around = parts.find(({ path }) => isAtOrBelow(problem.path, path));
    if (around === undefined) {
      return {
        ...mapTexts(problem, hideTexts),
        ...(problem.value === undefined
          ? {}
          : { value: mapValue(withoutParts(problem.value, problem.path, parts), hideTexts) }),
      };
    }
    const { path, value, part, texts } = around;
    const words = [problem.problem, problem.allowed ?? ""].join(" ").match(/[\w.-]{4,}/g) ?? [];
    const quotes = words.some((word) => texts.some((text) => text.includes(word)));
    const { allowed } = quotes ? { allowed: undefined } : mapTexts(problem, hideTexts);
    return {
      path: problem.path,
      ...(problem.value === undefined ? {} : { value: secretText }),
      ...(value === secretText
        ? {
            problem: "Encrypted, so that no command can read it, and the stack depends on what it says",
            fix: "set it again without --secret, or leave it to pulumi preview, which can read it",
          }
        : {
            // A sentence that has a word of the value may quote it.
            problem: quotes ? "Not what may be here" : hideTexts(problem.problem),
            fix: `see what it says: pulumi config get ${part.length > 1 ? "--path " : ""}'${path}'`,
          }),
      ...(allowed === undefined ? {} : { allowed }),
    };
  };
}

/** What is nobody's to read in a report, encrypted or not. */
function withoutItsCredentials(problem: ConfigProblem): ConfigProblem {
  return {
    ...mapTexts(problem, withoutCredentials),
    ...(problem.value === undefined ? {} : { value: mapValue(problem.value, withoutCredentials) }),
  };
}

function isAtOrBelow(path: string, upper: string): boolean {
  return path === upper || path.startsWith(`${upper}.`) || path.startsWith(`${upper}[`);
}

/** A value that is shown, with `secretText` for those of its parts that are encrypted. */
function withoutParts(value: unknown, path: string, parts: { part: EncryptedPart }[]): unknown {
  return parts.reduce<unknown>((shown, { part: [key, ...rest] }) => {
    const depth = [0, ...rest.map((_, index) => index + 1)].find(
      (length) => configPath(key, ...rest.slice(0, length)) === path,
    );
    return depth === undefined ? shown : replacedAt(shown, rest.slice(depth));
  }, value);
}

function replacedAt(value: unknown, place: readonly (string | number)[]): unknown {
  const [step, ...rest] = place;
  if (step === undefined) {
    return secretText;
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? replacedAt(item, rest) : item));
  }
  return isObject(value) && Object.hasOwn(value, step) ? { ...value, [step]: replacedAt(value[step], rest) } : value;
}

/** Takes encrypted texts out of a sentence, but for those that the configuration says in the clear as well. */
function hidingTexts(raw: unknown, encrypted: readonly EncryptedPart[]): (text: string) => string {
  const clear = new Set(
    textsIn(
      encrypted.reduce<unknown>((shown, part) => replacedAt(shown, part), raw),
      true,
    ),
  );
  const secrets = encrypted
    .flatMap((part) => textsIn(valueAt(raw, part), false))
    .filter((text) => text !== "" && text !== secretText && !clear.has(text))
    .sort((a, b) => b.length - a.length);
  return (sentence) => secrets.reduce((shown, text) => shown.replace(occurrences(text), secretText), sentence);
}

/** A long text anywhere; a short one only as a word of its own, or sentences would not be any more. */
function occurrences(text: string): RegExp {
  const literal = text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return text.length >= 6 ? new RegExp(literal, "gi") : new RegExp(`(?<![\\w-])${literal}(?![\\w-])`, "g");
}

function textsIn(value: unknown, withKeys: boolean): string[] {
  if (typeof value !== "object" || value === null) {
    return value === null || value === undefined ? [] : [String(value)];
  }
  return Object.entries(value).flatMap(([key, part]) => [
    ...(withKeys && !Array.isArray(value) ? [key] : []),
    ...textsIn(part, withKeys),
  ]);
}

function mapValue(value: unknown, change: (text: string) => string): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => mapValue(item, change));
  }
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapValue(part, change)]));
  }
  return typeof value === "string" ? change(value) : value;
}

function mapTexts(problem: ConfigProblem, change: (text: string) => string): ConfigProblem {
  const { allowed, fix } = problem;
  return {
    ...problem,
    problem: change(problem.problem),
    ...(allowed === undefined ? {} : { allowed: change(allowed) }),
    ...(fix === undefined ? {} : { fix: change(fix) }),
  };
}

function valueAt(root: unknown, place: readonly (string | number)[]): unknown {
  return place.reduce<unknown>(
    (value, step) => (typeof value === "object" && value !== null ? (value as never)[step] : undefined),
    root,
  );
}

/**
 * The parts of a value that a stack's file does not say in the clear: all of it where the file is another's. This is
 * how a program tells what is encrypted, because the engine only says that something below a key is.
 *
 * @param inFile what the file says in the same place, with `secretText` for what is encrypted
 */
export function hiddenParts(value: unknown, inFile: unknown, place: EncryptedPart): EncryptedPart[] {
  const bothLists = Array.isArray(value) && Array.isArray(inFile);
  if (bothLists || (isObject(value) && isObject(inFile))) {
    return Object.entries(value).flatMap(([key, part]) =>
      hiddenParts(part, Object.hasOwn(inFile, key) ? (inFile as Record<string, unknown>)[key] : undefined, [
        ...place,
        bothLists ? Number(key) : key,
      ]),
    );
  }
  return value === inFile ? [] : [place];
}
