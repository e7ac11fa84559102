import { InjectorConfiguration, injectors } from "../control-planes";
import { LabelSelector, selectorMatches } from "../../ground/label-selector";
import { labelsText } from "../labels";
import { Pod } from "../pods";
import { Labels, named, Snapshot } from "../snapshot";
import { gatewayLabels, Subject } from "../subject";
import { Check, Found } from "../types";

type Webhook = NonNullable<InjectorConfiguration["webhooks"]>[number];

/** Whether some injector's webhook takes the pods of guarded namespaces, and the gateways', as they come. */
export const injection: Check = {
  name: "injection",
  promise: "an injector takes every new pod of the guarded namespaces and of the gateways, and none starts without",
  needs: () => [{ resource: "namespaces" }, { resource: "mutatingwebhookconfigurations.admissionregistration.k8s.io" }],
  run: (subject, snapshot) => {
    const places = placesOf(subject, snapshot);
    const all = injectors(snapshot);
    return [
      ...places.flatMap((place) => missed(place, all, subject)),
      ...all
        .filter((configuration) => places.some((place) => takers(configuration, place).length > 0))
        .flatMap((configuration) => [...lenient(configuration), ...unsigned(configuration)]),
    ];
  },
};

/** Where pods are made, and with which labels of theirs. */
interface Place {
  object: string;
  namespace: string;
  namespaceLabels: Labels;
  podLabels: Labels;
}

function placesOf(subject: Subject, snapshot: Snapshot): Place[] {
  const { guarded, gatewayNamespace, gateways } = subject;
  const place = (object: string, namespace: string, podLabels: Labels): Place[] => {
    const live = snapshot.namespace(namespace);
    const namespaceLabels = { "kubernetes.io/metadata.name": namespace, ...live?.metadata.labels };
    return live === undefined ? [] : [{ object, namespace, namespaceLabels, podLabels }];
  };
  return [
    ...guarded.flatMap((name) => place(`Namespace ${name}`, name, {})),
    ...gateways.flatMap(({ name }) =>
      place(`Deployment ${gatewayNamespace}/${name}`, gatewayNamespace, gatewayLabels(subject, name)),
    ),
  ];
}

function missed(place: Place, all: InjectorConfiguration[], { controlPlane }: Subject): Found[] {
  const taking = all.filter((configuration) => takers(configuration, place).length > 0);
  if (taking.length === 1) {
    return [];
  }
  const asked = `the namespace has ${labelsText(place.namespaceLabels)}, the pods ${labelsText(place.podLabels)}`;
  return taking.length === 0
    ? [
        {
          severity: "breaks-workload",
          object: place.object,
          problem:
            "No injector's webhook takes its new pods: they start without a sidecar, and reach nothing, or do not start.",
          evidence: [asked, `webhooks: ${all.map(({ metadata }) => metadata.name).join(", ") || "none of Istio's"}`],
          fix:
            all.length === 0
              ? "Istio's injector is not installed, or its webhook was deleted: istiod's chart makes it."
              : "Have the namespace ask for a revision that is there: the checks of namespaces and of the control plane say which.",
          commands:
            all.length === 0
              ? [`kubectl get mutatingwebhookconfigurations,deployments --namespace ${controlPlane ?? "istio-system"}`]
              : [],
        },
      ]
    : [
        {
          severity: "warning",
          object: place.object,
          problem: "More than one injector takes its new pods: which sidecar they get is left to chance.",
          evidence: [asked, ...taking.map(named)],
          fix: "Have its labels name one revision, and delete the webhook of a control plane that is gone.",
          commands: [],
        },
      ];
}

function lenient(configuration: InjectorConfiguration): Found[] {
  const webhooks = sidecarWebhooks(configuration).filter(({ failurePolicy }) => failurePolicy === "Ignore");
  return webhooks.length === 0
    ? []
    : [
        {
          severity: "breaks-guard",
          object: named(configuration),
          problem: "Pods that start while istiod is away start without a sidecar: the webhook's failures are ignored.",
          evidence: webhooks.map(({ name }) => `${name}: failurePolicy Ignore`),
          fix: "Have it fail, as Istio's chart does.",
          commands: [],
        },
      ];
}

