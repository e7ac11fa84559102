import { metadataServer } from "../config/direct";
import { StackConfig } from "../config/types";
import { grantsOf } from "../grants";
import { holdsAddress } from "../ground/addresses";
import { isWildcard } from "../ground/hosts";
import { namespaceKey, namespaceOf, serviceHost } from "../ground/names";
import { protocolTable } from "../ground/protocols";
import { probeMethod, probeUrl } from "../observation";
import { Verdict } from "../verdict";
import { Attempt, Call, Twin } from "./types";

/** A host that everybody may name, and that is of nobody: for stacks that name no host that a workload is not granted. */
const anyHost = "example.com";

/** Layers as a reader knows them. */
const layers = {
  sidecar: "the workload's Sidecar",
  network: "NetworkPolicies",
  mtls: "the gateway's mutual TLS",
  policy: "the gateway's policies",
} as const;

/**
 * The calls of one workload; undefined where nothing is granted to it by which a probe could be shown to work.
 *
 * @param own the verdicts on it
 */
export function callsOf(
  config: StackConfig,
  from: string,
  own: readonly Verdict[],
): { twins: Twin[]; attempts: Attempt[] } | undefined {
  const granted = own.filter(
    ({ expected, beside, port, request, host }) =>
      expected === "allow" && beside === undefined && port === undefined && request !== null && !isWildcard(host),
  );
  const [http, https] = [granted.find(isBy("http")), granted.find(isBy("https"))];
  const twins = [http, https].flatMap((verdict) => (verdict === undefined ? [] : twinOf(verdict)));
  if (twins.length === 0) {
    return undefined;
  }
  const other = own.find(
    ({ expected, beside, host, port }) =>
      expected === "deny" && beside === undefined && port === undefined && !isWildcard(host),
  );
  const denied = other?.host ?? anyHost;
  return {
    twins: [...twins, toGateway],
    attempts: [
      ...byName(denied, { http, https }, twins[0]!.id),
      ...aroundTheSidecar(twins).filter(({ id }) => !isOpened(config, from, id)),
      ...atTheGateway({ http, https }),
      ...asAnother(config, { http, https }),
    ],
  };
}

const isBy =
  (protocol: "http" | "https") =>
  (verdict: Verdict): boolean =>
    verdict.protocol === protocol;

interface Granted {
  http?: Verdict | undefined;
  https?: Verdict | undefined;
}

function twinOf(verdict: Verdict): Twin {
  const { protocol } = verdict;
  const asked = probeUrl(verdict);
  // Whose certificate the host has is the application's to check: here it is asked whether the host is reached.
  const insecure = protocol === "https" ? ["--insecure"] : [];
  return {
    ...{ id: protocol, title: asked, by: "workload", container: "own", how: protocol as "http" | "https" },
    args: [...insecure, ...probeMethod(verdict), asked],
  };
}

const gatewayPort = (protocol: "http" | "https"): number => protocolTable[protocol].gateway.port;

/** That the sidecar's container can open connections at all. */
const toGateway: Twin = {
  ...{ id: "gateway", title: "a connection to the gateway", by: "workload", container: "sidecar", how: "connection" },
  args: [`telnet://GATEWAY_ADDRESS:${gatewayPort("https")}`],
};

const inOwn = { by: "workload", container: "own" } as const;
const past = { by: "workload", container: "sidecar" } as const;

function byName(denied: string, { http, https }: Granted, twin: string): Attempt[] {
  const over = (how: "http" | "https", id: string, tries: string, ...args: string[]): Attempt => ({
    ...inOwn,
    ...{
      id,
      tries,
      layer: layers.sidecar,
      how,
      args,
      twins: [(how === "http" ? http : https) === undefined ? twin : how],
    },
  });
  const asked = (host: string) => ["--header", `Host: ${host}`];
  return [
    over("http", "denied-http", `http://${denied}`, `http://${denied}/`),
    over("https", "denied-https", `https://${denied}`, "--insecure", `https://${denied}/`),
    ...(http === undefined
      ? []
      : [
          over("http", "host", `${denied} as Host, sent to ${http.host}`, ...asked(denied), `http://${http.host}/`),
          over(
            "http",
            "capitals",
            `${denied.toUpperCase()} as Host, sent to ${http.host}`,
            ...asked(denied.toUpperCase()),
            `http://${http.host}/`,
          ),
          over(
            "http",
            "dot",
            `${denied}. as Host, sent to ${http.host}`,
            ...asked(`${denied}.`),
            `http://${http.host}/`,
          ),
          over(
            "http",
            "port",
            `${denied}:80 as Host, sent to ${http.host}`,
            ...asked(`${denied}:80`),
            `http://${http.host}/`,
          ),
          over(
            "http",
            "uri",
            `${denied} in an absolute URI, beside the granted Host`,
            ...["--request-target", `http://${denied}/`, `http://${http.host}/`],
          ),
          over("http", "address-http", `the address of ${http.host} in place of its name`, "http://DIALLED_ADDRESS/"),
        ]),
    ...(https === undefined
      ? []
      : [
          over(
            "https",
            "sni",
            `${denied} as server name, sent to ${https.host}`,
            "--insecure",
            ...["--connect-to", `${denied}:443:${https.host}:443`],
            `https://${denied}/`,
          ),
          over(
            "https",
            "address-https",
            `the address of ${https.host} in place of its name, over TLS`,
            "--insecure",
            "https://DIALLED_ADDRESS/",
          ),
        ]),
  ];
}

