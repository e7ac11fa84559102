/** What a walkthrough may say that varies from run to run. */
export type Kind = "date" | "address" | "pod" | "duration" | "id" | "count";

/** One way in which values of a kind are written. */
interface Form {
  kind: Kind;
  /** Finds a value in the output that a document shows. */
  find: RegExp;
  /** Source of the expression for the values that may stand in the place of the one found. @default that of `find` */
  like?: (found: RegExpExecArray) => string;
}

/** A value in a shown line that may be another one. */
export interface Varying {
  kind: Kind;
  start: number;
  end: number;
  /** Source of the expression for the values that may stand here. */
  like: string;
}

const clock = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d`;
// Kubernetes leaves out of generated names what could be read as another letter or make up a word.
const generated = "[bcdfghjklmnpqrstvwxz2456789]";
const port = String.raw`:\d{1,5}`;

/** Where two forms find a value at one place, the first of them holds. */
const forms: Form[] = [
  // RFC 3339: 2027-06-30T12:00:00Z, 2027-06-30 12:00:00.123456+02:00; and to the minute, 2027-06-30 12:00Z
  { kind: "date", find: new RegExp(String.raw`(?<!\w)\d{4}-\d\d-\d\d[T ]${clock}(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)(?!\w)`) },
  { kind: "date", find: /(?<!\w)\d{4}-\d\d-\d\d (?:[01]\d|2[0-3]):[0-5]\dZ(?!\w)/ },
  // HTTP: Wed, 30 Jun 2027 12:00:00 GMT
  { kind: "date", find: new RegExp(String.raw`\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} ${clock} GMT\b`) },
  // 12:00:00
  { kind: "date", find: new RegExp(String.raw`(?<![\w:.])${clock}(?:\.\d+)?(?![\w:])`) },
  { kind: "id", find: /(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])/ },
  // Pods and nodes; the addresses of the outside are promises and stay. A range, as 10.244.0.0/16, is no address.
  {
    kind: "address",
    find: new RegExp(String.raw`(?<![\d.])(10\.244\.\d{1,3}|192\.168\.77)\.\d{1,3}(${port})?(?!\d|\.\d|/\d)`),
    like: ([, network, withPort]) =>
      `${network!.startsWith("10.") ? String.raw`10\.244\.\d{1,3}` : String.raw`192\.168\.77`}` +
      String.raw`\.\d{1,3}${withPort === undefined ? "" : port}`,
  },
  // A Deployment's pod: its name, which stays, the ReplicaSet's hash, and five letters of its own.
  {
    kind: "pod",
    find: new RegExp(String.raw`(?<![\w.-])([a-z0-9][a-z0-9-]*)-${generated}{6,10}-${generated}{5}(?![\w-])`),
    like: ([, deployment]) => `${deployment}-${generated}{6,10}-${generated}{5}`,
  },
  // 12s, 1m3s, 2h5m, 0.4s, 211ms
  { kind: "duration", find: /(?<![\w.-])(?:\d+(?:\.\d+)?(?:ms|µs|us|ns|d|h|m|s))+(?!\w)/ },
  // 211 ms, 0.4 s, 3 seconds
  { kind: "duration", find: /(?<![\w.-])\d+(?:\.\d+)? (?:ms|s|seconds?|minutes?)(?!\w)/ },
  { kind: "id", find: /(?<![\w-])[0-9a-f]{8,}(?![\w-])/ },
  // Whole numbers that stand alone, but never the status of a response.
  { kind: "count", find: /(?<![\w.:-])(?<!HTTP\/[\d.]+ )\d+(?![\w:-]|\.\d)/ },
];

export const kinds: readonly Kind[] = [...new Set(forms.map(({ kind }) => kind))].sort();

/** The values of some kinds in a shown line, in their order and apart from each other. */
export function findVarying(line: string, among: readonly Kind[]): Varying[] {
  const candidates = forms.filter(({ kind }) => among.includes(kind));
  const found: Varying[] = [];
  let from = 0;
  while (true) {
    const next = earliest(line, from, candidates);
    if (next === undefined) return found;
    found.push(next);
    from = next.end;
  }
}

function earliest(line: string, from: number, candidates: Form[]): Varying | undefined {
  let best: Varying | undefined;
  for (const { kind, find, like } of candidates) {
    const expression = new RegExp(find.source, "g");
    expression.lastIndex = from;
    const match = expression.exec(line);
    if (match === null || (best !== undefined && match.index >= best.start)) continue;
    const source = like === undefined ? find.source : like(match);
    best = { kind, start: match.index, end: match.index + match[0].length, like: source };
  }
  return best;
}
