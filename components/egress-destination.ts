import * as pulumi from "@pulumi/pulumi";
import {
  ArgumentError,
  Client,
  DestinationArgs,
  ExternalPort,
  Manifest,
  manifestKey,
  planDestination,
  PortText,
  Protocol,
} from "../model";
import { EgressGateway } from "./egress-gateway";
import type { EgressNamespace } from "./egress-namespace";
import { Collected, Grantee, GrantError, grantProblems } from "./grants";
import { InjectedNamespace } from "./injected-namespace";
import { addressesName } from "../model/ground/addresses";
import { DestinationTraits, everyTrait, traitsIn, unsaidProtocols } from "../model/config/traits";
import { defined } from "../model/ground/objects";
import { CalledBy, checkPorts } from "../model/ground/ports";
import { problemText } from "../model/plan/check";
import type { Every } from "./known-arguments";
import { registerInOrder } from "./ordered-manifests";
import { given, planned } from "./planned";
import { laterContent } from "./values";

export interface EgressDestinationArgs extends DestinationTraits {
  /** The gateway that lets the clients through. */
  gateway: EgressGateway;
  /**
   * Name of the destination, and of its AuthorizationPolicy.
   * @example "github"
   */
  destination: string;
  /**
   * Host names in lower case, one at least unless there are `addresses`. `*.cnn.com` is every name below cnn.com, of however many labels: the gateway's
   * `wildcards` hold it as well.
   * @example ["github.com", "www.github.com"]
   */
  hosts?: string[];
  /**
   * What is called without a name, in the place of `hosts`, on `ports`: IPv4 addresses and ranges in CIDR notation, of /16 or
   * smaller. The gateway's `addresses` hold them as well, and its `privateHosts` private ones. No two destinations of one
   * client hold the same address. Whoever has an address is reached by it.
   * @default none
   * @example ["198.51.100.0/24"]
   */
  addresses?: string[];
  /**
   * Names below the wildcards that are not meant, such as those of other destinations; `*.` for all below.
   * @default []
   * @example ["admin.cnn.com", "*.internal.cnn.com"]
   */
  except?: string[];
  /**
   * What the clients speak: `http` is plain HTTP on port 80, `https` is TLS of their own on port 443.
   * @default ["http", "https"]; `["http"]` with `originate`; none where there are `ports`
   */
  protocols?: Protocol[];
  /**
   * Other ports on which the hosts are called, each with what is spoken there: bytes, of which nothing is looked at. The
   * gateway's `ports` hold them as well, and the `Workload`s that are granted them have `tunnels: true`.
   * @default []
   * @example ["5432/tcp", "8443/https"]
   */
  ports?: PortText[];
  /**
   * All identities that may reach the hosts, one at least, in the place of `grant`. Whoever makes them has the hosts
   * among those that their sidecars know.
   * @default those that are granted it by `grant`; without any, nothing is made
   * @example [{ namespace: "shop", serviceAccount: "cart" }]
   */
  clients?: Client[];
  /**
   * The guarded namespaces of `clients`, which the way to the gateway is put into where the mesh takes no EnvoyFilter.
   * @default [], which will do in every other mesh, and with `grant`
   */
  clientNamespaces?: InjectedNamespace[];
}

const everyArgument: Every<EgressDestinationArgs> = {
  gateway: true,
  destination: true,
  hosts: true,
  addresses: true,
  except: true,
  protocols: true,
  ports: true,
  clients: true,
  clientNamespaces: true,
  ...everyTrait,
};

/**
 * External hosts that are granted together: one AuthorizationPolicy, by which the gateway lets the clients' identities
 * pass, a ServiceEntry with all of the hosts, and a DestinationRule for each, which lead the clients' sidecars to the gateway.
 * One more client is one more identity in the policy, and no resource more.
 *
 * ```ts
 * const stripe = new EgressDestination("stripe", { gateway, destination: "stripe", hosts: ["api.stripe.com"] });
 * stripe.grant(cart, clock);
 * ```
 *
 * In a mesh that takes no EnvoyFilter these are in each of the clients' namespaces, and another ServiceEntry, and for
 * each host a Gateway and a VirtualService, lead from the gateway to the hosts.
 */
