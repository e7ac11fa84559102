/**
 * What a scalar of a stack's file means to Pulumi's engine. It reads YAML with gopkg.in/yaml.v3, which is neither YAML
 * 1.1 nor 1.2: `0777` and `0o777` are octal, `1_000` is a number, `yes` and `1:30` are texts, and a date is a moment.
 * Source: `resolve` in https://github.com/go-yaml/yaml/blob/v3.0.1/resolve.go.
 */

export type Scalar = string | number | boolean | null | Moment;

/** A date or time without quotes. */
export class Moment {
  constructor(
    /** As Go prints a time: what a stack's file gives the program, `2027-06-30 00:00:00 +0000 UTC`. */
    readonly text: string,
    /** As JSON has it: what Pulumi.yaml gives the program, `2027-06-30T00:00:00Z`. */
    readonly json: string,
  ) {}
}

/** A scalar whose tag cannot be had of it, or whose tag is not taken. */
export class ScalarError extends Error {}

const words = new Map<string, Scalar>([
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Infinity] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, -Infinity] as const),
]);

/** A scalar without quotes and without a tag. */
export function resolvePlain(source: string): Scalar {
  return words.has(source) ? words.get(source)! : (readMoment(source) ?? readNumber(source) ?? source);
}

/**
 * A scalar with a tag of YAML's own, in quotes or without.
 *
 * @param tag in its long form, `tag:yaml.org,2002:int`
 * @throws ScalarError
 */
export function resolveTagged(tag: string, source: string): Scalar {
  const kind = /^tag:yaml\.org,2002:(\w+)$/.exec(tag)?.[1] ?? tag;
  if (kind === "str") {
    return source;
  }
  if (!["bool", "int", "float", "null", "timestamp"].includes(kind)) {
    throw new ScalarError(`the tag ${tag} is not taken`);
  }
  const value = resolvePlain(source);
  const fits = kind === kindOf(value, source) || (kind === "float" && kindOf(value, source) === "int");
  if (!fits) {
    throw new ScalarError(`not of the kind that its tag !!${kind} says`);
  }
  return value;
}

function kindOf(value: Scalar, source: string): string {
  if (typeof value === "number") {
    return readInteger(source.replaceAll("_", "")) === undefined ? "float" : "int";
  }
  return value === null
    ? "null"
    : value instanceof Moment
      ? "timestamp"
      : typeof value === "boolean"
        ? "bool"
        : typeof value;
}

/** A number as the engine reads it; where it has more digits than a double holds, the nearest, as in the program. */
function readNumber(source: string): number | undefined {
  if (/^[-+\d]/.test(source)) {
    const plain = source.replaceAll("_", "");
    return readInteger(plain) ?? readFloat(plain);
  }
  return source.startsWith(".") ? readFloat(source) : undefined;
}

const most = { signed: 2n ** 63n, unsigned: 2n ** 64n };

/** Go's ParseInt and ParseUint with base 0: decimal, 0x, 0b, 0o, and octal after a plain 0. */
function readInteger(plain: string): number | undefined {
  const parts = /^([-+]?)(?:(0[xX])([\da-fA-F]+)|(0[bB])([01]+)|(0[oO]?)([0-7]+)|(0|[1-9]\d*))$/.exec(plain);
  if (parts === null) {
    return undefined;
  }
  const [, sign, hex, hexDigits, binary, binaryDigits, octal, octalDigits, decimal] = parts;
  const magnitude =
    hex !== undefined
      ? BigInt(`0x${hexDigits}`)
      : binary !== undefined
        ? BigInt(`0b${binaryDigits}`)
        : octal !== undefined
          ? BigInt(`0o${octalDigits}`)
          : BigInt(decimal!);
  // Only without a sign may it have 64 bits of its own.
  const fits =
    sign === "" ? magnitude < most.unsigned : sign === "-" ? magnitude <= most.signed : magnitude < most.signed;
  return fits ? Number(sign === "-" ? -magnitude : magnitude) : undefined;
}

function readFloat(plain: string): number | undefined {
  if (!/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(plain)) {
    return undefined;
  }
  const value = Number(plain);
  // Go refuses what is beyond a double, and the scalar stays a text; minus zero becomes zero on the way to the program.
  return Number.isFinite(value) ? value + 0 : undefined;
}

const momentForm =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d{2}:\d{2})?)?$/;

/** The forms of a date and of a time that yaml.v3 takes, and no other. */
function readMoment(source: string): Moment | undefined {
  const parts = momentForm.exec(source);
  if (parts === null) {
    return undefined;
  }
  const [year, month, day, hour, minute, second] = [1, 2, 3, 5, 6, 7].map((at) => Number(parts[at] ?? 0)) as Six;
  const [separator, fraction = "", zone] = [parts[4], parts[8], parts[9]];
  // A zone belongs to a T, and a blank is followed by none.
  if (separator !== undefined && (separator === " ") !== (zone === undefined)) {
    return undefined;
  }
  const days = month >= 1 && month <= 12 ? new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate() : 0;
  const offset = zone === undefined || zone === "Z" ? [0, 0] : zone.slice(1).split(":").map(Number);
  if (day < 1 || day > days || hour > 23 || minute > 59 || second > 59 || offset[0]! > 24 || offset[1]! > 60) {
    return undefined;
  }
  const date = [pad(year, 4), pad(month), pad(day)].join("-");
  const nanoseconds = fraction.slice(0, 9).replace(/0+$/, "");
  const time = `${[hour, minute, second].map((part) => pad(part)).join(":")}${nanoseconds && `.${nanoseconds}`}`;
  const isUtc = offset.every((part) => part === 0);
  const [goZone, jsonZone] = isUtc ? ["+0000 UTC", "Z"] : [`${zone!.replace(":", "")} ${zone!.replace(":", "")}`, zone];
  return new Moment(`${date} ${time} ${goZone}`, `${date}T${time}${jsonZone}`);
}

type Six = [number, number, number, number, number, number];

function pad(part: number, length = 2): string {
  return String(part).padStart(length, "0");
}
