import * as fs from "node:fs";
import { turningNames } from "../../../lab/outside/corefile";

/** Granted names whose answers are their owner's to choose. */
export const turning = {
  mixed: "bypass-mixed.turning.example",
  spare: "bypass-spare.turning.example",
  six: "bypass-six.turning.example",
  both: "bypass-both.turning.example",
};

const [dead, inPrivate, cnn, cnn6] = ["203.0.113.200", "172.16.0.9", "203.0.113.13", "2001:db8::13"];
const answers: Record<keyof typeof turning, string[]> = {
  mixed: [dead, inPrivate],
  spare: [dead, cnn],
  six: [cnn6],
  both: [cnn, cnn6],
};

/** Has the names lead where they are to; gives what has them lead nowhere again. */
export function turnNames(): { remove: () => void } {
  const lines = Object.entries(turning).flatMap(([key, name]) =>
    answers[key as keyof typeof turning].map((address) => `${address} ${name}\n`),
  );
  fs.writeFileSync(turningNames, lines.join(""));
  return { remove: () => fs.writeFileSync(turningNames, "") };
}
