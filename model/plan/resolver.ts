import { createHash } from "node:crypto";
import {
  mostNamesSize,
  namesSize,
  resolverConfigAnnotation,
  resolverLogWord,
  resolverName,
  resolverPort,
  resolverSelector,
  standInAddress,
} from "../ground/dns";
import { inRegex, isWildcard, suffixOf } from "../ground/hosts";
import { Manifest } from "../ground/manifest";
import { clusterDomain } from "../ground/names";
import { compareText, sortedUnique } from "../ground/order";
import { ResolverArgs } from "./args";
import { resolverChecks } from "./arguments/platform";
import { ArgumentError, requireArguments } from "./check";
import { appLabels, sortManifests } from "./metadata";
import { ingressToResolver } from "./network-policies";

/**
 * The resolver that guarded pods ask, and no other: CoreDNS, with its answers made from what is granted. It asks the
 * cluster's own resolver for names of some namespaces' Services only, answers granted names itself, and refuses the rest:
 * so no name that a pod makes up leaves the cluster. What it refuses it logs, by the sender's address.
 *
 * @throws ArgumentError for what could mean another thing than it says, and for more names than a ConfigMap holds
 */
export function planResolver(args: ResolverArgs): Manifest[] {
  requireArguments("The resolver", args, resolverChecks);
  if (namesSize(args.hosts) > mostNamesSize) {
    const problem = `${args.hosts.length} names are more than its ConfigMap has room for`;
    throw new ArgumentError("The resolver", [{ argument: "hosts", problem }]);
  }
  const { namespace, address, replicas } = args;
  const metadata = { name: resolverName, namespace, labels: appLabels(resolverName) };
  const corefile = corefileOf(args);
  return sortManifests([
    { apiVersion: "v1", kind: "ServiceAccount", metadata, automountServiceAccountToken: false },
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { Corefile: corefile } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: resolverSelector },
        // Twice as many for a moment, so that a new name is known by every pod as soon as the old ones are gone.
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "100%", maxUnavailable: 0 } },
        template: podTemplate(args, corefile),
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        clusterIP: address,
        selector: resolverSelector,
        ports: [
          { name: "dns", protocol: "UDP", port: 53, targetPort: resolverPort },
          { name: "dns-tcp", protocol: "TCP", port: 53, targetPort: resolverPort },
        ],
      },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata,
      spec: { minAvailable: 1, selector: { matchLabels: resolverSelector } },
    },
    ingressToResolver(namespace, sortedUnique(args.askers)),
  ]);
}

function podTemplate({ image }: ResolverArgs, corefile: string): Record<string, unknown> {
  const config = createHash("sha256").update(corefile).digest("hex").slice(0, 16);
  return {
    metadata: {
      labels: { ...appLabels(resolverName), "sidecar.istio.io/inject": "false" },
      annotations: { [resolverConfigAnnotation]: config },
    },
    spec: {
      serviceAccountName: resolverName,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 10,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
      topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
        topologyKey,
        maxSkew: 1,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: resolverSelector },
      })),
      containers: [
        {
          name: "coredns",
          image,
          imagePullPolicy: "IfNotPresent",
          args: ["-conf", "/etc/coredns/Corefile"],
          ports: [
            { name: "dns", protocol: "UDP", containerPort: resolverPort },
            { name: "dns-tcp", protocol: "TCP", containerPort: resolverPort },
          ],
          readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
          // Queries go on to a pod for a moment after it is told to end.
          lifecycle: { preStop: { sleep: { seconds: 3 } } },
          resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "256Mi" } },
          securityContext: {
            allowPrivilegeEscalation: false,
            // The file of CoreDNS' own image asks for it, and does not start where it is out of reach.
            capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
          },
          volumeMounts: [{ name: "config", mountPath: "/etc/coredns", readOnly: true }],
        },
      ],
      volumes: [{ name: "config", configMap: { name: resolverName } }],
    },
  };
}

/** How long a name may be remembered as one that is not there, so that it is soon found once it is granted. Seconds. */
const refusedFor = 5;
const grantedFor = 60;

/**
 * CoreDNS' configuration. All of `cluster.local` would lead out by Services of other namespaces that are a name elsewhere,
 * and reverse look-ups are passed on by the cluster's resolver itself: so it is asked for some namespaces only.
 */
