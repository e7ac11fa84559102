/** How much configuration Pulumi can hand to a program, and what to do with a stack that has more. */
import { baseKey } from "../base";
import { ConfigProblem, projectPrefix } from "../problem";
import { engineJson, ownName, ProgramConfig } from "./stack";

/**
 * The longest variable of a process that is started, in bytes, with its name and the byte that ends it.
 *
 * Source: Linux, MAX_ARG_STRLEN, which is 32 pages of 4 KiB; execve(2).
 */
export const mostOfVariable = 131_072;

/** What the name of a base takes in the stack's own file, and more than that. */
const roomForBase = 200;

/**
 * The bytes of the variable that a program is handed its whole configuration in. Of what is encrypted only the place is
 * counted, as nobody but Pulumi can read the rest: the engine's may be longer.
 *
 * Source: pulumi/pulumi, sdk/nodejs/cmd/pulumi-language-nodejs; issue 8680 there.
 */
export function variableBytes({ values }: Pick<ProgramConfig, "values">): number {
  const shares = Object.entries(values).map(([key, value]) => shareOf(key, value));
  return `PULUMI_CONFIG={}\0`.length + shares.reduce((sum, share) => sum + share, 0) + Math.max(shares.length - 1, 0);
}

/** What one key takes of it. */
function shareOf(key: string, value: string): number {
  return Buffer.byteLength(`${engineJson(key.replace(":", ":config:"))}:${engineJson(value)}`);
}

/**
 * That a program cannot be started with a configuration, with a fix that lets it; nothing where it can.
 *
 * @param base the base that the stack extends @default none yet
 */
export function variableProblems(config: ProgramConfig, base?: string): ConfigProblem[] {
  const bytes = variableBytes(config);
  if (bytes <= mostOfVariable) {
    return [];
  }
  const shares = Object.entries(config.values)
    .map(([key, value]) => ({ key, bytes: shareOf(key, value) }))
    .sort((a, b) => b.bytes - a.bytes);
  const [largest] = shares;
  return [
    {
      path: largest!.key,
      problem:
        "Pulumi hands a program its whole configuration in one environment variable. Linux takes " +
        `${inBytes(mostOfVariable)}, this stack has ${inBytes(bytes)}, ${inBytes(largest!.bytes)} of them here, and ` +
        'pulumi up ends with "argument list too long"',
      fix: fixOf(
        config,
        shares.map(({ key }) => key),
        base,
      ),
    },
  ];
}

/** @param keys the largest first */
function fixOf(config: ProgramConfig, keys: string[], base?: string): string {
  const movable = keys.filter((key) => canMove(key, config));
  const enough = movable.findIndex((_, index) => hasRoom(without(config, movable.slice(0, index + 1))));
  const moved = enough < 0 ? movable : movable.slice(0, enough + 1);
  const place =
    base === undefined
      ? `below \`config\` in a file base.yaml beside the stack's, which then has \`${projectPrefix}extends: base\``
      : `below \`config\` in ${base}.yaml if no other stack extends that, else in a copy of it under a name of its own`;
  return [
    ...(moved.length > 0 ? [`move ${moved.join(" and ")} to a base, which the program reads itself: ${place}`] : []),
    ...(enough < 0 ? ["have the program read from files what else is large"] : []),
  ].join("; ");
}

function hasRoom(config: ProgramConfig): boolean {
  return variableBytes(config) + roomForBase <= mostOfVariable;
}

/** A base takes the allowlist's keys only, and nothing that is encrypted. */
function canMove(key: string, { encrypted }: ProgramConfig): boolean {
  const name = ownName(key);
  return name !== undefined && name !== baseKey && !encrypted.includes(key);
}

function without({ values, encrypted }: ProgramConfig, keys: string[]): ProgramConfig {
  return { values: Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key))), encrypted };
}

function inBytes(bytes: number): string {
  return `${bytes.toLocaleString("en")} bytes`;
}
