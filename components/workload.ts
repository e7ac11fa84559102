import * as pulumi from "@pulumi/pulumi";
import {
  ArgumentError,
  ArgumentProblem,
  Client,
  MadeArgs,
  Manifest,
  planWorkload,
  PodPatch,
  Protocol,
  spiffeId,
} from "../model";
import { defined } from "../model/ground/objects";
import { sortedUnique } from "../model/ground/order";
import { ofNamespace, waysBeside } from "./egress-client";
import { Grantee, Reach } from "./grants";
import { InjectedNamespace } from "./injected-namespace";
import type { Every } from "./known-arguments";
import { registerInOrder } from "./ordered-manifests";
import { given, planned, withMore } from "./planned";
import { CarriedTexts, holdsLater, laterContent } from "./values";

export interface WorkloadArgs {
  /** The guarded namespace that the workload runs in. */
  namespace: InjectedNamespace;
  /**
   * Name of the Deployment, the Service and the ServiceAccount, and value of the `app` label.
   * @example "app-a"
   */
  workload: string;
  /**
   * Image of the application's own container, which is called as the workload is.
   * @default none: the workload `existing`, of which only its Sidecar is made
   * @example "registry.example.com/app-a:1.4.2"
   */
  image?: pulumi.Input<string>;
  /**
   * The identity and the pods of a workload that somebody else made, in the place of `image` and all that belongs to it.
   * @default none: the workload is made here
   * @example { serviceAccount: "checkout-sa", selector: { app: "checkout" } }
   */
  existing?: { serviceAccount: string; selector: Record<string, string> };
  /**
   * Port on which the container serves HTTP; the Service has it as port 80.
   * @default none
   * @example 8080
   */
  port?: number;
  /**
   * More ports of the container, by their names, which the Service has under the same numbers. Without any port the
   * workload has no Service.
   * @default {}
   * @example { metrics: 9090 }
   */
  ports?: Record<string, number>;
  /**
   * Pods; `auto` leaves their number to an autoscaler or a person, and it is never sent.
   * @default 1
   */
  replicas?: pulumi.Input<number> | "auto";
  /**
   * Program to run in the container.
   * @default the image's entrypoint
   * @example ["/bin/sleep"]
   */
  command?: pulumi.Input<string>[];
  /**
   * Arguments of the program.
   * @default the image's command
   * @example ["infinity"]
   */
  args?: pulumi.Input<string>[];
  /**
   * Environment variables of the container. One whose value is a secret is hidden in the state and in previews, and the
   * others are not.
   * @default {}
   * @example { LOG_LEVEL: "info", TOKEN: config.requireSecret("token") }
   */
  env?: Record<string, pulumi.Input<string>>;
  /**
   * Part of a pod template that is laid over the one that follows from the rest, at any depth; entries of lists such as
   * `containers` meet by their names. What would open the guard is an error. With a part that is known later, all of it is
   * looked at then; with one that is secret, all of the Deployment's spec is.
   * @default {}
   * @example { spec: { containers: [{ name: "app-a", readinessProbe: { httpGet: { path: "/ready", port: 8080 } } }] } }
   */
  pod?: pulumi.Input<PodPatch>;
  /**
   * Annotations of the ServiceAccount.
   * @default {}
   * @example { "iam.gke.io/gcp-service-account": "app-a@acme.iam.gserviceaccount.com" }
   */
  serviceAccountAnnotations?: Record<string, pulumi.Input<string>>;
  /**
   * Whether plain arguments hold secrets; the state and previews hide the whole of the Deployment's spec then. Outputs
   * that are secret stay so without it.
   * @default false
   */
  secret?: boolean;
  /**
   * External hosts that the workload's sidecar knows, of each `EgressDestination` that lists it in `clients`; what `grant`
   * gives it need not be here. To name a host here grants nothing by itself.
   * @default []
   * @example ["github.com", "www.github.com"]
   */
  hosts?: string[];
  /**
   * Private addresses, or ranges of them, that the pods call past their sidecars, of each `OutsideService` with
   * `via: "bypass"` that lists it in `clients`; what `grant` gives it need not be here.
   * @default []
   * @example ["10.10.0.4"]
   */
  bypassed?: string[];
  /**
   * Addresses and ports of services beside the mesh that a NetworkPolicy of its own opens for the pods of an `existing`
   * workload, by the labels that it goes by. Those of one that is made here are opened by each `OutsideService` that lists
   * it in `clients`; what `grant` gives it need not be here.
   * @default []
   * @example [{ addresses: ["10.10.0.4"], ports: { https: 443 } }]
   */
  beside?: { addresses: string[]; ports: Partial<Record<Protocol, number>> }[];
  /**
   * Whether an `EgressDestination` that names the workload as a client has `ports`: its sidecars answer DNS then, with an
   * address for each host, so that hosts on one port are told apart. Of a workload that exists its owner sees to that.
   * @default false
   */
  tunnels?: boolean;
  /**
   * Whether nothing is refused to it: what is not granted goes out by the `EgressGateway` that has it in `observed`, and is
   * logged. Its namespace says `observed`, too.
   * @default false
   */
  observed?: boolean;
}

