import type { z } from "zod";
import type { Fields } from "../../ground/objects";
import type { HttpRequest } from "../../ground/origination";
import type { PortProtocol, Protocol } from "../../ground/protocols";
import type { Report } from "../shape";
import type { ClusterConfig } from "../types";

/**
 * What a destination may say of its hosts beside what they are called by: how long they are waited for, where their names
 * lead, through what they are reached. A trait is one file here and a line in ./index. It reads what is written under its
 * key, and has the words by which check, explain, diff, graph and report tell of it; none of these names a trait.
 */
export interface Trait<Value, Told extends object = Fields, Written = unknown> {
  /** Key of a destination, in the configuration, in `DestinationConfig` and in what planners and components are given. */
  readonly key: string;
  /** Whether it tells of where the hosts are reached, or of their calls: what lets them pass, and for how long. */
  readonly about: "hosts" | "calls";
  /** What may be written under the key. */
  readonly schema: z.ZodType<Written>;
  /** Why it makes no sense of what is called by its `addresses`. @default it does */
  readonly besideAddresses?: string;
  /**
   * What the hosts are called by where no `protocols` are written: with `always` whatever `ports` or a preset there are, else
   * only without `ports`. @default it says nothing of that
   */
  readonly speaks?: { readonly protocols: readonly Protocol[]; readonly always?: true };
  /** Whether names of a private network are reached by it, which lead nowhere else. @default false */
  readonly reachesInside?: true;
  /** Whether the gateway opens TLS for what is called by http, and so sees requests. @default false */
  readonly opensTls?: true;
  /** Whether plain http has no way beside it. @default it has */
  readonly noHttp?: true;
  /** Why a gateway opens no TLS of its own beside it. @default it may */
  readonly opensNoTls?: string;
  /** Why a gateway has no say in these times beside it. @default it has */
  readonly untimed?: Readonly<Record<"connect" | "request", string>>;

  /** Reads what belongs below the key and is written beside it; gives what is left after that is reported. */
  misplaced?(destination: Fields, around: Pick<Around, "destination" | "written">, report: Report): Fields;
  /** What is written, in order, each thing once; undefined where nothing is left after its problems are reported. */
  read(written: Written, around: Around, report: Report): Value | undefined;

  /** Private ranges that gateways are let out to for it. @default none of its own */
  opens?(value: Value): string[] | undefined;
  /** Private ranges that the hosts' own names lead into, and nowhere else. @default none of its own */
  holdsTo?(value: Value): string[];
  /** The port that gateways dial in the place of the hosts' own. @default those */
  dials?(value: Value): number;

  /** Why the gateway refuses a request, as a clause without a full stop; undefined where it lets it pass. */
  refuses?(value: Value, request: HttpRequest): string | undefined;
  /** A request that is let pass and changes nothing at the host; undefined where there is none. */
  harmless?(value: Value): HttpRequest | undefined;

  /** What reviews and reports tell of it, by the key that it has in JSON. */
  readonly facts: { readonly [K in keyof Told]-?: Fact<Value, NonNullable<Told[K]>> };
  /** What the picture's edges to the destination tell of it. @default nothing */
  onEdge?(value: Value): string[];
  /** What `explain` tells of it. @default nothing */
  readonly way?: WayWords<Value>;
}

/** One thing that is told of a trait. */
export interface Fact<Value, Told> {
  /** It; undefined where that is what holds without a word. */
  of(value: Value): Told | undefined;
  /** Its name in reviews. @default its key */
  readonly label?: string;
  /** What holds where it is absent. @default "none" */
  readonly unsaid?: string;
  /** What a reviewer should look at where it holds now, each a sentence without a full stop. @default nothing */
  risks?(before: Told | undefined, after: Told): string[];
  /** The same where it held before, and holds no longer. @default nothing */
  readonly gone?: string;
  /** How reports tell of each destination whether it has it. @default they do not */
  readonly report?: {
    readonly schema: z.ZodType<Told>;
    /** What `report.json` has there, and what null is. */
    readonly describe: string;
    /** In a line of the page. */
    line(told: Told): string;
  };
}

/** Parts of the sentences by which `explain` tells the way of a call; each begins with what parts it from the one before. */
export interface WayWords<Value> {
  /** Behind what allows the call: what of it is let pass, or where it has to lead. */
  because?(value: Value, call: CalledHost): string;
  /** Of the connection from the sidecar to the gateway. */
  toGateway?(value: Value, call: CalledHost): string;
  /** What the gateway asks beside who calls, and which name. */
  asked?(value: Value, call: CalledHost): string;
  /** What the gateway does of a place, `host:port`, in the place of looking the name up and connecting to it. */
  instead?(value: Value, place: string): string;
  /** On what the gateway goes on when it has looked the name up. */
  onlyIf?(value: Value): string;
  /** How it forwards then; undefined where it just does. */
  forwards?(value: Value, call: CalledHost, gateway: { namespace: string; source: string }): string | undefined;
  /** How long it waits for the host. */
  waits?(value: Value, call: CalledHost): string;
}

/** A call, as far as traits tell calls apart. */
export interface CalledHost {
  host: string;
  protocol: PortProtocol;
  port: number;
  request?: HttpRequest;
}

/** What is written of a trait is read in the light of this. */
export interface Around {
  /** The destination's name. */
  destination: string;
  /** Names and wildcards; none of what is called by its addresses. */
  hosts: readonly string[];
  byAddress: boolean;
  /** What the hosts are called by on the protocols' own ports. */
  spoken: readonly Protocol[];
  /** Whether gateways of this mesh take EnvoyFilters, by which they do more than let pass. */
  connects: boolean;
  cluster: ClusterConfig;
  now: Date;
  /** What the destination says and is in shape, by key. */
  sound: Readonly<Fields>;
  /** The traits that it says something of, in shape or not. */
  written: readonly Trait<unknown>[];
}
