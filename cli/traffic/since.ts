import { Command } from "commander";
import { exitCodes } from "../exit-codes";

const units = { d: 86_400, h: 3600, m: 60, s: 1 } as const;

/** Seconds of a duration as `7d`, `12h` or `1h30m`; undefined for any other text, and for none at all. */
export function secondsOf(written: string): number | undefined {
  const parts = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(written)?.slice(1);
  const seconds = parts?.reduce((sum, part, index) => sum + Number(part ?? 0) * Object.values(units)[index]!, 0);
  return seconds === 0 ? undefined : seconds;
}

/** The seconds of an option's duration; undefined without it. What is none ends the command as wrong use. */
export function requireSeconds(option: string, written: string | undefined, command: Command): number | undefined {
  if (written === undefined) {
    return undefined;
  }
  return (
    secondsOf(written) ??
    command.error(`${option} takes days, hours, minutes and seconds, as 7d or 1h30m, and not "${written}".`, {
      exitCode: exitCodes.wrongUse,
    })
  );
}
