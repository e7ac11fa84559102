import * as fs from "node:fs";
import { network } from "../../../lab/topology";
import { kubectlJson, ok } from "./commands";

/** The node's end of each pod's link, as the pod calls it. */
const nodeEnd = "fe80::10.244.0.1";
export const nodeLink6 = `${nodeEnd}%eth0`;

/** The IPv6 address of a pod, by its IPv4 one. */
export const ipv6Of = (address: string): string => `${network.podPrefix6}${address}`;

interface Pod {
  metadata: { uid: string };
  status: { podIP: string };
}

/**
 * Gives a running pod its IPv6 address and one of its link, and the node the way there: what a cluster's network does from
 * the start where it has both families. Neither Kubernetes nor the mesh is told, as where these know of IPv4 only. It goes
 * with the pod.
 */
export function giveIpv6(namespace: string, name: string): void {
  const { metadata, status } = kubectlJson<Pod>("get", "pod", name, `--namespace=${namespace}`);
  const { namespace: node } = network.lab;
  const routes = JSON.parse(ok(["ip", "-json", "-netns", node, "route", "get", status.podIP])) as { dev: string }[];
  const device = routes[0]!.dev;
  const within = (netns: string, ...command: string[]) => ok(["nsenter", `--net=${netns}`, "--", ...command]);
  const atNode = `/run/netns/${node}`;
  within(atNode, "sysctl", "--quiet", "--write", `net.ipv6.conf.${device}.disable_ipv6=0`);
  within(atNode, "ip", "address", "replace", `${nodeEnd}/64`, "dev", device, "nodad");
  within(atNode, "ip", "route", "replace", ipv6Of(status.podIP), "dev", device);
  const inPod = `/proc/${processOf(metadata.uid)}/ns/net`;
  within(inPod, "ip", "address", "replace", `${ipv6Of(status.podIP)}/128`, "dev", "eth0", "nodad");
  within(inPod, "ip", "address", "replace", `fe80::${status.podIP}/64`, "dev", "eth0", "nodad");
  within(inPod, "ip", "-6", "route", "replace", "default", "via", nodeEnd, "dev", "eth0");
}

/** A process of a pod. */
function processOf(uid: string): string {
  const found = fs.readdirSync("/proc").find((id) => {
    try {
      return /^[0-9]+$/.test(id) && fs.readFileSync(`/proc/${id}/cgroup`, "utf8").includes(`pod${uid}`);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
  if (found === undefined) {
    throw new Error(`No process is in the control group of pod ${uid}.`);
  }
  return found;
}
