import { grantsOf } from "../../grants";
import { haveLabels } from "../../ground/label-selector";
import { workloadKey } from "../../ground/names";
import { Fields, fieldsOf, listOf } from "../../ground/objects";
import { groupedBy } from "../../ground/order";
import { bySelectors } from "../../ground/selector-index";
import { listNames } from "../../ground/suggest";
import { managerOf } from "../managers";
import { isAlive, Pod } from "../pods";
import { Labels, LiveObject, named, Snapshot } from "../snapshot";
import { isPlanned, Subject, SubjectWorkload } from "../subject";
import { Found } from "../types";

/** The workloads of a namespace that something is granted to. */
export interface Granted {
  byAccount: ReadonlyMap<string, SubjectWorkload[]>;
  /** Those whose selectors labels meet. */
  fitting: (labels: Labels) => SubjectWorkload[];
}

/** What is not as the rules about identities have it, of a template's labels and ServiceAccount; a text for each. */
export function identitiesTaken(
  { labels, account }: { labels: unknown; account: string },
  { byAccount, fitting }: Granted,
): string[] {
  const given = fieldsOf(labels) as Labels;
  return [
    ...(byAccount.get(account) ?? [])
      .filter(({ selector }) => !haveLabels(given, selector))
      .map(({ name }) => `ServiceAccount ${account} without the labels of its workload ${name}`),
    ...fitting(given)
      .filter(({ serviceAccount }) => serviceAccount !== account)
      .map(({ name }) => `labels of the workload ${name}, under the ServiceAccount ${account}`),
  ];
}

/** The workloads of a namespace that something is granted to, by a rule of their own or for all of it: only their owners make their pods. */
export function grantedIn({ config, workloadsIn }: Subject, namespace: string): Granted {
  const { reach } = grantsOf(config);
  const granted = (workloadsIn.get(namespace) ?? []).filter((workload) => reach(workloadKey(workload)).length > 0);
  return {
    byAccount: groupedBy(granted, ({ serviceAccount }) => serviceAccount),
    fitting: bySelectors(granted, ({ selector }) => selector),
  };
}

/** Who of a granted workload's owners is not named: with `deny`, nobody but the platform makes its pods anew. */
export function ownerless(
  { config: { admission } }: Subject,
  object: LiveObject,
  workload: SubjectWorkload | undefined,
): Found[] {
  const key = workload === undefined ? undefined : workloadKey(workload);
  if (workload === undefined || admission.mode !== "warn" || admission.owners.some((each) => each.workload === key)) {
    return [];
  }
  return [
    {
      severity: "warning",
      object: named(object),
      problem:
        "It runs under a ServiceAccount that is granted hosts: with `mode: deny` it is changed by the platform, and by nobody else, " +
        "as the stack names no owners of the workload. The cluster does not say who has made it.",
      evidence: [`identity: ServiceAccount ${workload.serviceAccount}, of the workload ${key}`, ...managerOf(object)],
      fix: "Name who makes it, if that is not the platform.",
      commands: [],
      config: `istio-egress:admission.owners: {${key}: {users: [<who>]}}`,
    },
  ];
}

/** Resources that `endpointsOfOthers` and `tokensOfOthers` look at. */
export const objectResources = [
  "endpoints",
  "endpointslices.discovery.k8s.io",
  "roles.rbac.authorization.k8s.io",
  "rolebindings.rbac.authorization.k8s.io",
];

interface Endpoints extends LiveObject {
  endpoints?: { addresses?: string[] }[];
  subsets?: { addresses?: { ip: string }[]; notReadyAddresses?: { ip: string }[] }[];
}