export function corefileOf(args: Pick<ResolverArgs, "hosts" | "except" | "zones" | "own">): string {
  const { hosts, except = [], zones, own = [] } = args;
  const isInCluster = ({ host }: { host: string }) => host.endsWith(`.${clusterDomain}`);
  const fixed = (those: typeof own) =>
    those.flatMap(({ host, address }) => [
      ...answer(host, `${host}.`, address),
      ...noOtherRecord(`IN ANY ${host}`, matching(host)),
    ]);
  const exact = sortedUnique(hosts.filter((host) => !isWildcard(host)));
  const wildcards = sortedUnique(hosts.filter(isWildcard));
  // A name below several is of the nearest, and what is excepted below a wildcard is nearer than that.
  const below = [
    ...wildcards.map((name) => ({ name, granted: true })),
    ...sortedUnique(except)
      .filter((name) => !hosts.includes(name))
      .map((name) => ({ name, granted: false })),
  ].sort((a, b) => nearness(b.name) - nearness(a.name) || compareText(a.name, b.name));
  return [
    "# Services of the namespaces that guarded pods may call.",
    ...block(
      sortedUnique(zones).map((namespace) => `${namespace}.svc.${clusterDomain}`),
      ["errors", "forward . /etc/resolv.conf", `cache ${refusedFor * 2}`],
    ),
    "# No other namespace's; and names are looked up below these first, which says nothing.",
    ...block([clusterDomain], ["errors", ...fixed(own.filter(isInCluster)), ...refusal("ANY ANY")]),
    "# External hosts that are granted. Nothing here is asked of anybody.",
    ...block(
      ["."],
      [
        "errors",
        "ready :8181",
        `log . "${resolverLogWord} {remote} {proto} {type} {rcode} {name}" {`,
        "    class denial",
        "}",
        ...fixed(own.filter((each) => !isInCluster(each))),
        ...exact.flatMap((host) => answer(host, `${host}.`)),
        ...(exact.length === 0 ? [] : noOtherRecord("IN ANY", `^(${exact.map(pattern).join("|")})[.]$`)),
        ...below.flatMap(({ name, granted }) => (granted ? anyBelow(name) : refusal(`ANY ANY ${domain(name)}`, name))),
        ...refusal("ANY ANY"),
      ],
    ),
    "",
  ].join("\n");
}

function block(zones: string[], lines: string[]): string[] {
  return zones.length === 0
    ? []
    : [`${zones.map((zone) => `${zone}:${resolverPort}`).join(" ")} {`, ...lines.map((line) => `    ${line}`), "}"];
}

function template(query: string, ...lines: string[]): string[] {
  return [`template ${query} {`, ...lines.map((line) => `    ${line}`), "}"];
}

function answer(host: string, name: string, address = standInAddress(host)): string[] {
  return template(
    `IN A ${domain(host)}`,
    `match ${matching(host)}`,
    `answer "${name} ${grantedFor} IN A ${address}"`,
    "fallthrough",
  );
}

function anyBelow(wildcard: string): string[] {
  return [...answer(wildcard, "{{ .Name }}"), ...noOtherRecord(`IN ANY ${domain(wildcard)}`, matching(wildcard))];
}

/** A granted name has one address and nothing else: that is an empty answer, as "no such name" would be of its address, too. */
function noOtherRecord(query: string, match: string): string[] {
  return template(query, `match ${match}`, "rcode NOERROR", authority("{{ .Name }}"), "fallthrough");
}

function refusal(query: string, name?: string): string[] {
  const match = name === undefined ? [] : [`match ${matching(name)}`, "fallthrough"];
  return template(query, ...match, "rcode NXDOMAIN", authority("."));
}

function authority(owner: string): string {
  return `authority "${owner} ${refusedFor} IN SOA ns.${resolverName}.invalid. hostmaster.${resolverName}.invalid. 1 3600 600 86400 ${refusedFor}"`;
}

/** CoreDNS asks in lower case and with a trailing dot. Below a wildcard are names that a host can have. */
function matching(host: string): string {
  return `^${pattern(host)}[.]$`;
}

function pattern(host: string): string {
  return isWildcard(host) ? `([a-z0-9_-]+[.])+${inRegex(domain(host))}` : inRegex(host);
}

function domain(host: string): string {
  return isWildcard(host) ? suffixOf(host).slice(1) : host;
}

/** The more labels the nearer, and a name by itself is nearer than those below its parent. */
function nearness(host: string): number {
  return host.split(".").length + (isWildcard(host) ? 0 : 0.5);
}
