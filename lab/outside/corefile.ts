import * as path from "node:path";
import { stateFolder } from "../paths";
import { network } from "../topology";
import { outsideHosts } from "./hosts";
import { turningDomain } from "./names";

const ttlSeconds = 60;

/** Where names below `turningDomain` lead, as /etc/hosts has it: a name may have several addresses, in this order. */
export const turningNames = path.join(stateFolder, "outside.hosts");

/**
 * CoreDNS's configuration for the outside's resolver: A records for the outside's hosts, an empty answer for
 * their other types, NXDOMAIN for every other name. Each query is logged with the address that asked.
 * It listens on every address of its network namespace, `network.outsideDns` among them, and answers `GET /ready`
 * on port 8181 of `network.outside.address`.
 */
export function outsideCorefile(): string {
  const named = outsideHosts.filter(({ names }) => names.length > 0);
  const everyName = named.flatMap(({ names }) => names);
  return [
    ".:53 {",
    "    errors",
    "    log",
    `    ready ${network.outside.address}:8181`,
    ...named.flatMap(({ names, address }) =>
      template("IN A", matchNames(names), `answer "{{ .Name }} ${ttlSeconds} IN A ${address}"`, "fallthrough"),
    ),
    ...template("IN ANY", matchNames(everyName), "rcode NOERROR", startOfAuthority, "fallthrough"),
    ...template("IN ANY", "rcode NXDOMAIN", startOfAuthority),
    "}",
    `${turningDomain}:53 {`,
    "    errors",
    "    log",
    `    hosts ${turningNames} {`,
    "        ttl 1",
    "        reload 500ms",
    "    }",
    "}",
    "",
  ].join("\n");
}

// Resolvers keep "no such name" for as long as the last number says.
const startOfAuthority = 'authority ". 5 IN SOA outside. hostmaster.outside. 1 3600 600 86400 5"';

function template(query: string, ...lines: string[]): string[] {
  return [`    template ${query} {`, ...lines.map((line) => `        ${line}`), "    }"];
}

/** CoreDNS asks in lower case and with a trailing dot. */
function matchNames(names: string[]): string {
  const patterns = names.map((name) => name.replaceAll(".", "[.]").replace(/^\*/, ".+"));
  return `match ^(${patterns.join("|")})[.]$`;
}
