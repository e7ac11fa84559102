import { createInterface } from "node:readline/promises";

/** Whether somebody answers a question with yes. Who leaves it by Ctrl-C or Ctrl-D, or has no answer to give, does not. */
export async function isYes(
  question: string,
  { input, output }: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream },
): Promise<boolean> {
  const terminal = createInterface({ input, output });
  try {
    // Of an input that ends Node's own promise is never kept, and the process would end as if all were well.
    const left = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
    return /^y(es)?$/i.test((await Promise.race([terminal.question(question), left])).trim());
  } finally {
    terminal.close();
  }
}
