/** Configuration that a stack takes from elsewhere, or that is in its file and goes nowhere. */
export interface Unseen {
  /** The key of the stack's file that says so. */
  key: string;
  /** As the file has it. */
  value: unknown;
  problem: string;
  fix: string;
}

/** What Pulumi's engine knows in a stack's file beside `config`, and keeps to itself. */
const engineKeys = ["config", "secretsprovider", "encryptedkey", "encryptionsalt"];

/**
 * What a stack's file names that cannot be seen in it.
 * Source: https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/
 */
export function unseenIn(content: Record<string, unknown>): Unseen[] {
  return Object.entries(content)
    .filter(([key, value]) => !engineKeys.includes(key) && value !== null)
    .map(([key, value]) =>
      key === "environment"
        ? {
            key,
            value,
            problem: "Pulumi ESC adds configuration to this stack that no command can see",
            fix: "pulumi preview checks all of it; what the commands are to see, write under config",
          }
        : {
            key,
            value,
            problem: "Pulumi knows no such key in a stack's file, and reads nothing of it",
            fix:
              key === "imports"
                ? "imports belong into an environment of Pulumi ESC: name that under environment"
                : "move it below config, or remove it",
          },
    );
}
