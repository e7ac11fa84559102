import { stringify } from "yaml";
import { projectPrefix } from "../../model/config/problem";
import { isWildcard } from "../../model/ground/hosts";
import { groupedBy } from "../../model/ground/order";
import { Preset } from "../../model/ground/presets";
import { counted } from "../../model/ground/words";

/** All presets as a terminal shows them, by what kind of service they are. */
export function presetList(presets: readonly Preset[]): string {
  const width = Math.max(...presets.map(({ name }) => name.length));
  return [...groupedBy(presets, ({ group }) => group)]
    .flatMap(([group, members]) => [
      "",
      group,
      ...members.map((preset) => `  ${preset.name.padEnd(width)}  ${calledBy(preset)}: ${preset.what}`),
    ])
    .slice(1)
    .join("\n");
}

/** One preset: what it holds, where that was read, and the same to paste. */
export function presetText(preset: Preset): string {
  const { name, what, read, newest, hosts, protocols, ports, sources } = preset;
  const same = {
    [name]: { hosts, ...(protocols === undefined ? {} : { protocols }), ...(ports === undefined ? {} : { ports }) },
  };
  return [
    `${name}: ${what}.`,
    `${calledBy(preset)}, as of ${read}${read === newest ? "" : `; there is a newer edition, of ${newest}`}. The pages that say so:`,
    ...sources.map((source) => `  ${source}`),
    ...(hosts.some(isWildcard)
      ? ["It has wildcards: rules for it need a reason, and a mesh that takes no EnvoyFilter refuses it."]
      : ports !== undefined
        ? ["It has ports beside 80 and 443: a mesh that takes no EnvoyFilter refuses it."]
        : []),
    "",
    "The same, host by host:",
    ...stringify({ [`${projectPrefix}destinations`]: same }, { lineWidth: 0 })
      .trimEnd()
      .split("\n")
      .map((line) => `  ${line}`),
  ].join("\n");
}

/** How many hosts a preset has, and how they are called: `7 hosts by https`, `1 host on 465/tcp, 587/tcp`. */
export function calledBy({ hosts, protocols = [], ports = [] }: Preset): string {
  return [
    counted(hosts.length, "host"),
    ...(protocols.length === 0 ? [] : [`by ${protocols.join(" and ")}`]),
    ...(ports.length === 0 ? [] : [`on ${ports.join(", ")}`]),
  ].join(" ");
}
