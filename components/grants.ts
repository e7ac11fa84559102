import * as pulumi from "@pulumi/pulumi";
import { ArgumentProblem, Client, OutsideArgs, Protocol } from "../model";
import type { InjectedNamespace } from "./injected-namespace";

/** Whoever can be granted hosts: an `EgressClient`, a `Workload`, or an `InjectedNamespace` for all of its ServiceAccounts. */
export interface Grantee {
  /** The identity that is granted something. */
  readonly client: Client;
  /** What its sidecar is told. */
  readonly reach: Reach;
}

/** What `grant` cannot do; the engine prints the message as it is, without a stack trace, and the program ends. */
export class GrantError extends pulumi.RunError {
  override readonly name = "GrantError";

  /** @param what was granted: `EgressDestination "stripe"` */
  constructor(
    what: string,
    readonly problems: readonly ArgumentProblem[],
  ) {
    super(
      `${what} cannot be granted.\n${problems.map(({ argument, problem }) => `  ${argument}: ${problem}.`).join("\n")}`,
    );
  }
}

/**
 * What is collected while the program's statements run one after the other, for one resource that has all of it. It is
 * complete when the program first waits for something from outside, as a file or an answer: Pulumi tells nobody when a program has ended, and
 * a resource that waited for more could wait for ever. So nothing is taken in later, nor inside `apply`.
 */
export class Collected<T> {
  private readonly items: T[] = [];
  private complete = false;
  /** All that was collected. */
  readonly all: pulumi.Output<T[]>;

  constructor() {
    const collected = new Promise<T[]>((resolve) => {
      const end = () => {
        this.complete = true;
        resolve(this.items);
      };
      // After all that goes on without waiting, promises that are settled already among it, and before anything from
      // outside is heard: so that it is the same in every run, as it would not be with a timer.
      queueMicrotask(() => process.nextTick(end));
    });
    this.all = pulumi.output(collected) as pulumi.Output<T[]>;
  }

  get isComplete(): boolean {
    return this.complete;
  }

  add(...items: T[]): void {
    this.items.push(...items);
  }
}

/** A service beside the mesh, to the pods that may call it. */
export interface WayBeside {
  addresses: pulumi.Input<pulumi.Input<string>[]>;
  ports: Partial<Record<Protocol, number>>;
  via: "service" | "bypass";
}

/** The same, when all of it is known. */
type KnownWay = Pick<OutsideArgs, "addresses" | "ports" | "via">;

/** What a client is granted by method, on its own side: names for its sidecar, and services beside the mesh. */
export class Reach {
  private readonly names = new Collected<string>();
  private readonly beside = new Collected<WayBeside>();
  private isOpened = false;
  /** Whether its sidecars answer DNS, as ports beside 80 and 443 ask for, or its owners are to see to that. */
  answersDns = true;

  /**
   * @param of the client: `EgressClient "clock"`
   * @param openWays opens services beside the mesh for its pods. @default it can be granted none
   */
  constructor(
    readonly of: string,
    readonly namespace: InjectedNamespace,
    private readonly openWays?: (ways: pulumi.Output<KnownWay[]>) => void,
  ) {}

  /** Names that its sidecar knows, those that its whole namespace is granted with them. */
  get hosts(): pulumi.Output<string[]> {
    const { reach } = this.namespace;
    const own = this.names.all;
    return reach === this ? own : pulumi.all([own, reach.hosts]).apply((all) => [...new Set(all.flat())]);
  }

  /** Addresses that its pods call past their sidecar. */
  get bypassed(): pulumi.Output<string[]> {
    return this.ways.apply((ways) => ways.flatMap(({ via, addresses }) => (via === "bypass" ? addresses : [])));
  }

  /** What keeps something from being granted to it now. */
  get problem(): string | undefined {
    return this.names.isComplete
      ? `The program has waited for something since ${this.of} was made, and its Sidecar is complete: ` +
          "grant what it needs before the program waits, and not inside apply"
      : undefined;
  }

  /** Why it can be granted no service beside the mesh; undefined where it can. */
  get problemBeside(): string | undefined {
    return this.openWays === undefined
      ? `No gateway asks for the identity on this way, so ${this.of} would be any pod: grant it to an EgressClient or a Workload`
      : this.problem;
  }

  learn(hosts: string[]): void {
    this.names.add(...hosts);
  }

  /** @param host the name by which a sidecar knows it */
  open(host: string, way: WayBeside): void {
    this.beside.add(way);
    if (way.via === "service") {
      this.names.add(host);
    }
    if (!this.isOpened && this.namespace.walled) {
      this.isOpened = true;
      this.openWays?.(this.ways);
    }
  }

  private get ways(): pulumi.Output<KnownWay[]> {
    // What is collected has Outputs in it, which an Output of it has not.
    return this.beside.all as unknown as pulumi.Output<KnownWay[]>;
  }
}

/** What keeps grants from being made, of whatever a program in JavaScript calls clients. */
export function grantProblems(
  clients: readonly unknown[],
  problemOf: (client: Grantee) => string | undefined,
): ArgumentProblem[] {
  return clients.flatMap((client, index) => {
    const problem = isGrantee(client)
      ? problemOf(client)
      : `Not an EgressClient, a Workload or an InjectedNamespace, but ${client === undefined ? "missing" : "something else"}`;
    return problem === undefined
      ? []
      : [{ argument: isGrantee(client) ? client.reach.of : `clients[${index}]`, problem }];
  });
}

function isGrantee(value: unknown): value is Grantee {
  return typeof value === "object" && value !== null && "reach" in value && value.reach instanceof Reach;
}
