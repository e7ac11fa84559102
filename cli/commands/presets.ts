import { Command } from "commander";
import { newestPresets, presetNamed } from "../../model/ground/presets";
import { exitCodes } from "../exit-codes";
import { presetList, presetText } from "../presets/text";

interface Options {
  json?: boolean;
}

const help = `
A destination has the hosts of a preset by its name, beside hosts of its own or without any:

  istio-egress:destinations:
    github: { preset: github }

egress presets github@2026-12-01 is the edition of that day, which a destination may name, too.
Exit 0: fine; 2: no such preset.`;

export function register(program: Command): void {
  program
    .command("presets")
    .description("what well-known services need, and the pages that say so, to name in a destination or to paste")
    .argument("[preset]", "one of them, as github or github@2026-12-01")
    .option(
      "--json",
      "as a JSON array of {name, group, what, read, newest, pinned, hosts, protocols, ports, sources}; of one preset as an object",
    )
    .addHelpText("after", help)
    .action(presets);
}

function presets(written: string | undefined, { json }: Options, command: Command): void {
  const shown = written === undefined ? newestPresets() : preset(written, command);
  const text = json
    ? JSON.stringify(shown, undefined, 2)
    : Array.isArray(shown)
      ? presetList(shown)
      : presetText(shown);
  process.stdout.write(`${text}\n`);
}

function preset(written: string, command: Command) {
  const found = presetNamed(written);
  return "preset" in found
    ? found.preset
    : command.error(
        [
          `${found.problem}.`,
          `Allowed: ${found.allowed}.`,
          ...(found.fix === undefined ? [] : [`Fix: ${found.fix}`]),
        ].join("\n"),
        { exitCode: exitCodes.wrongUse },
      );
}
