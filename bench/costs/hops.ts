import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { worldAuthorityFolder } from "../../lab/boot/parts/world";
import { state } from "../../lab/paths";
import { network } from "../../lab/topology";
import { inTurn, noPair, Pair, ways } from "./figures";
import { Worker } from "./worker";

/** How often each kind is taken, and what is called each time: with the guard and without it, one after the other. */
const rounds = 60;
const each = { connections: 5, requests: 10 };
const lookUps = 5;

/** Seconds that a kind may take until it is reached for the first time. */
const longest = 90;

/** What a client calls. */
interface Call {
  how: "http" | "https" | "lines" | "grpc" | "grpcs";
  host: string;
  port: number;
  /** Of requests over HTTP. @default / */
  path?: string;
  /** Asked for the host by CONNECT. @default nobody */
  proxy?: string;
}

interface Hop {
  name: string;
  call: Call;
  /** What is called without the guard, where that is another thing. @default the same */
  plain?: Partial<Call>;
}

const web = (name: string, host: string): Hop[] => [
  { name: `http${name}`, call: { how: "http", host, port: 80 } },
  { name: `https${name}`, call: { how: "https", host, port: 443 } },
];
const proxy = "proxy.partner.example:3128";
const proxied: Call = { how: "https", host: "partner.example", port: 443 };

/** Each kind of destination; httpbin.org is granted by the stack's own file. */
export const hops: Hop[] = [
  ...web("", "httpbin.org"),
  // As of a host that is not on the same machine.
  { name: "http, answered after 20 ms", call: { how: "http", host: "httpbin.org", port: 80, path: "/delay/20" } },
  { name: "https on port 8443", call: { how: "https", host: "db.partner.example", port: 8443 } },
  { name: "5432/tcp", call: { how: "lines", host: "db.partner.example", port: 5432 } },
  ...web(" below a wildcard", "any.bulk.example"),
  {
    name: "originate: http, then https",
    call: { how: "http", host: "billing.partner.example", port: 80 },
    plain: { how: "https", port: 443 },
  },
  ...web(" of a private name", "wiki.corp.example"),
  { name: "5432/tcp of an address", call: { how: "lines", host: "203.0.113.31", port: 5432 } },
  { name: "https by a proxy, beside none", call: proxied },
  { name: "https by a proxy, beside the same", call: proxied, plain: { proxy } },
  { name: "gRPC over http", call: { how: "grpc", host: "grpc.partner.example", port: 80 } },
  { name: "gRPC over https", call: { how: "grpcs", host: "grpc.partner.example", port: 443 } },
];

/** What `hops` need beside what the stack's own file grants. */
export function destinations(): Record<string, object> {
  const ca = fs.readFileSync(path.join(worldAuthorityFolder, "ca.crt"), "utf8");
  return {
    database: { hosts: ["db.partner.example"], ports: ["5432/tcp", "8443/https"] },
    bulk: { hosts: ["*.bulk.example"] },
    billing: { hosts: ["billing.partner.example"], originate: { methods: ["GET"], paths: ["/*"], ca } },
    wiki: { hosts: ["wiki.corp.example"], protocols: ["http", "https"], private: ["10.20.0.0/16"] },
    ledger: { addresses: ["203.0.113.31"], ports: ["5432/tcp"] },
    "by-proxy": { hosts: [proxied.host], via: { proxy } },
    grpc: { hosts: ["grpc.partner.example"] },
  };
}

/** The ranges that are the cluster's own, as private names need them. */
export const clusterRanges = [network.podCidr, network.serviceCidr, "192.168.77.0/24"];

/** How long new connections took, with their first answer, and further requests on one of them. */
export interface HopTaken {
  name: string;
  connections: Pair;
  requests: Pair;
  /** Bytes of an answer. */
  sizes: Record<keyof Pair, number>;
}

/** Whoever calls with the guard, and without it; and the addresses that hosts see such calls from. */
export type Callers = Record<keyof Pair, { worker: Worker; addresses: string[] }>;

interface Answer {
  connections: number[];
  requests: number[];
  size: number;
}

const callOf = ({ call, plain }: Hop, way: keyof Pair): Call => (way === "plain" ? { ...call, ...plain } : call);

/** Takes all kinds, round by round, so that a load that comes and goes meets both ways, and all kinds. */
export async function takeHops(callers: Callers): Promise<HopTaken[]> {
  const taken = hops.map(({ name }): HopTaken => {
    return { name, connections: noPair(), requests: noPair(), sizes: { guarded: 0, plain: 0 } };
  });
  for (const hop of hops) {
    for (const way of ways) {
      await warm(hop, way, callers);
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const [index, hop] of hops.entries()) {
      for (const way of inTurn(round)) {
        const answer = await callers[way].worker.take<Answer>({ ...callOf(hop, way), ...each });
        const { connections, requests, sizes } = taken[index]!;
        connections[way].push(...answer.connections);
        requests[way].push(...answer.requests);
        sizes[way] = answer.size;
      }
    }
  }
  return taken;
}

/** Looks a granted name up, as an application does: whoever answers in its pod, or for it. */
export async function takeLookUps(host: string, callers: Record<keyof Pair, { worker: Worker }>): Promise<Pair> {
  const taken = noPair();
  for (let round = 0; round < rounds; round++) {
    for (const way of inTurn(round)) {
      const command = { how: "look-up", host, times: lookUps };
      taken[way].push(...(await callers[way].worker.take<{ lookUps: number[] }>(command)).lookUps);
    }
  }
  return taken;
}

/**
 * Calls until it is answered, as proxies hear of a new host after a while, and once more to see where the call comes from.
 *
 * @throws Error where it does not go the way that it is said to
 */
async function warm(hop: Hop, way: keyof Pair, callers: Callers): Promise<void> {
  const { worker } = callers[way];
  const call = callOf(hop, way);
  for (const end = Date.now() + longest * 1000; ;) {
    const answer = await worker.ask<Answer>({ ...call, connections: 1, requests: 1 });
    if (!("error" in answer)) {
      break;
    }
    if (Date.now() > end) {
      throw new Error(`${hop.name}, ${way}, is not reached within ${longest} s: ${answer.error}`);
    }
    await delay(1000);
  }
  const log = path.join(state.logs, "outside.log");
  const before = fs.statSync(log).size;
  await worker.take({ ...call, connections: 1, requests: 0 });
  // The log may follow a moment later.
  await delay(300);
  const text = fs.readFileSync(log).subarray(before).toString("utf8");
  const from = (addresses: string[]) => addresses.some((address) => text.includes(`"from":"${address}:`));
  const other = ways.find((each) => each !== way)!;
  if (!from(callers[way].addresses) || from(callers[other].addresses)) {
    throw new Error(`${hop.name}, ${way}, does not come from where it should: ${text}`);
  }
}
