import { isClosed } from "../../config/ingress";
import { NamespaceConfig } from "../../config/types";
import { IngressSource } from "../../ground/ingress";
import { listNames } from "../../ground/suggest";
import { openIn } from "../../config/adoption";
import { Labels, LiveObject, named, Snapshot } from "../snapshot";
import { Check, Found } from "../types";

interface Service extends LiveObject {
  spec: { type?: string; externalIPs?: string[]; selector?: Labels };
}

interface Ingresses extends LiveObject {
  spec: { defaultBackend?: Backend; rules?: { http?: { paths?: { backend?: Backend }[] } }[] };
}

interface Backend {
  service?: { name?: string };
}

/** What has the API server call a Service: webhooks, and groups of its own that a Service answers for. */
interface CalledByServer extends LiveObject {
  webhooks?: { clientConfig?: { service?: { namespace?: string; name?: string } } }[];
  spec?: { service?: { namespace?: string; name?: string } };
}

const serverKinds = [
  "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
  "MutatingWebhookConfiguration.admissionregistration.k8s.io",
  "APIService.apiregistration.k8s.io",
];

/** Who calls the pods of a guarded namespace from beyond the guarded ones, by what the cluster's objects say of it. */
export const ingress: Check = {
  name: "ingress",
  promise: "nothing but whom the stack lets in is led to the pods of a guarded namespace",
  needs: ({ enforced }) => [
    ...enforced.flatMap((namespace) =>
      ["services", "ingresses.networking.k8s.io"].map((resource) => ({ resource, namespace })),
    ),
    { resource: "validatingwebhookconfigurations.admissionregistration.k8s.io" },
    { resource: "mutatingwebhookconfigurations.admissionregistration.k8s.io" },
    { resource: "apiservices.apiregistration.k8s.io" },
  ],
  run: ({ config, enforced }, snapshot) => {
    const called = calledByServer(snapshot);
    return config.namespaces
      .filter((namespace) => enforced.includes(namespace.name) && openIn(namespace) === undefined)
      .flatMap((namespace) => ledTo(namespace, snapshot, called));
  },
};

interface Led {
  object: LiveObject;
  /** How somebody calls the pods by it. */
  how: string;
  /** What in the stack's file lets these callers in. */
  letIn: IngressSource;
  /** Whether one that is let in may be theirs. */
  isLetIn: (source: IngressSource) => boolean;
}

function ledTo(namespace: NamespaceConfig, snapshot: Snapshot, called: Map<string, LiveObject[]>): Found[] {
  const { name } = namespace;
  const led: Led[] = [
    ...snapshot.of<Service>("Service", name).flatMap(fromOutside),
    ...snapshot.of<Ingresses>("Ingress.networking.k8s.io", name).flatMap(byController),
    ...(called.get(name) ?? []).map((object) => ({
      object,
      how: "the API server calls a Service of the namespace by it",
      letIn: { addresses: ["<the API server's address>"], reason: "the API server calls it" },
      isLetIn: hasAddresses,
    })),
  ];
  return led.flatMap((each) => (isClosed(namespace) ? closed(namespace, each) : open(namespace, each)));
}

/** A way in that is open, as nothing is said of who may call: what data can be pulled out by. */
function open({ name }: NamespaceConfig, { object, how, letIn }: Led): Found[] {
  return [
    {
      severity: "warning",
      object: named(object),
      problem: `Pods of ${name} can be called by it from beyond the guarded namespaces, and data pulled out of them; the stack lets in whoever reaches them.`,
      evidence: [how],
      fix: "Close the namespace, and let in whom this is meant for; whoever is not named is cut off.",
      commands: [],
      config: `istio-egress:namespaces.${name}.ingress: {from: [${flow(letIn)}]}`,
    },
  ];
}

/** A way that leads to pods that take no connection by it; where others are let in at all, it may be theirs. */
function closed({ name, ingress }: NamespaceConfig, { object, how, letIn, isLetIn }: Led): Found[] {
  const from = ingress?.from ?? [];
  return from.some(isLetIn)
    ? []
    : [
        {
          severity: "warning",
          object: named(object),
          problem: `It leads to pods of ${name} that take no connection by it: the stack lets in ${from.length === 0 ? "guarded namespaces only" : "nobody who would come this way"}.`,
          evidence: [how],
          fix: "Let its callers in, or delete it.",
          commands: [],
          config: `istio-egress:namespaces.${name}.ingress: {from: [${flow(letIn)}]}`,
        },
      ];
}

function hasAddresses({ addresses }: IngressSource): boolean {
  return addresses !== undefined;
}

function fromOutside(service: Service): Led[] {
  const { type = "ClusterIP", externalIPs = [] } = service.spec;
  const how = [
    ...(type === "NodePort" || type === "LoadBalancer" ? [`its type is ${type}`] : []),
    ...(externalIPs.length === 0 ? [] : [`its externalIPs are ${listNames(externalIPs)!}`]),
  ];
  return how.length === 0
    ? []
    : [
        {
          object: service,
          how: how.join("; "),
          letIn: { addresses: ["<the callers' range>"], reason: "<why>" },
          isLetIn: hasAddresses,
        },
      ];
}

function byController(object: Ingresses): Led[] {
  const { defaultBackend, rules = [] } = object.spec;
  const backends = [defaultBackend, ...rules.flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend))];
  const services = backends.flatMap((backend) => backend?.service?.name ?? []);
  return services.length === 0
    ? []
    : [
        {
          object,
          how: `its controller's pods, or a load balancer, call ${listNames(services)!}`,
          letIn: { namespace: "<its controller's namespace>" },
          isLetIn: () => true,
        },
      ];
}

/** What has the API server call a Service, by the Service's namespace; each object once. */
function calledByServer(snapshot: Snapshot): Map<string, LiveObject[]> {
  const called = new Map<string, LiveObject[]>();
  for (const object of serverKinds.flatMap((kind) => snapshot.of<CalledByServer>(kind))) {
    const services = [
      ...(object.webhooks ?? []).map(({ clientConfig }) => clientConfig?.service),
      object.spec?.service,
    ];
    for (const namespace of new Set(services.flatMap((service) => service?.namespace ?? []))) {
      called.set(namespace, [...(called.get(namespace) ?? []), object]);
    }
  }
  return called;
}

/** A source as it is written in a stack's file. */
function flow({ namespace, addresses = [], reason }: IngressSource): string {
  return namespace === undefined
    ? `{addresses: [${addresses.join(", ")}], reason: ${reason}}`
    : `{namespace: ${namespace}}`;
}
