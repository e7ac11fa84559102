import { configPath } from "../config/problem";
import { isReported } from "../config/reporting";
import { factRisks, tellsOfTls } from "../config/traits/told";
import { isShared } from "../config/wildcard";
import { benchmark, relaxationNames, relaxations } from "../ground/gke/relaxations";
import { defaultDrain, Duration, secondsOf } from "../ground/timeouts";
import { isAddresses } from "../ground/addresses";
import { isWildcard, selfAndAbove } from "../ground/hosts";
import { groupedBy, sortedBy, sortedUnique } from "../ground/order";
import { callerRisks } from "./caller-risks";
import { gainedProtocols, GrantGroup, groupGrants } from "./grants";
import { DenyChange, RiskNote, SettingChange, StackDiff } from "./types";

/** So many hosts at once for one workload are worth a question. */
const manyHosts = 10;

/** Hosts that a note names one by one. */
const mostNamed = 3;

/**
 * What is risky about a change, in the direction from `before` to `after`: a change back has notes of its own.
 *
 * @param isNew whether the stack did not exist before: then its settings are choices, and no changes
 */
export function riskNotes(diff: StackDiff, { isNew = false } = {}): RiskNote[] {
  const groups = groupGrants(diff.grants);
  return [
    ...groups.flatMap(grantRisks),
    ...floodRisks(groups),
    ...relaxationRisks(diff.settings),
    ...(isNew ? [] : [...deniedRisks(diff.denied, groups), ...settingRisks(diff.settings), ...callerRisks(diff)]),
  ];
}

function grantRisks(group: GrantGroup): RiskNote[] {
  const { from, hosts, before, after, widens, byNamespace } = group;
  const about = `${from} → ${nameSome(hosts)}`;
  if (after === undefined) {
    const risk =
      "passed by a rule in report mode, and is refused from then on unless another rule grants it: egress replay names " +
      "what of it was called";
    return before !== undefined && isReported(before) && byNamespace === undefined ? [{ about, risk }] : [];
  }
  const gained = gainedProtocols(group);
  const missing = (["owner", "reason"] as const).filter(
    (field) => after[field] === undefined && (gained.length > 0 || before?.[field] !== undefined),
  );
  const risks = [
    ...(missing.length === 0 ? [] : [`nobody says ${missing.map((field) => questions[field]).join(" or ")}`]),
    ...(after.via === "bypass" && before?.via !== "bypass"
      ? ["past its sidecar: no identity is asked for, and no log tells of it"]
      : []),
    ...(after.via === "service" && before?.via !== "service"
      ? ["past the gateways: private addresses, told apart by pods' labels and not by identity"]
      : []),
    ...(before !== undefined && widened(before.addresses, after.addresses)
      ? ["more private addresses than before"]
      : []),
    ...factRisks(before, after, "hosts"),
    ...(before === undefined && from.endsWith("/*")
      ? [
          "every ServiceAccount of the namespace, those that no workload has too: whoever may make pods there reaches it",
        ]
      : []),
    ...(before === undefined && hosts.some(isAddresses)
      ? ["addresses without a name: whoever has one of them is reached, and no name or certificate says who that is"]
      : []),
    ...(before === undefined && byNamespace === undefined
      ? hosts.filter(isWildcard).flatMap((host) => wildcardRisks(host, widens))
      : []),
    ...(gained.some((way) => /^\d+\/http$/.test(way) || (way === "http" && !tellsOfTls(after)))
      ? ["plain HTTP: anybody on the way can read it, and answer in the host's place"]
      : []),
    ...(tellsOfTls(after) && gained.some((way) => way !== "http")
      ? ["past the TLS that the gateway opens: there it asks for no method and no path"]
      : []),
    ...factRisks(before, after, "calls"),
    ...(before?.expires !== undefined && after.expires === undefined
      ? [`held until ${before.expires} before, and has no end now`]
      : []),
    ...(before !== undefined && isReported(before) && !isReported(after)
      ? ["passed by a rule in report mode, and is granted for good from then on"]
      : []),
    ...(before !== undefined && !isReported(before) && isReported(after)
      ? ["was granted for good; in report mode it passes as before, and is told as would be denied"]
      : []),
    ...(before === undefined && isReported(after)
      ? ["in report mode: it passes all the same, and is told as would be denied"]
      : []),
  ];
  return risks.map((risk) => ({ about, risk }));
}

