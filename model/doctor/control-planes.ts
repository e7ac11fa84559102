import { labelsText } from "./labels";
import { Container, versionOf } from "./pods";
import { Labels, LiveObject, Snapshot } from "./snapshot";

export interface Deployment extends LiveObject {
  spec: {
    replicas?: number;
    template: { metadata?: { labels?: Labels }; spec: { containers: Container[] } };
  };
  status?: { readyReplicas?: number; updatedReplicas?: number };
}

/** An istiod of the cluster, ready or not. */
export interface ControlPlane {
  namespace: string;
  deployment: Deployment;
  /** `default` for the one that answers to `istio-injection: enabled`. */
  revision: string;
  /** Other names by which namespaces may ask for this revision. */
  tags: string[];
  version?: string;
  ready: number;
  /** Whether it lets a Gateway take pods of its own namespace only. */
  scopesGateways: boolean;
}

/** A MutatingWebhookConfiguration of Istio's injector. */
export interface InjectorConfiguration extends LiveObject {
  webhooks?: {
    name: string;
    clientConfig: { caBundle?: string; service?: { namespace: string; name: string }; url?: string };
    namespaceSelector?: object;
    objectSelector?: object;
    failurePolicy?: string;
  }[];
}

/** Every istiod of the cluster, wherever it is. */
export function controlPlanes(snapshot: Snapshot): ControlPlane[] {
  return snapshot
    .of<Deployment>("Deployment.apps")
    .filter(({ spec }) => spec.template.metadata?.labels?.app === "istiod")
    .map((deployment) => {
      const revision = deployment.metadata.labels?.["istio.io/rev"] ?? "default";
      const discovery = deployment.spec.template.spec.containers.find(({ name }) => name === "discovery");
      const version = versionOf(discovery?.image);
      const scope = discovery?.env?.find(({ name }) => name === "PILOT_SCOPE_GATEWAY_TO_NAMESPACE");
      return {
        namespace: deployment.metadata.namespace!,
        deployment,
        revision,
        tags: tagsOf(revision, snapshot),
        ...(version === undefined ? {} : { version }),
        ready: deployment.status?.readyReplicas ?? 0,
        scopesGateways: scope?.value === "true",
      };
    });
}

/** A control plane as findings name it. */
export function planeName({ namespace, deployment, revision }: ControlPlane): string {
  return `${namespace}/${deployment.metadata.name} (${labelsText({ "istio.io/rev": revision })})`;
}

export function injectors(snapshot: Snapshot): InjectorConfiguration[] {
  return snapshot
    .of<InjectorConfiguration>("MutatingWebhookConfiguration.admissionregistration.k8s.io")
    .filter(({ webhooks = [] }) => webhooks.some(({ name }) => name.endsWith("sidecar-injector.istio.io")));
}

function tagsOf(revision: string, snapshot: Snapshot): string[] {
  return injectors(snapshot).flatMap(({ metadata: { labels = {} } }) =>
    labels["istio.io/rev"] === revision && labels["istio.io/tag"] !== undefined ? [labels["istio.io/tag"]] : [],
  );
}