const everyArgument: Every<WorkloadArgs> = {
  namespace: true,
  workload: true,
  image: true,
  existing: true,
  port: true,
  ports: true,
  replicas: true,
  command: true,
  args: true,
  env: true,
  pod: true,
  serviceAccountAnnotations: true,
  secret: true,
  hosts: true,
  bypassed: true,
  beside: true,
  tunnels: true,
  observed: true,
};

/**
 * A workload with an identity of its own: ServiceAccount, Deployment, Service if it serves a port, and a Sidecar that
 * knows the hosts that it is granted and no others. Its pods start when the namespace's guards and its own stand.
 *
 * ```ts
 * const cart = new Workload("cart", { namespace: shop, workload: "cart", image, env: { TOKEN: token } });
 * stripe.grant(cart);
 * ```
 *
 * Errors: the engine fails the Deployment when its pods are not ready after five minutes.
 */
export class Workload extends pulumi.ComponentResource implements Grantee {
  /** Namespace and ServiceAccount of the workload: what an `EgressDestination` grants hosts to. */
  readonly client: Client;
  /** What the workload's certificate names, such as `spiffe://cluster.local/ns/test-app/sa/app-a`. */
  readonly identity: pulumi.Output<string>;
  /** External hosts that the workload's sidecar knows, in order. */
  readonly hosts: pulumi.Output<string[]>;
  /** What it is granted; `grant` of what is granted fills it. */
  readonly reach: Reach;