function unsigned(configuration: InjectorConfiguration): Found[] {
  const webhooks = sidecarWebhooks(configuration).filter(
    ({ clientConfig: { caBundle, url } }) => url === undefined && (caBundle ?? "") === "",
  );
  return webhooks.length === 0
    ? []
    : [
        {
          severity: "breaks-workload",
          object: named(configuration),
          problem:
            "The API server cannot call the injector: istiod has not put its certificate authority there, so no pod can start.",
          evidence: webhooks.map(({ name }) => `${name}: no caBundle`),
          fix: "istiod does so when it is ready, and may: see its log.",
          commands: [],
        },
      ];
}

function takers(configuration: InjectorConfiguration, { namespaceLabels, podLabels }: Place): Webhook[] {
  return sidecarWebhooks(configuration).filter(
    ({ namespaceSelector = {}, objectSelector = {} }) =>
      selectorMatches(namespaceSelector as LabelSelector, namespaceLabels) &&
      selectorMatches(objectSelector as LabelSelector, podLabels),
  );
}

function sidecarWebhooks({ webhooks = [] }: InjectorConfiguration): Webhook[] {
  return webhooks.filter(({ name }) => name.endsWith("sidecar-injector.istio.io"));
}

const enforceLabel = "pod-security.kubernetes.io/enforce";

/** The label of istio-cni's pods, in Istio's chart and in Google's. */
export const cniSelector = "istio-cni-node";

/** istio-init needs NET_ADMIN and NET_RAW, which Pod Security's `baseline` and `restricted` refuse. */
export const podSecurity: Check = {
  name: "pod-security",
  promise: "Pod Security lets the pods of every guarded namespace lead their traffic to a sidecar",
  needs: ({ guarded }) => [
    { resource: "namespaces" },
    { resource: "daemonsets.apps" },
    ...guarded.map((namespace) => ({ resource: "pods", namespace })),
  ],
  run: (subject, snapshot) =>
    usesCni(subject, snapshot) ? [] : subject.guarded.flatMap((namespace) => refused(namespace, snapshot)),
};

/** With istio-cni the node does what istio-init does, and pods need no capability. A managed mesh always has it. */
function usesCni({ mesh, guarded }: Subject, snapshot: Snapshot): boolean {
  const installed = snapshot.of("DaemonSet.apps").some(({ metadata }) => metadata.labels?.["k8s-app"] === cniSelector);
  const validates = guarded.some((namespace) =>
    snapshot
      .of<Pod>("Pod", namespace)
      .some(({ spec }) => spec.initContainers?.some(({ name }) => name === "istio-validation")),
  );
  return mesh.managed !== undefined || installed || validates;
}

function refused(namespace: string, snapshot: Snapshot): Found[] {
  const live = snapshot.namespace(namespace);
  const level = live?.metadata.labels?.[enforceLabel];
  if (level !== "baseline" && level !== "restricted") {
    return [];
  }
  return [
    {
      severity: "breaks-workload",
      object: `Namespace ${namespace}`,
      problem: `Pod Security refuses every pod with a sidecar: istio-init needs NET_ADMIN and NET_RAW, and \`${level}\` forbids both.`,
      evidence: [`label ${enforceLabel}: ${level}`, `no DaemonSet with k8s-app=${cniSelector}`],
      fix:
        "Install istio-cni, which does istio-init's work on the node, and tell istiod so by the key below; " +
        "or let the namespace enforce `privileged`, and only warn of what is wider.",
      commands: [
        `kubectl label namespace ${namespace} ${enforceLabel}=privileged pod-security.kubernetes.io/warn=${level} --overwrite`,
      ],
      config: "istio-egress:mesh.values: {pilot: {cni: {enabled: true}}}",
    },
  ];
}
