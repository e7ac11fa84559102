import * as pulumi from "@pulumi/pulumi";
import { Client, planWorkload, PodPatch, spiffeId } from "../model";
import { InjectedNamespace } from "./injected-namespace";
import { registerInOrder } from "./ordered-manifests";
import { planned } from "./planned";

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
  image?: string;
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
  replicas?: number | "auto";
  /**
   * Program to run in the container.
   * @default the image's entrypoint
   * @example ["/bin/sleep"]
   */
  command?: string[];
  /**
   * Arguments of the program.
   * @default the image's command
   * @example ["infinity"]
   */
  args?: string[];
  /**
   * Environment variables of the container.
   * @default {}
   * @example { LOG_LEVEL: "info" }
   */
  env?: Record<string, string>;
  /**
   * Part of a pod template that is laid over the one that follows from the rest, at any depth; entries of lists such as
   * `containers` meet by their names. What would open the guard is an error.
   * @default {}
   * @example { spec: { containers: [{ name: "app-a", readinessProbe: { httpGet: { path: "/ready", port: 8080 } } }] } }
   */
  pod?: PodPatch;
  /**
   * Annotations of the ServiceAccount.
   * @default {}
   * @example { "iam.gke.io/gcp-service-account": "app-a@acme.iam.gserviceaccount.com" }
   */
  serviceAccountAnnotations?: Record<string, string>;
  /**
   * Whether the arguments, `env` above all, hold secrets; the state and previews hide the Deployment's spec then.
   * @default false
   */
  secret?: boolean;
  /**
   * External hosts that the workload's sidecar knows: those of every `EgressDestination` that names it as a client.
   * To name a host here grants nothing by itself.
   * @default [], and then the workload reaches no external host
   * @example ["github.com", "www.github.com"]
   */
  hosts?: string[];
  /**
   * Private addresses, or ranges of them, that the pods call past their sidecars: those of every `OutsideService` with
   * `via: "bypass"` that names the workload as a client.
   * @default []
   * @example ["10.10.0.4"]
   */
  bypassed?: string[];
}

/**
 * A workload with an identity of its own: ServiceAccount, Deployment, Service if it serves a port, and a Sidecar that
 * knows the hosts that it is granted and no others. Its pods start when the namespace's guards and its own stand.
 *
 * Errors: the engine fails the Deployment when its pods are not ready after five minutes.
 */
export class Workload extends pulumi.ComponentResource {
  /** Namespace and ServiceAccount of the workload: what an `EgressDestination` grants hosts to. */
  readonly client: Client;
  /** What the workload's certificate names, such as `spiffe://cluster.local/ns/test-app/sa/app-a`. */
  readonly identity: pulumi.Output<string>;
  /** External hosts that the workload's sidecar knows. */
  readonly hosts: pulumi.Output<string[]>;

  constructor(name: string, args: WorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:Workload", name, {}, opts);

    const { namespace, workload, hosts = [], bypassed, secret = false, existing, image, ...pods } = args;
    if ((image === undefined) === (existing === undefined)) {
      throw new Error(`The workload ${name} needs an image to be made from, or to be one that exists, and not both.`);
    }
    const manifests = planned(
      `Workload "${name}"`,
      { name: "workload", made: "", serviceAccount: "existing.serviceAccount", selector: "existing.selector" },
      () =>
        planWorkload({
          name: workload,
          namespace: namespace.namespaceName,
          mesh: namespace.egress.mesh.traits,
          ...(existing === undefined ? {} : { serviceAccount: existing.serviceAccount, selector: existing.selector }),
          ...(image === undefined ? {} : { made: { image, ...pods } }),
          hosts,
          bypassed,
          guardedNamespaces: namespace.guardedNamespaces,
          peers: namespace.peers,
          gatewayNamespace: namespace.egress.namespaceName,
        }),
    );

    const after = {
      mesh: namespace.egress.mesh.ready,
      namespaces: namespace.namespaceResources,
      guards: namespace.guards,
    };
    registerInOrder(this, name, manifests, after, secret);

    this.client = { namespace: namespace.namespaceName, serviceAccount: existing?.serviceAccount ?? workload };
    this.identity = pulumi.output(
      spiffeId(namespace.egress.mesh.traits, this.client.namespace, this.client.serviceAccount),
    );
    this.hosts = pulumi.output(hosts);
    this.registerOutputs({ identity: this.identity, hosts: this.hosts });
  }
}