  constructor(name: string, args: WorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:Workload", name, {}, opts);

    const {
      namespace,
      workload,
      hosts = [],
      bypassed = [],
      beside = [],
      tunnels = false,
      observed = false,
      secret = false,
      existing,
      ...made
    } = given(args);
    const { image, replicas, pod, command, args: programArgs, env, serviceAccountAnnotations, port, ports } = made;
    const plain = defined({ port, ports });
    const written = { image, command, args: programArgs, env, serviceAccountAnnotations };
    const component = `Workload "${name}"`;
    const parts = { namespace: { what: "an InjectedNamespace", given: namespace, by: "namespaceName" } };
    const ofExisting = { serviceAccount: "existing.serviceAccount", selector: "existing.selector" };
    const words = {
      names: { ...ofNamespace, ...ofExisting, name: "workload", made: "" },
      parts,
      of: { args, known: everyArgument },
    };

    const plan = (values: MadeArgs, granted: { hosts?: string[]; bypassed?: string[] } = {}) =>
      planned(component, words, () => {
        const problems = kindProblems({ existing, ...written, ...plain, pod, replicas });
        if (problems.length > 0) {
          throw new ArgumentError(component, problems);
        }
        return planWorkload({
          name: workload,
          namespace: namespace?.namespaceName,
          mesh: namespace?.egress.mesh.traits,
          ...(existing === undefined
            ? { made: { ...plain, ...values } }
            : // One that is missing would be the workload's name.
              { serviceAccount: existing.serviceAccount ?? "", selector: existing.selector }),
          hosts: withMore(hosts, granted.hosts),
          bypassed: withMore(bypassed, granted.bypassed),
          beside,
          tunnels,
          observed,
          ...(observed || image === undefined ? {} : { resolver: namespace?.resolver }),
          guardedNamespaces: namespace?.guardedNamespaces,
          peers: namespace?.peers,
          gatewayNamespace: namespace?.egress.namespaceName,
        });
      });

    // What the plan reads is there from the start, or is looked at when it is known; the rest it carries along.
    const known = {
      ...(pod === undefined || holdsLater(pod) ? {} : { pod: pod as PodPatch }),
      ...(replicas === undefined || holdsLater(replicas) ? {} : { replicas: replicas as number | "auto" }),
    };
    const texts = new CarriedTexts<MadeArgs>(written, (each) => plan({ ...each, ...known }));
    const values = { ...texts.marked, ...known };
    const manifests = plan(values);

    this.reach = new Reach(
      component,
      namespace,
      waysBeside(this, name, { namespace, client: workload, selector: existing?.selector ?? { app: workload } }),
    );
    this.reach.answersDns = existing !== undefined || tunnels;
    const withHosts = this.reach.hosts.apply((granted) => plan(values, { hosts: granted }));
    const pods = pulumi
      .all([this.reach.bypassed, holdsLater(pod) ? pulumi.output(pod) : undefined])
      .apply(([past, late]) =>
        texts.restored(plan(late === undefined ? values : { ...values, pod: late }, { bypassed: past })),
      );
    const number = holdsLater(replicas)
      ? pulumi.output(replicas).apply((count) => {
          plan({ ...values, replicas: count });
          return count;
        })
      : undefined;
    const registered = texts.restored(manifests).map((manifest) => {
      switch (manifest.kind) {
        case "Sidecar":
          return laterContent(manifest, withHosts);
        case "Deployment":
          return withReplicas(laterContent(manifest, pods), number);
        case "Service":
          // It selects the pods by labels that they may be given.
          return holdsLater(pod) ? laterContent(manifest, pods) : manifest;
        default:
          return manifest;
      }
    });
    const after = {
      mesh: namespace.egress.mesh.ready,
      namespaces: namespace.namespaceResources,
      guards: namespace.guards,
    };
    registerInOrder(this, name, registered, after, secret);

    this.client = { namespace: namespace.namespaceName, serviceAccount: existing?.serviceAccount ?? workload };
    this.identity = pulumi.output(
      spiffeId(namespace.egress.mesh.traits, this.client.namespace, this.client.serviceAccount),
    );
    this.hosts = this.reach.hosts.apply((granted) =>
      granted.length === 0 ? hosts : sortedUnique([...hosts, ...granted]),
    );
    this.registerOutputs({ identity: this.identity, hosts: this.hosts });
  }
}

/** What says at once that a workload is made here and that it is there already, or neither. */
function kindProblems({ image, existing, ...made }: Record<string, unknown>): ArgumentProblem[] {
  if ((image === undefined) === (existing === undefined)) {
    const problem =
      "A workload is made from an image, or is there already: it has an image or is an existing one, and not both";
    return [{ argument: "image", problem }];
  }
  if (existing === undefined) {
    return [];
  }
  const isSet = typeof existing === "object" && existing !== null && !Array.isArray(existing);
  return [
    ...(isSet ? [] : [{ argument: "existing", problem: "Not a set of keys and values: { serviceAccount, selector }" }]),
    ...Object.entries(made)
      .filter(([, value]) => value !== undefined)
      .map(([argument]) => ({ argument, problem: "Of a workload that exists nothing is made here" })),
  ];
}

/** A Deployment whose number of pods is known later. */
function withReplicas(deployment: Manifest, replicas: pulumi.Output<unknown> | undefined): Manifest {
  const { spec } = deployment as { spec?: pulumi.Output<object> };
  return replicas === undefined || spec === undefined
    ? deployment
    : { ...deployment, spec: spec.apply((each) => ({ ...each, replicas })) };
}
