import { groupedBy } from "../../model/ground/order";
import { Preset } from "../../model/ground/presets";

/** The table of all presets as a section of a document, by what kind of service they are. */
export function presetsMarkdown(presets: readonly Preset[]): string {
  return [...groupedBy(presets, ({ group }) => group)]
    .map(([group, members]) =>
      [`### ${group[0]!.toUpperCase()}${group.slice(1)}`, ...members.map(presetMarkdown)].join("\n\n"),
    )
    .join("\n\n");
}

function presetMarkdown({ name, what, read, hosts, protocols = [], ports = [], sources }: Preset): string {
  const called = [...protocols, ...ports].map(code).join(", ");
  return [
    `**\`${name}\`**: ${what}. By ${called}:`,
    ...hosts.map((host) => `- ${code(host)}`),
    `Read on ${read}: ${sources.map((source) => `<${source}>`).join(", ")}`,
  ]
    .join("\n")
    .replace(/:\n- /, ":\n\n- ")
    .replace(/\nRead on/, "\n\nRead on");
}

function code(text: string): string {
  return `\`${text}\``;
}