function wildcardRisks(wildcard: string, widens: string[] | undefined): string[] {
  const domain = wildcard.slice(2);
  return [
    widens === undefined
      ? `every name below ${domain}, of however many labels: whoever makes names there decides where they lead`
      : `widens ${nameSome(widens)} to every name below ${domain}, of however many labels`,
    ...(isShared(wildcard) ? [`names below ${domain} are given to customers of that service`] : []),
  ];
}

function widened(before: string[] | undefined, after: string[] | undefined): boolean {
  return before !== undefined && after !== undefined && after.some((address) => !before.includes(address));
}

const questions = { owner: "who answers for it (owner)", reason: "what it is for (reason)" };

function floodRisks(groups: GrantGroup[]): RiskNote[] {
  const gained = groupedBy(
    groups.filter(({ before }) => before === undefined),
    ({ from }) => from,
  );
  return sortedBy(gained, ([from]) => from).flatMap(([from, own]) => {
    const count = own.reduce((sum, { hosts }) => sum + hosts.length, 0);
    return count < manyHosts
      ? []
      : [{ about: from, risk: `may reach ${count} more hosts at once: are all of them needed` }];
  });
}

function deniedRisks(denied: DenyChange[], groups: GrantGroup[]): RiskNote[] {
  const opened = denied.filter(({ change, elsewhere }) => change === "removed" && elsewhere !== "all");
  const clientsOf = clientsByName(new Set(opened.map(({ host }) => host)), groups);
  return opened.map((entry) => {
    const { host, below, elsewhere } = entry;
    const { itself, names } = clientsOf(host);
    const clients = sortedUnique([...(elsewhere === "nothing" ? itself : []), ...(below ? names : [])]);
    const who = clients.join(", ");
    const [were, them] = entry.elsewhere === "nothing" ? ["was denied", "it"] : ["names below it were denied", "them"];
    return {
      about: entry.host,
      risk:
        clients.length === 0
          ? `${were} to everybody; from now on a rule may allow ${them}`
          : `${were} to everybody; the same change allows ${them} to ${who}`,
    };
  });
}

/**
 * Who is granted a name itself, and who names below it, after the change: for many names at once, as there may be as many
 * entries as hosts.
 */
function clientsByName(
  wanted: ReadonlySet<string>,
  groups: GrantGroup[],
): (name: string) => { itself: Iterable<string>; names: Iterable<string> } {
  const [itself, names] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()];
  for (const { from, hosts, after } of groups) {
    for (const host of after === undefined ? [] : hosts) {
      for (const name of selfAndAbove(host).filter((each) => wanted.has(each))) {
        const clients = name === host ? itself : names;
        clients.set(name, (clients.get(name) ?? new Set()).add(from));
      }
    }
  }
  return (name) => ({ itself: itself.get(name) ?? [], names: names.get(name) ?? [] });
}

/** What a change opens of a cluster's hardening; of a new stack as well. */
function relaxationRisks(settings: SettingChange[]): RiskNote[] {
  return relaxationNames.flatMap((name) => {
    const path = configPath("cluster", "relax", name);
    const { item, opens } = relaxations[name];
    return settings.some((change) => change.path === path && change.before === undefined)
      ? [{ about: path, risk: `${benchmark}, item ${item}, would no longer hold: ${opens}` }]
      : [];
  });
}

interface SettingToWatch {
  /** Beginnings of paths. */
  under: string[];
  when?: (change: SettingChange) => boolean;
  risk: string;
}

/** What a namespace is to the stack, by the ends of its settings' paths. */
const namespaceSettings: Required<Omit<SettingToWatch, "under">>[] = [
  {
    when: ({ path, before, after }) => path.endsWith(".existing") && before === false && after === true,
    risk:
      "the stack has made the namespace, and would delete it with everything in it: " +
      "take it out of the state first, by pulumi state delete",
  },
  {
    when: ({ path, before, after }) => path.endsWith(".existing") && before === true && after === false,
    risk: "the stack would make a namespace that is there already: the update ends in an error",
  },
  {
    when: ({ path, after }) => path.endsWith(".guard") && after === "enforce",
    risk: "pods that still run without a sidecar lose every way out: their owners restart them before",
  },
  {
    when: ({ path, before }) => path.endsWith(".guard") && before === "enforce",
    risk: "its NetworkPolicies go: pods without a sidecar reach what they like",
  },
  {
    when: ({ path, before, after }) => {
      const [old, now] = [before ?? [], after ?? []] as [string[], string[]];
      return path.endsWith(".peers") && now.some((peer) => !old.includes(peer));
    },
    risk: "nobody guards the pods of its peers: what these may reach is within reach of those that may call them",
  },
];

