import { readFileSync } from "node:fs";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { parseAddress } from "../../../../lab/netpol/addresses";
import { NetworkPolicy, Protocol } from "../../../../lab/netpol/resources";
import { Flow, World } from "./oracle";

interface Objects {
  namespaces: Record<string, Record<string, string>>;
  pods: { namespace: string; name: string; labels: Record<string, string>; ip: string }[];
}

interface Written extends Objects {
  ports: number[];
  protocols: Protocol[];
  /** `allowed` has a bit for each pod, each pod that it calls, each port and each protocol, in this order. */
  cases: {
    what: string;
    tags: string[];
    /** With its objects only where they are not those that all cases begin with. */
    steps: (Partial<Objects> & { policies: NetworkPolicy[]; allowed: string })[];
  }[];
}

/** One step of a case: the cluster's state after it, and what cyclonus' own matcher lets through. */
export interface Step {
  world: World;
  /** Every flow between two pods; what a pod sends to itself is no policy's to refuse. */
  flows: (Flow & { allowed: boolean })[];
}

/**
 * The cases of cyclonus 0.5.6 (github.com/mattfenwick/cyclonus), a suite for enforcers of NetworkPolicies, upstream's
 * end-to-end tests among them. `go run . | gzip -9 > cases.json.gz` in the folder writes them anew.
 */
export function cyclonusCases(): { what: string; tags: string[]; steps: Step[] }[] {
  const written = JSON.parse(
    gunzipSync(readFileSync(path.join(__dirname, "cyclonus", "cases.json.gz"))).toString("utf8"),
  ) as Written & Objects;
  return written.cases.map(({ what, tags, steps }) => ({
    what,
    tags,
    steps: steps.map(({ namespaces = written.namespaces, pods = written.pods, policies, allowed }) => {
      const bits = Buffer.from(allowed, "base64");
      const calls = pods.flatMap((from) =>
        pods.flatMap((to) =>
          written.ports.flatMap((port) =>
            written.protocols.map((protocol) => ({ from: addressOf(from), to: addressOf(to), port, protocol })),
          ),
        ),
      );
      const flows = calls.map((flow, index) => ({ ...flow, allowed: ((bits[index >> 3]! >> (index & 7)) & 1) === 1 }));
      return {
        world: worldOf({ namespaces, pods }, policies, written),
        flows: flows.filter(({ from, to }) => from !== to),
      };
    }),
  }));
}

function worldOf({ namespaces, pods }: Objects, policies: NetworkPolicy[], { ports, protocols }: Written): World {
  return {
    policies,
    namespaces: Object.entries(namespaces).map(([name, labels]) => ({ name, labels })),
    pods: pods.map((pod) => ({
      namespace: pod.namespace,
      name: pod.name,
      labels: pod.labels,
      address: addressOf(pod),
      namedPorts: ports.flatMap((port) =>
        protocols.map((protocol) => ({ name: `serve-${port}-${protocol.toLowerCase()}`, protocol, port })),
      ),
    })),
  };
}

function addressOf({ ip }: Objects["pods"][number]): number {
  return parseAddress(ip)!;
}
