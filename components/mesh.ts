import * as pulumi from "@pulumi/pulumi";
import { MeshTraits, NamespaceAsking, planMesh } from "../model";
import type { Every } from "./known-arguments";
import { manifestResource } from "./manifest-resource";
import { given, planned } from "./planned";
import { releaseResource } from "./release-resource";
import { holdsLater } from "./values";

export interface MeshArgs {
  /**
   * Istio's version, which is also the charts'.
   * @example "1.31.1"
   */
  version: string;
  /**
   * Where the charts `base` and `istiod` come from: a chart repository's URL, or a folder that holds `base` and
   * `istio-control/istio-discovery`, as `manifests/charts` of Istio's source does.
   * @example "https://blob.istio.io/istio-release/charts"
   */
  charts: string;
  /**
   * Values for the istiod chart, merged deeply over this package's own: objects key by key, lists and scalars whole. With
   * a part that is known later, all of them are looked at then, and hidden in the state and in previews.
   * @default {}
   * @example { global: { hub: "registry.example.com/istio" }, autoscaleMin: 2 }
   */
  values?: pulumi.Input<Record<string, unknown>>;
  /**
   * Whether plain `values` hold secrets; the state and previews hide them then.
   * @default false
   */
  secretValues?: boolean;
  /**
   * Whether sidecars speak mutual TLS with every name under `*.local`, also with those behind which there is no sidecar.
   * @default false
   */
  forceClientMtls?: boolean;
  /**
   * Namespaces that istiod looks at beside those of Pulumi's stacks and those that are labelled for injection: every
   * `existing` one that joins, and the peers of any.
   * @default []
   * @example ["payments"]
   */
  discovered?: string[];
  /**
   * The address of an `EgressResolver`, and the namespaces whose pods are told of it when they are injected, whoever makes
   * them, but for those with certain labels.
   * @default pods that the stack does not make ask the cluster's resolver
   * @example { address: "10.96.0.53", namespaces: [{ name: "payments" }] }
   */
  resolver?: { address: string; namespaces: NamespaceAsking[] };
  /**
   * A provider with `upsertExistingObjects`, for the ConfigMaps that istiod keeps in the discovered namespaces: they may
   * be there from an earlier Istio, and are to go with this one.
   * @default this component's provider: what is there already ends in an error
   */
  takeOver?: pulumi.ProviderResource;
}

/** A mesh, to what joins it: one that a `Mesh` installs, one that Google manages for a `GkeCluster`, or `existingMesh`, somebody else's. */
export interface JoinableMesh {
  /** What stands when the mesh does. */
  readonly ready: pulumi.Resource[];
  /** What all that joins the mesh must know of it. */
  readonly traits: MeshTraits;
}

/**
 * An Istio that is there already. Nothing of it is touched: strict mTLS is asked for in each namespace by itself.
 *
 * @param traits where it differs from a mesh of Istio's defaults
 * @example existingMesh({ revision: "1-31" })
 */
export function existingMesh(traits: Omit<MeshTraits, "foreign"> = {}): JoinableMesh {
  return { ready: [], traits: { ...traits, foreign: true } };
}

const everyArgument: Every<MeshArgs> = {
  version: true,
  charts: true,
  values: true,
  secretValues: true,
  forceClientMtls: true,
  discovered: true,
  resolver: true,
  takeOver: true,
};

/**
 * Istio, with mutual TLS that is strict for the whole mesh: its CRDs (Helm release `istio-base`), its control plane
 * (`istiod`, rolled out when the component is done) and a PeerAuthentication in the root namespace.
 *
 * Whatever needs istiod names this component in its `dependsOn`.
 *
 * Errors: the engine fails the release `istiod` when its pod is not ready after five minutes.
 */
export class Mesh extends pulumi.ComponentResource implements JoinableMesh {
  /** The mesh's root namespace, where istiod runs. */
  readonly namespace: pulumi.Output<string>;
  /** Istio's version, once istiod is rolled out. */
  readonly version: pulumi.Output<string>;

  /** What stands when the mesh does: istiod, rolled out, and the policies of the whole mesh. */
  readonly ready: pulumi.Resource[];
  readonly traits: MeshTraits = {};

  constructor(name: string, args: MeshArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:Mesh", name, {}, opts);

    const { version, charts, values = {}, secretValues = false, ...rest } = given(args);
    const { forceClientMtls = false, discovered, resolver, takeOver } = rest;
    const planWith = (known: Record<string, unknown>) =>
      planned(`Mesh "${name}"`, { of: { args, known: everyArgument } }, () =>
        planMesh({ version, charts, values: known, forceClientMtls, discovered, resolver }),
      );
    const areLater = holdsLater(values);
    const plan = planWith(areLater ? {} : (values as Record<string, unknown>));
    const valuesOfIstiod = areLater ? pulumi.output(values).apply((known) => planWith(known).istiod.values) : undefined;

    const namespace = manifestResource(this, name, plan.namespace);
    // Made before istiod looks, and taken away when it no longer does: else it would put them there again.
    const certificates = plan.certificates.map((manifest) =>
      manifestResource(this, name, manifest, takeOver === undefined ? {} : { provider: takeOver }),
    );
    const base = releaseResource(this, name, plan.base, { opts: { dependsOn: [namespace] } });
    const istiod = releaseResource(this, name, plan.istiod, {
      opts: { dependsOn: [base, ...certificates] },
      later: valuesOfIstiod,
      secret: secretValues || areLater,
    });
    const policies = plan.policies.map((policy) => manifestResource(this, name, policy, { dependsOn: [istiod] }));

    this.ready = [istiod, ...policies];
    this.namespace = pulumi.output(plan.namespace.metadata.name);
    this.version = istiod.id.apply(() => version);
    this.registerOutputs({ namespace: this.namespace, version: this.version });
  }
}
