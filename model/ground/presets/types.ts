import { PortText } from "../ports";
import { Protocol } from "../protocols";

/** What a well-known service needs, as its pages said on one day. */
export interface Edition {
  /** The day on which the pages were read, `YYYY-MM-DD`. */
  read: string;
  /** Addresses of the pages that name the hosts. */
  sources: readonly string[];
  /** Names and wildcards, sorted, one at least. */
  hosts: readonly string[];
  /** What the hosts are called by on the protocols' own ports. @default none, there are `ports` then */
  protocols?: readonly Protocol[];
  /** Other ports, in the order of their numbers. @default none */
  ports?: readonly PortText[];
}

/** A service that many programs call, by one name or by several. */
export interface Service {
  /** Of lower-case letters, digits and hyphens. */
  name: string;
  /** What kind of service it is; entries of one stand together in the table. */
  group: string;
  /** What the hosts are enough for. */
  what: string;
  /**
   * Names that are the service's, and so are all below them: `egress learn` proposes hosts of one service together.
   * @default none: they are another entry's
   */
  domains?: readonly string[];
  /** The newest first; none of a service that is no preset. */
  editions: readonly Edition[];
}

/** A preset that a destination has, in the edition that it has it in. */
export interface Preset extends Edition {
  name: string;
  group: string;
  what: string;
  /** The day of its newest edition. */
  newest: string;
  /** Whether the destination names the day itself, so that no version of this package changes its hosts. */
  pinned: boolean;
}