function aroundTheSidecar(granted: readonly Twin[]): Attempt[] {
  const connection = (id: string, tries: string, place: string): Attempt => ({
    ...past,
    ...{ id, tries, layer: layers.network, how: "connection", args: [`telnet://${place}`] },
    twins: [...granted.map((twin) => twin.id), toGateway.id],
  });
  return [
    connection("around", "the granted host's address, as the sidecar's own user", "DIALLED_ADDRESS:DIALLED_PORT"),
    connection("metadata", "a metadata server, as the sidecar's own user", `${metadataServer}:80`),
    connection("api", "the API server, as the sidecar's own user", "API_ADDRESS:443"),
    connection("health", "the gateway's health port", "GATEWAY_ADDRESS:15021"),
    connection("metrics", "the gateway's metrics port", "GATEWAY_ADDRESS:15020"),
  ];
}

/** Whether what an attempt calls is opened for the workload's pods by NetworkPolicy, as no gateway leads to it. */
function isOpened(config: StackConfig, from: string, id: string): boolean {
  const beside = grantsOf(config)
    .reach(from)
    .flatMap(({ target }) => (target.kind === "beside" ? target : []));
  switch (id) {
    case "api":
      return beside.some(({ hosts }) => hosts.includes(serviceHost("kubernetes", "default")));
    case "metadata":
      return beside.some(({ config: { addresses } }) => addresses.some((range) => holdsAddress(range, metadataServer)));
    default:
      return false;
  }
}

function atTheGateway({ http, https }: Granted): Attempt[] {
  const raw = (id: string, tries: string, args: string[], twin: string): Attempt => ({
    ...past,
    ...{ id, tries, layer: layers.mtls, how: "raw", args, twins: [twin, toGateway.id] },
  });
  return [
    ...(http === undefined
      ? []
      : [
          raw(
            "plain",
            "the gateway without TLS, for the granted host",
            ["--header", `Host: ${http.host}`, `http://GATEWAY_ADDRESS:${gatewayPort("http")}/`],
            "http",
          ),
          raw(
            "no-certificate-http",
            "the gateway without a certificate, for the granted host",
            [
              "--insecure",
              ...["--connect-to", `${http.host}:443:GATEWAY_ADDRESS:${gatewayPort("http")}`],
              `https://${http.host}/`,
            ],
            "http",
          ),
        ]),
    ...(https === undefined
      ? []
      : [
          raw(
            "no-certificate",
            "the gateway without a certificate, for the granted server name",
            [
              "--insecure",
              ...["--connect-to", `${https.host}:443:GATEWAY_ADDRESS:${gatewayPort("https")}`],
              `https://${https.host}/`,
            ],
            "https",
          ),
        ]),
  ];
}

/** By the workload's labels under the account `default`: only where that account is granted nothing by itself. */
function asAnother(config: StackConfig, granted: Granted): Attempt[] {
  return (["http", "https"] as const).flatMap((how): Attempt[] => {
    const verdict = granted[how];
    const whole = verdict === undefined ? [] : grantsOf(config).of(namespaceKey(namespaceOf(verdict.from)));
    if (verdict === undefined || whole.some(({ target }) => target.hosts.includes(verdict.host))) {
      return [];
    }
    const { args }: Call = twinOf(verdict);
    return [
      {
        ...{ id: `impostor-${how}`, by: "impostor", container: "own", how, args, twins: [how] },
        tries: `${verdict.url} with the workload's labels, under another ServiceAccount`,
        layer: layers.policy,
      },
    ];
  });
}