/** The mode of a namespace or workload, and no variable of that name. */
function isMode(path: string): boolean {
  return /:(namespaces|workloads)(\.[^.[]+|\["[^"]*"\])\.mode$/.test(path);
}

/** What it means to begin or to end observing. */
const modeSettings: Required<Omit<SettingToWatch, "under">>[] = [
  {
    when: ({ path, after }) => isMode(path) && after === "observe",
    risk: "nothing is refused any more: what no rule grants goes out, to any public address and port, and is only logged",
  },
  {
    when: ({ path, before, after }) => isMode(path) && before === "observe" && after !== "observe",
    risk: "what no rule grants was let pass and is refused from then on: egress replay names what of it was called",
  },
];

/** Whose pods a workload is, by the ends of its settings' paths. */
const workloadSettings: Required<Omit<SettingToWatch, "under">>[] = [
  {
    when: ({ path, before, after }) =>
      (path.endsWith(".existing.serviceAccount") && before !== undefined && after !== undefined) ||
      (/\.existing\.selector\b/.test(path) && before !== undefined),
    risk: "other pods, or another identity, have what is granted to the workload, and those of before lose it",
  },
  {
    when: ({ path, before, after }) =>
      path.endsWith(".existing.serviceAccount") && before === undefined && after !== undefined,
    risk: "the stack has made its Deployment and ServiceAccount, and deletes them",
  },
  {
    when: ({ path, before, after }) =>
      path.endsWith(".existing.serviceAccount") && before !== undefined && after === undefined,
    risk: "the stack makes a Deployment and a ServiceAccount for it: where there are such, the update ends in an error",
  },
];

/** Settings whose change is more than it looks like. */
const settingsToWatch: SettingToWatch[] = [
  {
    under: ["kind", "kubeconfig", "context", "project", "location", "name"].map((key) => configPath("cluster", key)),
    risk: "the stack would be applied to another cluster, or to a new one",
  },
  {
    under: [configPath("cluster", "deletionProtection")],
    when: ({ after }) => after === false,
    risk: "an update or a destroy may delete the cluster",
  },
  {
    under: [configPath("cluster", "authorizedNetworks")],
    when: ({ after }) => after !== undefined,
    risk: "more addresses may reach the cluster's API",
  },
  {
    under: [configPath("cluster", "network", "natAddresses")],
    risk: "the addresses that external hosts see change: partners may have lists of them",
  },
  {
    under: [configPath("mesh", "version")],
    when: ({ before, after }) =>
      before !== undefined && String(after).localeCompare(String(before), "en", { numeric: true }) < 0,
    risk: "an older version of Istio: its fixes since then are lost",
  },
  {
    under: [configPath("mesh", "charts")],
    when: ({ before, after }) => before !== undefined && after !== undefined,
    risk: "Istio itself would be installed from another place",
  },
  {
    under: [configPath("mesh", "values")],
    risk: "laid over the values that keep the mesh closed: only those known to open it are refused",
  },
  {
    under: [configPath("mesh", "kind"), configPath("mesh", "trustDomain"), configPath("mesh", "revision")],
    risk: "all workloads would join another mesh",
  },
  {
    under: [configPath("mesh", "envoyFilters")],
    when: ({ before, after }) => before === false || after === false,
    risk: "every host is led to its gateway anew: hosts are out of reach meanwhile",
  },
  {
    under: [configPath("mesh", "clientMtls")],
    when: ({ after }) => after === "forced",
    risk: "sidecars speak mutual TLS with Services that have no sidecar, too: calls to them fail",
  },
  ...modeSettings.map((setting) => ({ ...setting, under: [configPath("namespaces"), configPath("workloads")] })),
  ...workloadSettings.map((setting) => ({ ...setting, under: [configPath("workloads")] })),
  ...namespaceSettings.map((setting) => ({ ...setting, under: [configPath("namespaces")] })),
  {
    under: [configPath("cluster", "dns"), configPath("cluster", "controlPlane")],
    risk: "every guarded pod may call these addresses: they are the cluster's resolvers and control plane, and nothing else",
  },
  {
    under: [configPath("cluster", "ranges")],
    when: ({ before, after }) =>
      ((before ?? []) as string[]).some((range) => !((after ?? []) as string[]).includes(range)),
    risk: "destinations inside may name addresses of ranges that are not the cluster's any more",
  },
  {
    under: [configPath("breakGlass", "longest")],
    when: ({ before, after }) => secondsOf(after as Duration) > secondsOf(before as Duration),
    risk: "access that egress grant gives may last longer, without a review of the stack's file",
  },
  {
    under: [configPath("dns", "mode")],
    when: ({ after }) => after === "off",
    risk: "every guarded pod can have any name looked up outside, and a name can carry data out",
  },
  {
    under: [configPath("dns", "mode"), configPath("dns", "address")],
    when: ({ after }) => after !== "off" && after !== undefined,
    risk: "pods that run keep asking the resolver that they were told of, which is out of their reach: no name is found until they are made anew",
  },
  {
    under: [configPath("dns", "image")],
    risk: "what answers names for every guarded pod is another program",
  },
  {
    under: [configPath("logs", "openTelemetry")],
    when: ({ after }) => after !== undefined,
    risk: "who calls what is sent to this collector, in plain text: whoever runs it, or reads the cluster's network, reads it",
  },
  {
    under: [configPath("logs", "openTelemetry", "service")],
    when: ({ after }) => after === undefined,
    risk: "the collector hears of no call any more: what its log store keeps ends here",
  },
  {
    under: [configPath("admission", "mode")],
    when: ({ before, after }) => before === "deny" || (before === "warn" && after === "off"),
    risk: "whoever may deploy into a guarded namespace is refused nothing any more that would get round its guard",
  },
  {
    under: [configPath("admission", "mode")],
    when: ({ after }) => after === "deny",
    risk: "what runs keeps running, and what is made anew is held to it, the pods of controllers too: egress doctor lists it",
  },
  {
    under: [configPath("admission", "platform"), configPath("admission", "owners")],
    risk: "whoever is the platform is refused nothing, and owners make pods that are granted external hosts",
  },
  {
    under: [configPath("admission", "exemptions")],
    when: ({ after }) => after !== undefined,
    risk: "exempt pods and objects are held to one rule less: who answers for each is in its owner",
  },
  {
    under: [configPath("admission", "registries"), configPath("admission", "proxyImage")],
    when: ({ before }) => before !== undefined,
    risk: "images of registries that are new here may be named, and a name can carry data out; others are refused",
  },
  {
    under: [configPath("admission", "exec")],
    when: ({ after }) => after !== "platform",
    risk: "whoever may exec into a granted workload's pods has all that is granted to it",
  },
  {
    under: [configPath("admission", "audiences")],
    when: ({ after }) => after !== undefined,
    risk: "whoever may ask for a ServiceAccount's token is the workload to whoever trusts this audience",
  },
  {
    under: [configPath("rbac", "change")],
    when: ({ after }) => after !== undefined,
    risk: "whoever may change the allowlist on the cluster may open what they like, past every review of the stack's file",
  },
  {
    under: [configPath("rbac", "deploy")],
    when: ({ after }) => after !== undefined,
    risk: "whoever may deploy into a guarded namespace has what its workloads are granted, but for what admission refuses",
  },
  {
    under: [configPath("rbac", "probe")],
    when: ({ after }) => after !== undefined,
    risk: "whoever may run commands in a granted workload's pods has all that is granted to it",
  },
  {
    under: [configPath("gateways")],
    when: ({ path }) => path.endsWith(".destinations"),
    risk: "hosts move between gateways: they are out of reach until the new gateway's pods are ready",
  },
  {
    under: [configPath("gateway", "drain"), configPath("gateways")],
    when: ({ path, before, after }) => path.endsWith(".drain") && secondsOfDrain(after) > secondsOfDrain(before),
    risk: "connections over https and on other ports go on for so long when their rule has gone",
  },
  {
    under: [configPath("gateway", "namespace")],
    risk: "the gateways are made anew under another identity: hosts are out of reach meanwhile",
  },
];

/** A gateway that does not say it has the default, or the shared one's. */
function secondsOfDrain(drain: unknown): number {
  return secondsOf((drain ?? defaultDrain) as Duration);
}

function settingRisks(settings: SettingChange[]): RiskNote[] {
  return settingsToWatch.flatMap(({ under, when = () => true, risk }) => {
    const paths = settings
      .filter((change) => under.some((ancestor) => isUnder(change.path, ancestor)) && when(change))
      .map(({ path }) => path);
    return paths.length === 0 ? [] : [{ about: paths.join(", "), risk }];
  });
}

function isUnder(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}.`) || path.startsWith(`${ancestor}[`);
}

function nameSome(hosts: string[]): string {
  const rest = hosts.length - mostNamed;
  return rest > 0 ? `${hosts.slice(0, mostNamed).join(", ")} and ${rest} more` : hosts.join(", ");
}