export class EgressDestination extends pulumi.ComponentResource {
  /** The hosts, or addresses, that are granted. */
  readonly hosts: pulumi.Output<string[]>;
  private readonly gateway: EgressGateway;
  private readonly names: string[];
  private readonly isListed: boolean;
  private readonly needsDns: boolean;
  private readonly plan: (clients: Client[]) => Manifest[];
  /** What is made of grants by method; undefined before the first of them. */
  private granted?: {
    clients: Collected<Client>;
    manifests: pulumi.Output<Manifest[]>;
    registered: Set<string>;
    namespaces: Set<string>;
  };

  constructor(
    private readonly childName: string,
    args: EgressDestinationArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("istio-egress:index:EgressDestination", childName, {}, opts);

    const { gateway, destination, hosts = [], addresses, except, ports, clients, clientNamespaces = [] } = given(args);
    const said = traitsIn(given(args));
    // An empty list of ports opens no others in their place: it is refused where no protocols are said.
    const { protocols = unsaidProtocols(said, ports !== undefined || addresses !== undefined) } = given(args);
    const component = `EgressDestination "${childName}"`;
    const of = { args, known: everyArgument, misplaced: belowOriginate };
    const parts = { gateway: { what: "an EgressGateway", given: gateway, by: "ref" } };
    const own: Omit<DestinationArgs, "clients"> = { name: destination, hosts, protocols, gateway: gateway?.ref };
    this.plan = (each) =>
      planned(component, { names: { name: "destination" }, parts, of }, () =>
        planDestination({
          ...own,
          ...said,
          ...defined({ addresses, except }),
          ...(ports === undefined ? {} : { ports: readPorts(component, ports, { address: addresses !== undefined }) }),
          clients: each,
        }),
      );
    const manifests = this.plan(clients === undefined ? [anybody] : clients);
    this.gateway = gateway;
    this.names = addresses === undefined ? [...hosts] : [addressesName(destination)];
    this.needsDns = ports !== undefined && ports.length > 0 && addresses === undefined;
    this.isListed = clients !== undefined;
    if (clients !== undefined) {
      this.register(
        manifests,
        planned(component, { of }, () => namespacesOf(manifests, gateway, clientNamespaces)),
      );
    }

    this.hosts = pulumi.output([...hosts, ...(addresses ?? [])]);
    this.registerOutputs({ hosts: this.hosts });
  }

  /**
   * Lets clients reach every one of the hosts: the gateway asks for their identities, and their sidecars know the names.
   * The same client twice is one grant; a namespace stands for all of its ServiceAccounts.
   *
   * Grants are what the program says before it first waits for something: a client's one Sidecar lists them all, and is
   * complete then. After an `await`, or inside `apply`, there is an error.
   *
   * @throws GrantError which says of each client why it cannot be granted the hosts; none of them is then
   * @example stripe.grant(cart).grant(shop)
   */
  grant(...clients: Grantee[]): this {
    const problems = grantProblems(clients, (client) => this.problemOf(client));
    if (problems.length > 0) {
      throw new GrantError(`EgressDestination "${this.childName}"`, problems);
    }
    for (const { client, reach } of clients) {
      const granted = (this.granted ??= this.begin());
      granted.clients.add(client);
      reach.learn(this.names);
      // Clients of one namespace differ in the policy's content alone.
      if (granted.namespaces.has(client.namespace)) {
        continue;
      }
      granted.namespaces.add(client.namespace);
      const manifests = this.plan([client]).filter((manifest) => !granted.registered.has(manifestKey(manifest)));
      manifests.forEach((manifest) => granted.registered.add(manifestKey(manifest)));
      this.register(
        manifests.map((manifest) => laterContent(manifest, granted.manifests)),
        reach.namespace.namespaceResources,
      );
    }
    return this;
  }

  private problemOf({ reach }: Grantee): string | undefined {
    const { namespace } = reach;
    const { home } = this.gateway;
    if (this.isListed) {
      return "The destination lists its clients: name this one there too, or leave `clients` out and grant each of them";
    }
    if (namespace.egress !== home) {
      return `It goes out through gateways in ${namespace.egress.namespaceName}, and the destination's is one of another component`;
    }
    if (!home.guardedNamespaces.includes(namespace.namespaceName)) {
      return `The gateways are closed to the namespace ${namespace.namespaceName}: add it to guardedNamespaces of the EgressNamespace`;
    }
    if (this.needsDns && !reach.answersDns) {
      return "Its sidecars do not answer DNS, by which hosts on one port are told apart: give the workload `tunnels: true`";
    }
    return this.granted?.clients.isComplete === true
      ? "The program has waited for something since the first grant, and the policy is complete: grant all before it waits"
      : reach.problem;
  }

