import * as fs from "node:fs";
import * as path from "node:path";
import { outsideCorefile, turningNames } from "../../outside/corefile";
import { cacheFolder, state, stateFolder } from "../../paths";
import { network } from "../../topology";
import { Part, ToolPath } from "../boot-plan";

/** The authority that signs the outside's certificates. Images carry it, so it stays in the cache with them. */
export const worldAuthorityFolder = path.join(cacheFolder, "world-authority");

const corefile = path.join(stateFolder, "outside.Corefile");

export function writeWorldConfig(): void {
  fs.writeFileSync(corefile, outsideCorefile());
  fs.writeFileSync(turningNames, "");
}

/** The rest of the world: its servers and its resolver, in the network namespace beside the lab's. */
export function world(tool: ToolPath, serverBundle: string): Part[] {
  const readyFile = path.join(state.run, "outside.ready");
  return [
    {
      name: "outside",
      kind: "service",
      network: "outside",
      after: [],
      argv: [process.execPath, serverBundle, "--ca", worldAuthorityFolder, "--ready-file", readyFile],
      ready: { kind: "file", path: readyFile },
    },
    {
      name: "outside-dns",
      kind: "service",
      network: "outside",
      after: [],
      argv: [tool("coredns"), "-conf", corefile],
      ready: { kind: "http", address: network.outside.address, port: 8181, path: "/ready" },
    },
  ];
}
