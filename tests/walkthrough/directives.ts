import { Kind, kinds } from "./kinds";

/** What HTML comments before a block say of it, which a reader of the document does not see. */
export interface Directives {
  /** Exit codes of the block's commands, in their order. @default all 0 */
  exit?: number[];
  /** Kinds of values that vary in the block's outputs. @default none */
  varies?: Kind[];
  /** Seconds in which each command has to end. @default 120 */
  limit?: number;
  /** Seconds in which the block's one command may be repeated until its output is as shown. @default not at all */
  within?: number;
}

/** Seconds at most, so that no document can wait for ever. */
const longest = { limit: 1800, within: 120 };

const comment = /<!--\s*([a-z]+)\s*:\s*([^]*?)\s*-->/gi;

/** Whether some HTML holds a comment that says something of a block. */
export function holdsDirective(html: string): boolean {
  return [...html.matchAll(comment)].some(([, name]) => Object.hasOwn(readers, name!));
}

/** Reads the comments in the HTML before a block. @param complain is told in a sentence of whatever is wrong */
export function readDirectives(html: string, complain: (text: string) => void): Directives {
  const directives: Directives = {};
  for (const [whole, name = "", value = ""] of html.matchAll(comment)) {
    if (!Object.hasOwn(readers, name)) {
      complain(`${whole} says nothing that is known. Known: ${Object.keys(readers).join(", ")}.`);
    } else if (name in directives) {
      complain(`${whole} is the second ${name} of its block. Join them in one comment.`);
    } else {
      Object.assign(directives, { [name]: readers[name as keyof Directives](value, complain) });
    }
  }
  return directives;
}

type Reader<T> = (value: string, complain: (text: string) => void) => T;

const readers: { [K in keyof Directives]-?: Reader<Directives[K]> } = {
  exit: (value, complain) => {
    const codes = list(value);
    if (codes.every((code) => /^\d{1,3}$/.test(code) && Number(code) < 256)) return codes.map(Number);
    complain(`exit: "${value}" is not a list of exit codes, 0 to 255, as in "1" or "0, 1".`);
    return undefined;
  },
  varies: (value, complain) => {
    const known = list(value).filter((kind): kind is Kind => (kinds as readonly string[]).includes(kind));
    for (const kind of list(value)) {
      if ((kinds as readonly string[]).includes(kind)) continue;
      complain(`varies: "${kind}" is no kind of value. Kinds: ${kinds.join(", ")}.`);
    }
    return known;
  },
  limit: (value, complain) => seconds("limit", value, complain),
  within: (value, complain) => seconds("within", value, complain),
};

function list(value: string): string[] {
  return value.split(",").map((part) => part.trim());
}

function seconds(name: keyof typeof longest, value: string, complain: (text: string) => void): number | undefined {
  const amount = Number(/^(\d{1,4})s$/.exec(value)?.[1]);
  if (amount >= 1 && amount <= longest[name]) return amount;
  complain(`${name}: "${value}" is no time from 1s to ${longest[name]}s.`);
  return undefined;
}