  private begin(): NonNullable<EgressDestination["granted"]> {
    const clients = new Collected<Client>();
    return { clients, manifests: clients.all.apply(this.plan), registered: new Set(), namespaces: new Set() };
  }

  private register(manifests: Manifest[], namespaces: pulumi.Resource[]): void {
    const { home } = this.gateway;
    requireOwn(`EgressDestination "${this.childName}"`, home, manifests);
    // A host may move to another destination, and what leads to it stays the resource that it was.
    const names = { shared: `${home.resourceName}/destinations`, formerly: this.childName };
    registerInOrder(this, names, manifests, {
      mesh: home.mesh.ready,
      namespaces: [home.namespaceResource, ...namespaces],
    });
  }
}

/** Which component an object is of, by its `manifestKey`. */
const owners = new WeakMap<EgressNamespace, Map<string, string>>();

/** @throws ArgumentError where an object is another destination's already, as the two have a host or their name in common */
function requireOwn(component: string, home: EgressNamespace, manifests: readonly Manifest[]): void {
  const known = owners.get(home) ?? new Map<string, string>();
  owners.set(home, known);
  for (const manifest of manifests) {
    const { kind, metadata } = manifest;
    const owner = known.get(manifestKey(manifest)) ?? component;
    if (owner !== component) {
      const problem = `${kind} ${metadata.namespace}/${metadata.name} is ${owner}'s already: a host, and a name, is one destination's`;
      throw new ArgumentError(component, [{ argument: "hosts", problem }]);
    }
    known.set(manifestKey(manifest), component);
  }
}

/** Stands for whoever will be granted the hosts, until somebody is. */
const anybody: Client = { namespace: "anybody", serviceAccount: "anybody" };

/** What belongs below `originate`: a program in JavaScript may take it for a guard here, and nothing would look at it. */
const belowOriginate = Object.fromEntries(
  ["methods", "paths", "ca", "clientCertificate", "http2"].map((argument) => [
    argument,
    "It is for TLS that the gateway opens: put it below originate, and have the application call http://",
  ]),
);

/** @throws ArgumentError for what is no port, or none that can be opened */
function readPorts(component: string, written: readonly PortText[], called: CalledBy): ExternalPort[] {
  if (!Array.isArray(written)) {
    throw new ArgumentError(component, [{ argument: "ports", problem: 'Not a list of ports, as ["5432/tcp"]' }]);
  }
  const { ports, problems } = checkPorts(written.map(String), (index) => `ports[${index}]`, called);
  if (problems.length > 0) {
    throw new ArgumentError(
      component,
      problems.map(({ index, ...problem }) => ({
        argument: `ports[${index}]`,
        problem: `${JSON.stringify(written[index])}: ${problemText(problem)}`,
      })),
    );
  }
  return ports;
}

/**
 * The Namespaces, beside the gateway's, that a destination's objects go into.
 *
 * @throws ArgumentError for one that was not given: its objects could be asked for before it is there
 */
function namespacesOf(
  manifests: Manifest[],
  gateway: EgressGateway,
  clientNamespaces: InjectedNamespace[],
): pulumi.Resource[] {
  if (!Array.isArray(clientNamespaces) || !clientNamespaces.every((each) => each instanceof InjectedNamespace)) {
    throw new ArgumentError("", [{ argument: "clientNamespaces", problem: "Not a list of InjectedNamespaces" }]);
  }
  const resources = new Map(clientNamespaces.map((client) => [client.namespaceName, client.namespaceResources]));
  const others = new Set(manifests.map(({ metadata }) => metadata.namespace!));
  others.delete(gateway.home.namespaceName);
  return [...others].flatMap((name) => {
    const found = resources.get(name);
    if (found === undefined) {
      const problem = `The way to the gateway is put into the namespace "${name}": add it to clientNamespaces`;
      throw new ArgumentError("", [{ argument: "clientNamespaces", problem }]);
    }
    return found;
  });
}
