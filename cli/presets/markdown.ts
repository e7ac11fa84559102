import { groupedBy } from "../../model/ground/order";
import { Preset } from "../../model/ground/presets";
import { capital } from "../../model/ground/words";

/** The table of all presets as a section of a document, by what kind of service they are. */
export function presetsMarkdown(presets: readonly Preset[]): string {
  return [...groupedBy(presets, ({ group }) => group)]
    .map(([group, members]) => [`### ${capital(group)}`, ...members.map(presetMarkdown)].join("\n\n"))
    .join("\n\n");
}

function presetMarkdown({ name, what, read, hosts, protocols = [], ports = [], sources }: Preset): string {
  return [
    `**\`${name}\`**: ${what}. By ${[...protocols, ...ports].map(code).join(", ")}:`,
    hosts.map((host) => `- ${code(host)}`).join("\n"),
    `Read on ${read}: ${sources.map((source) => `<${source}>`).join(", ")}`,
  ].join("\n\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