/** Endpoints that no controller keeps: whoever wrote them chose where a name of the cluster leads. */
export function endpointsOfOthers(subject: Subject, snapshot: Snapshot, namespace: string): Found[] {
  const { exemptions, mode } = subject.config.admission;
  const known = new Set(
    snapshot
      .of<Pod>("Pod", namespace)
      .filter(isAlive)
      .flatMap(({ status }) => status?.podIP ?? []),
  );
  return [
    ...snapshot.of<Endpoints>("EndpointSlice.discovery.k8s.io", namespace),
    ...snapshot.of<Endpoints>("Endpoints", namespace),
  ]
    .filter((object) => !isPlanned(subject, object) && !isControllers(object))
    .filter(
      ({ kind, metadata: { name } }) =>
        !exemptions.some(
          (each) => each.rule === "endpoints" && each.namespace === namespace && each.object === `${kind}/${name}`,
        ),
    )
    .map((object) => {
      const outside = addressesOf(object).filter((address) => !known.has(address));
      return {
        severity: "warning",
        object: named(object),
        problem:
          `It was written by no controller${outside.length === 0 ? "" : ", and leads to addresses that no pod of the namespace has"}: ` +
          (mode === "deny" ? "admission refuses it" : "admission would refuse it with `mode: deny`") +
          " as soon as it is changed or made anew.",
        evidence: [
          `endpoints: ${outside.length === 0 ? "made by others" : `leads to ${listNames(outside)}`}`,
          ...managerOf(object),
        ],
        fix: "Take it away; an address beside the mesh is written in the stack, with a rule.",
        commands: [],
        config: `istio-egress:outside.<name>: {namespace: ${namespace}, addresses: [${outside.slice(0, 4).join(", ") || "<address>"}], via: service}`,
      };
    });
}

/** By who has written it, and not by a label, which anybody can put on. */
function isControllers({ metadata: { managedFields = [] } }: LiveObject): boolean {
  return managedFields.some(({ manager }) =>
    /^(kube-controller-manager|cloud-controller-manager)$/.test(manager ?? ""),
  );
}

function addressesOf({ endpoints, subsets }: Endpoints): string[] {
  return [
    ...(endpoints ?? []).flatMap(({ addresses = [] }) => addresses),
    ...(subsets ?? []).flatMap(({ addresses = [], notReadyAddresses = [] }) =>
      [...addresses, ...notReadyAddresses].map(({ ip }) => ip),
    ),
  ];
}

/** Roles that name tokens of ServiceAccounts: whoever has one asks for tokens, of which some audiences would be refused. */
export function tokensOfOthers(subject: Subject, snapshot: Snapshot, namespace: string): Found[] {
  const { mode, audiences } = subject.config.admission;
  if (mode !== "warn") {
    // What was refused with `deny` has been told to whoever asked.
    return [];
  }
  const asking = new Map(
    snapshot
      .of("Role.rbac.authorization.k8s.io", namespace)
      .filter((role) => !isPlanned(subject, role))
      .flatMap((role) => (asksForTokens(role) ? [[role.metadata.name, role] as const] : [])),
  );
  return snapshot.of("RoleBinding.rbac.authorization.k8s.io", namespace).flatMap((binding) => {
    const { roleRef, subjects } = binding as unknown as Fields;
    const role = fieldsOf(roleRef).kind === "Role" ? asking.get(String(fieldsOf(roleRef).name)) : undefined;
    if (role === undefined) {
      return [];
    }
    const who = listOf(subjects).map((each) => {
      const { kind, namespace: home, name } = fieldsOf(each);
      return `${String(kind)} ${home === undefined ? "" : `${String(home)}/`}${String(name)}`;
    });
    return [
      {
        severity: "warning",
        object: named(binding),
        problem:
          "Its subjects ask for tokens of ServiceAccounts: with `mode: deny` they have those for the API server" +
          `${audiences.length === 0 ? "" : `, ${audiences.join(", ")}`} only, and none for another audience.`,
        evidence: [`tokens: ${named(role)} lets ${listNames(who) ?? "nobody"} create serviceaccounts/token`],
        fix: "Ask its owner for which audience the tokens are, and name that in the stack; never the mesh's own.",
        commands: [],
        config: "istio-egress:admission.audiences: [<audience>]",
      },
    ];
  });
}

function asksForTokens(role: LiveObject): boolean {
  return listOf((role as unknown as Fields).rules).some((each) => {
    const { resources, verbs } = fieldsOf(each);
    const names = (list: unknown, ...any: string[]) => listOf(list).some((name) => any.includes(String(name)));
    return names(resources, "serviceaccounts/token", "*") && names(verbs, "create", "*");
  });
}
