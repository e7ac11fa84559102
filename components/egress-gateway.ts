import * as pulumi from "@pulumi/pulumi";
import {
  Client,
  Collector,
  CountedDestination,
  EndingAccess,
  GatewayArgs,
  gatewayName,
  GatewayPlacement,
  GatewayRef,
  Manifest,
  planGateway,
  spiffeId,
} from "../model";
import { defined } from "../model/ground/objects";
import type { Duration } from "../model/ground/timeouts";
import { openedBy } from "../model/plan/gateway-parts";
import { everyNeed, GatewayNeeds, needsIn } from "../model/plan/needs";
import { EgressNamespace } from "./egress-namespace";
import type { Every } from "./known-arguments";
import { registerInOrder } from "./ordered-manifests";
import { given } from "./planned";
import { plannedWhenKnown } from "./values";

export interface EgressGatewayArgs extends GatewayNeeds {
  /** The namespace that it shares with other gateways, and with nobody else. */
  namespace: EgressNamespace;
  /**
   * Name of its Deployment and ServiceAccount, and value of its pods' `istio` label.
   * @default "egress-gateway"
   * @example "egress-github"
   */
  gateway?: string;
  /**
   * Pods, two at least, so that a node can be drained.
   * @default 2
   */
  replicas?: pulumi.Input<number>;
  /**
   * Pods at most; with more than `replicas` a HorizontalPodAutoscaler makes the number follow the load. Beside `replicas`
   * that are known later it has to be more than them.
   * @default replicas
   */
  maxReplicas?: number;
  /**
   * How long connections go on that were opened under policies which have changed since, as when a rule goes, before they are
   * closed: from "1s" to "1h".
   * @default "45s"
   * @example "10m"
   */
  drain?: Duration;
  /**
   * Nodes of the gateway's own, which its pods are kept to.
   * @default any node
   */
  placement?: GatewayPlacement;
  /**
   * Whom it observes: whatever these call that is not granted to them it lets pass, and logs; it is no way for anybody else
   * then, nor for a destination. Its name is "egress-observer".
   * @default nobody
   * @example [{ namespace: "legacy", everyServiceAccount: true }]
   */
  observed?: Client[];
  /**
   * Access to destinations behind it that ends by itself: from `until` on the gateway refuses these clients, without an
   * update of the program. Not in a mesh that takes no EnvoyFilter.
   * @default []
   * @example [{ destination: "github", hosts: ["github.com"], clients: [{ namespace: "shop", serviceAccount: "cart" }],
   *   until: "2027-07-01T00:00:00Z" }]
   */
  ends?: EndingAccess[];
  /**
   * Destinations behind it whose names its counters tell: calls are counted by caller, destination and decision, in
   * `envoy_istio_egress_calls`. An empty list counts by caller and decision. Not in a mesh that takes no EnvoyFilter, nor one
   * before Istio 1.29.
   * @default it counts no calls
   * @example [{ destination: "github", hosts: ["github.com"], protocols: ["http", "https"] }]
   */
  counts?: CountedDestination[];
  /**
   * A collector that takes OTLP over gRPC in plain text, to which each line of the gateway's log goes as well. Not in a mesh
   * that takes no EnvoyFilter.
   * @default nowhere but to its standard output
   * @example { service: "otel-collector.monitoring.svc.cluster.local", port: 4317 }
   */
  collector?: Collector;
}

const everyArgument: Every<EgressGatewayArgs> = {
  namespace: true,
  gateway: true,
  replicas: true,
  maxReplicas: true,
  drain: true,
  placement: true,
  observed: true,
  ends: true,
  counts: true,
  collector: true,
  ...everyNeed,
};

/**
 * A way out of the mesh: a Deployment under a ServiceAccount of its own. It forwards by the name that it was asked for,
 * after an AuthorizationPolicy has allowed that name to the caller's identity; with no `EgressDestination` it refuses
 * everybody. One is enough for any number of destinations; several keep destinations apart.
 */
export class EgressGateway extends pulumi.ComponentResource {
  /** What a destination that is reached through the gateway plans with. */
  readonly ref: GatewayRef;
  /** The gateway's namespace. */
  readonly home: EgressNamespace;
  /** What the gateway's certificate names, such as `spiffe://cluster.local/ns/istio-egress/sa/egress-gateway`. */
  readonly identity: pulumi.Output<string>;

  constructor(name: string, args: EgressGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:EgressGateway", name, {}, opts);

    const {
      namespace: home,
      gateway = gatewayName,
      replicas = 2,
      maxReplicas,
      drain,
      placement,
      observed,
      ends,
      counts,
      collector,
    } = given(args);
    const parts = { namespace: { what: "an EgressNamespace", given: home, by: "namespaceResource" } };
    const ref = {
      name: gateway,
      namespace: home?.namespaceName,
      mesh: home?.mesh?.traits,
      ...needsIn(given(args)),
    };
    const manifests = plannedWhenKnown(
      `EgressGateway "${name}"`,
      { names: { name: "gateway", mesh: "namespace" }, parts, of: { args, known: everyArgument } },
      { replicas, maxReplicas, placement },
      // With fewer pods than at most there is an autoscaler.
      { replicas: 2 },
      (known: Pick<GatewayArgs, "replicas" | "maxReplicas" | "placement">) =>
        planGateway({
          ...known,
          ...ref,
          ...defined({ drain, observed, ends, counts, collector }),
        }),
    );

    this.home = home;
    this.ref = ref;
    const { ready: mesh } = home.mesh;
    const opening = new Set(openedBy(ref).map(({ policy }) => policy));
    const opensPrivate = ({ metadata }: Manifest) => opening.has(metadata.name);
    const { objects: others } = registerInOrder(
      this,
      name,
      manifests.filter((manifest) => !opensPrivate(manifest)),
      { mesh, namespaces: [home.namespaceResource], guards: home.guards },
    );
    // Private ranges are opened after the gateway was told whose they are, and closed before it forgets that.
    registerInOrder(this, name, manifests.filter(opensPrivate), {
      mesh,
      namespaces: [home.namespaceResource, ...others],
    });

    this.identity = pulumi.output(spiffeId(home.mesh.traits, home.namespaceName, gateway));
    this.registerOutputs({ identity: this.identity });
  }
}
