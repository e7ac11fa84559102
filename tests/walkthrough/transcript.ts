/** A command in a transcript with the lines under it, all counted from 0 within the transcript. */
export interface Entry {
  line: number;
  command: string;
  output: string[];
  /** First line of the output. */
  outputFrom: number;
}

const prompt = "$ ";
const continuation = /^>( |$)/;

/** Whether a line looks like a command in a transcript. */
export function isPrompt(line: string): boolean {
  return line.startsWith(prompt);
}

/**
 * Takes a transcript apart. A line that begins with `$ ` is a command, lines that begin with `> ` right under it go
 * on with it, and what follows is its output; empty lines at the output's end are none of it.
 * @param complain is told in a sentence, with the line, of whatever is wrong
 */
export function readTranscript(lines: string[], complain: (line: number, text: string) => void): Entry[] {
  const firstPrompt = lines.findIndex(isPrompt);
  if (firstPrompt !== 0) complain(0, `a console block begins with a command: a line that begins with "${prompt}".`);
  const entries: Entry[] = [];
  let index = firstPrompt < 0 ? lines.length : firstPrompt;
  while (index < lines.length) {
    const line = index;
    const command = [lines[index++]!.slice(prompt.length)];
    while (index < lines.length && continuation.test(lines[index]!)) command.push(lines[index++]!.slice(2));
    const outputFrom = index;
    while (index < lines.length && !isPrompt(lines[index]!)) index++;
    if (command.join("").trim() === "") complain(line, `there is no command behind "${prompt}".`);
    entries.push({ line, command: command.join("\n"), output: untilEmpty(lines.slice(outputFrom, index)), outputFrom });
  }
  return entries;
}

function untilEmpty(lines: string[]): string[] {
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== "") + 1);
}
