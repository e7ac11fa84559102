/** Mocha's root hooks: what was checked, at the end of the run. */
const lines: string[] = [];

/** Notes what a tool has looked at. */
export function summarize(tool: string, what: string): void {
  lines.push(`  ${tool.padEnd(12)} ${what}`);
}

export const mochaHooks = {
  afterAll(): void {
    process.stdout.write(`\nChecked without a cluster:\n${lines.join("\n")}\n`);
  },
};
