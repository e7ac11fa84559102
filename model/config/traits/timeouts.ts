import { z } from "zod";
import { isWildcard } from "../../ground/hosts";
import { isRequest } from "../../ground/ports";
import { checkTimeout, defaultConnect, defaultIdle, timeoutKinds, Timeouts } from "../../ground/timeouts";
import { configPath } from "../problem";
import { Report } from "../shape";
import { Around, Trait } from "./trait";

/** How long a destination's hosts are waited for, and silent connections to them kept. */

export interface TimeoutsSaid {
  /**
   * How long connections to the hosts may last in certain states; absent where nothing is said of that.
   * @default { idle: "1h", connect: "5s" }
   * @example { idle: "8h" }
   */
  timeouts?: Timeouts;
}

export interface TimeoutsTold {
  /** How long a connection may be silent, where that is not the default. */
  idle?: string;
  /** How long a host may take to accept a connection, where that is not the default. */
  connect?: string;
  /** How long a request over http may take: absent where it may take as long as it takes. */
  request?: string;
}

type Written = { [kind in keyof Timeouts]?: unknown };

export const timeouts: Trait<Timeouts, TimeoutsTold, Written> = {
  key: "timeouts",
  about: "calls",
  schema: z
    .strictObject({
      idle: z.unknown().optional(),
      connect: z.unknown().optional(),
      request: z.unknown().optional(),
    })
    .describe("{idle: 1h, connect: 5s, request: 30s}, one of them at least"),
  read,
  facts: {
    idle: {
      of: ({ idle }) => (idle === defaultIdle ? undefined : idle),
      label: "closed when idle for",
      unsaid: defaultIdle,
    },
    connect: {
      of: ({ connect }) => (connect === defaultConnect ? undefined : connect),
      label: "connected within",
      unsaid: defaultConnect,
    },
    request: { of: ({ request }) => request, label: "answered within", unsaid: "any time" },
  },
  way: {
    // What holds without a word goes without one here.
    toGateway: ({ idle }, call) =>
      idle === undefined
        ? ""
        : `; it is closed after ${idle} without ${isRequest(call) ? "a request that is under way" : "a byte"}`,
    waits: ({ connect, request }, call) =>
      [
        ...(connect === undefined ? [] : [`; the host has ${connect} to accept a connection`]),
        ...(request === undefined || !isRequest(call) ? [] : [`; after ${request} without the whole answer it is 504`]),
      ].join(""),
  },
};

/** Undefined where nothing is said of them, or nothing that holds. */
function read(written: Written, around: Around, report: Report): Timeouts | undefined {
  const read: Timeouts = {};
  for (const kind of timeoutKinds.filter((each) => written[each] !== undefined)) {
    const at = { path: configPath("destinations", around.destination, "timeouts", kind), value: written[kind] };
    const check = checkTimeout(kind, written[kind]);
    if ("problem" in check) {
      report({ ...at, ...check });
    } else {
      read[kind] = check.time;
    }
    const misplaced = kind === "idle" ? undefined : whyNot(kind, around);
    if (misplaced !== undefined) {
      report({ ...at, ...misplaced });
    }
  }
  return Object.keys(read).length === 0 ? undefined : read;
}

/** Why a gateway could not hold a destination's hosts to such a time; undefined where it could. */
function whyNot(
  kind: "connect" | "request",
  { hosts, spoken, byAddress, written }: Around,
): { problem: string; fix: string } | undefined {
  if (byAddress) {
    return {
      problem:
        "It is for hosts that are listed by their names: what is called by its address is waited for as all hosts are",
      fix: "remove it",
    };
  }
  const other = written.find(({ untimed }) => untimed !== undefined);
  if (other?.untimed !== undefined) {
    return { problem: other.untimed[kind], fix: `remove it, or ${other.key}; idle holds beside ${other.key}` };
  }
  if (kind === "request" && !spoken.includes("http")) {
    return {
      problem: "A gateway sees requests over http only: of all else it sees bytes",
      fix: "remove it, or add http to the protocols; idle and connect hold for all",
    };
  }
  const wildcard = hosts.find(isWildcard);
  return wildcard === undefined
    ? undefined
    : {
        problem: `It is for hosts that are listed by their whole names, and ${wildcard} is none`,
        fix: "list the names that are called in the place of the wildcard, or remove it",
      };
}
