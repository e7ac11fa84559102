import { Service } from "@pulumi/gcp/projects/service";
import { Provider as GoogleProvider } from "@pulumi/gcp/provider";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentError, clusterPath, GkeConfig, planGke, relaxationWarnings, ServiceBeside } from "../../model";
import { listOf, port, requireArguments } from "../../model/plan/check";
import type { Every } from "../known-arguments";
import { JoinableMesh } from "../mesh";
import { given, planned } from "../planned";
import { defaultSettings, givenProvider } from "../providers";
import { ControlPlane } from "./control-plane";
import { EgressAddresses } from "./egress-addresses";
import { Firewall } from "./firewall";
import { GoogleApis } from "./google-apis";
import { ImageMirror } from "./image-mirror";
import { ManagedMesh } from "./managed-mesh";
import { Network } from "./network";
import { NodeIdentities } from "./node-identities";
import { NodePools } from "./node-pools";
import { SecretsKey } from "./secrets-key";

export interface GkeClusterArgs {
  /** The cluster, as `parseConfig` gives it. */
  gke: GkeConfig;
  /**
   * TCP ports on which the gateways may call external hosts; an empty list is no way out.
   * @example [80, 443]
   */
  externalPorts?: number[];
  /** @deprecated The earlier name of `externalPorts`, which is read where that is missing. One of the two is required. */
  outsidePorts?: number[];
  /**
   * What nodes for work may call beside the mesh: IPv4 ranges and TCP ports. Routes there are not made.
   * @default none
   * @example [{ name: "ledger", ranges: ["10.128.16.4/32"], ports: [443] }]
   */
  servicesBeside?: ServiceBeside[];
  /**
   * What the gateways may call in private ranges, by destination. Routes there are not made.
   * @default none
   * @example [{ name: "wiki", ranges: ["10.20.0.0/16"], ports: [443] }]
   */
  privateDestinations?: ServiceBeside[];
  /**
   * Public addresses without a name that the gateways may call, by destination.
   * @default none
   * @example [{ name: "partner", ranges: ["198.51.100.0/24"], ports: [5432] }]
   */
  addressDestinations?: ServiceBeside[];
  /**
   * Whether Google manages the cluster's mesh.
   * @default false, and then a `Mesh` may be put on it
   */
  managedMesh?: boolean;
}

const everyArgument: Every<GkeClusterArgs> = {
  gke: true,
  externalPorts: true,
  outsidePorts: true,
  servicesBeside: true,
  privateDestinations: true,
  addressDestinations: true,
  managedMesh: true,
};

/**
 * A GKE cluster with all that its egress needs: network, firewall, reserved addresses, names of Google's APIs, nodes
 * for work and nodes for gateways. Hardened after the CIS benchmark; each relaxation is a warning. It is made by the `gcp`
 * provider that is given in its options, or by one for the project with whatever else the stack's `gcp:…` keys say.
 */
export class GkeCluster extends pulumi.ComponentResource {
  /** The addresses that external hosts see. */
  readonly egressAddresses: pulumi.Output<string[]>;
  /** A kubeconfig that asks gke-gcloud-auth-plugin for tokens. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** What stands when there are nodes and a way out: what pods wait for. */
  readonly ready: pulumi.Resource[];
  /** The mesh, where Google manages it. */
  readonly mesh?: JoinableMesh;
  private readonly gke: GkeConfig;

  constructor(name: string, args: GkeClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:GkeCluster", name, {}, opts);

    const { gke, outsidePorts, externalPorts = outsidePorts, ...use } = given(args);
    const parts = { gke: { what: "a cluster's configuration, as parseConfig gives it", given: gke, by: "network" } };
    const plan = planned(`GkeCluster "${name}"`, { parts, of: { args, known: everyArgument } }, () => {
      if (externalPorts === undefined) {
        const problem = "It is missing: a list of TCP ports, or [] for no way out";
        throw new ArgumentError("The cluster", [{ argument: "externalPorts", problem }]);
      }
      requireArguments("The cluster", { externalPorts }, { externalPorts: listOf(port) });
      return planGke(gke, { ...use, externalPorts });
    });
    relaxationWarnings(gke).forEach((warning) => void pulumi.log.warn(warning, this));

    const { project, region } = gke;
    const google =
      givenProvider(this, "gcp") ??
      new GoogleProvider(`${name}/google`, { ...defaultSettings("gcp"), project, region }, { parent: this });
    const child = { parent: this, providers: [google] };
    const after = plan.services.map(
      (service) =>
        new Service(`${name}/${service}`, { service, disableOnDestroy: false }, { parent: this, provider: google }),
    );

    const network = new Network(`${name}-network`, { plan: plan.network, after }, child);
    const googleApis = new GoogleApis(`${name}-google-apis`, { plan: plan.googleApis, network }, child);
    const addresses = new EgressAddresses(`${name}-egress`, { plan: plan.egressAddresses, network, after }, child);
    const mirror = new ImageMirror(`${name}-images`, { plan: plan.imageMirror, after }, child);
    const identities = new NodeIdentities(`${name}-nodes`, { plan: plan.identities, project, mirror, after }, child);
    const firewall = new Firewall(`${name}-firewall`, { plan: plan.firewall, network, identities }, child);
    const secretsKey =
      plan.secretsKey === undefined
        ? gke.secretsKey
        : new SecretsKey(`${name}-secrets`, { plan: plan.secretsKey, after }, child).keyName;

    const joinable = [...firewall.rules, ...googleApis.records, ...identities.grants];
    const controlPlane = new ControlPlane(
      `${name}-control-plane`,
      { gke, plan: plan.controlPlane, network, identities, secretsKey, after: joinable },
      child,
    );
    const nodePools = new NodePools(`${name}-pools`, { plan: plan.nodePools, controlPlane, identities }, child);

    if (plan.managedMesh !== undefined) {
      const meshArgs = { gke, plan: plan.managedMesh, controlPlane, nodePools, after };
      this.mesh = new ManagedMesh(`${name}-mesh`, meshArgs, child);
    }

    this.gke = gke;
    this.ready = [...nodePools.pools, addresses.nat];
    this.egressAddresses = addresses.addresses;
    this.kubeconfig = controlPlane.kubeconfig;
    this.registerOutputs({ egressAddresses: this.egressAddresses, kubeconfig: this.kubeconfig });
  }

  /**
   * The provider of what is put on the cluster. Nothing is put there before nodes and the way out stand; and because
   * the cluster is told by its name, a kubeconfig that changes replaces nothing.
   *
   * @param upsertExistingObjects whether what is there already is taken over; else it ends in an error, whatever the
   *   environment says
   */
  provider(name: string, opts?: pulumi.CustomResourceOptions, upsertExistingObjects = false): Provider {
    const args = {
      kubeconfig: this.kubeconfig,
      clusterIdentifier: clusterPath(this.gke),
      upsertExistingObjects,
    };
    return new Provider(name, args, { ...opts, dependsOn: this.ready });
  }
}
