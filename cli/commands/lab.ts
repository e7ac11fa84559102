import { Command } from "commander";
import { exitCodes } from "../exit-codes";
import { labRoom } from "../lab-room";

const description = "the local mesh by itself: a real Kubernetes on this machine, with an outside world of its own";

const elsewhere = `The lab is not a part of the installed package: it is in the repository of istio-egress.
Clone that on a Debian machine, and run there, as root: npm ci && npx egress lab up
Then the commands of this project reach it from inside: npx egress lab shell, there, and npx egress matrix <stack> --live, here.`;

export function register(program: Command): void {
  const lab = program.command("lab").description(description);
  const room = labRoom();
  if (room !== undefined) {
    room.registerCommands(lab);
    return;
  }
  lab
    .argument("[command...]")
    .allowUnknownOption()
    .helpOption(false)
    .action((_words: string[], _options: unknown, command: Command) => {
      command.error(elsewhere, { exitCode: exitCodes.wrongUse });
    });
}
