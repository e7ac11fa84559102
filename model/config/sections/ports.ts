import { configPath } from "../problem";
import { Report } from "../shape";

/**
 * Ports of every pod that are the sidecar's own.
 *
 * Source: Istio's documentation, "Application Requirements: Ports used by Istio".
 */
const proxyPorts = [15000, 15001, 15002, 15004, 15006, 15008, 15009, 15020, 15021, 15053, 15090];

/** Number and name that the Service has for `port`. */
const servicePort = { name: "http", number: 80 };

/** Reports names and numbers of a workload's ports that Kubernetes, or the sidecar, would not take. */
export function reportPorts(
  workload: string,
  port: number | undefined,
  ports: Record<string, number>,
  report: Report,
): void {
  const portPath = configPath("workloads", workload, "port");
  const taken = new Map<number, string>();
  if (port !== undefined) {
    reportProxyPort(port, portPath, report);
    taken.set(port, portPath).set(servicePort.number, `${portPath}, which the Service has as ${servicePort.number}`);
  }
  for (const [name, number] of Object.entries(ports)) {
    const path = configPath("workloads", workload, "ports", name);
    if (!/^(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || name.length > 15) {
      report({
        path,
        value: number,
        problem: "Kubernetes takes no such name for a port",
        allowed: "1 to 15 lower-case letters, digits and, between them, single hyphens, with a letter among them",
        fix: "rename it; Istio reads the protocol from what is before the first hyphen, as in grpc-api",
      });
    }
    if (port !== undefined && name === servicePort.name) {
      report({ path, value: number, problem: `The port at ${portPath} has this name`, fix: "rename it" });
    }
    reportProxyPort(number, path, report);
    const first = taken.get(number);
    if (first !== undefined) {
      report({ path, value: number, problem: `The number is taken by ${first}`, fix: "remove one of the two" });
    }
    taken.set(number, first ?? path);
  }
}

function reportProxyPort(number: number, path: string, report: Report): void {
  if (proxyPorts.includes(number)) {
    report({
      path,
      value: number,
      problem: "The sidecar listens on this port of every pod",
      fix: "choose another one",
    });
  }
}
