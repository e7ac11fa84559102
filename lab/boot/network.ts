import * as fs from "node:fs";
import { isIPv6 } from "node:net";
import { LabError } from "../errors";
import { run } from "../tools/command";
import { network } from "../topology";

const { lab, outside } = network;

export function namespacePath(name: string): string {
  return `/run/netns/${name}`;
}

async function inNamespace(name: string, commands: string[]): Promise<void> {
  await run("ip", ["-netns", name, "-batch", "-"], { input: commands.join("\n") });
}

async function setKernel(namespace: string, settings: Record<string, string>): Promise<void> {
  const assignments = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  await run("nsenter", [`--net=${namespacePath(namespace)}`, "--", "sysctl", "-q", "-w", ...assignments]);
}

/** @throws LabError when a namespace of the lab's name is there already, and so somebody else's */
export function requireFreeNetwork(): void {
  for (const name of [lab.namespace, outside.namespace]) {
    if (fs.existsSync(namespacePath(name))) {
      throw new LabError(
        `The network namespace ${name} is in use and not by this lab: end what uses it, or remove it with \`ip netns delete ${name}\`.`,
      );
    }
  }
}

export async function createNetwork(outsideAddresses: string[]): Promise<void> {
  await run("ip", ["netns", "add", lab.namespace]);
  await run("ip", ["netns", "add", outside.namespace]);
  await inNamespace(lab.namespace, [
    `link add ${lab.device} type veth peer name ${outside.device} netns ${outside.namespace}`,
    "link set lo up",
    `address add ${lab.address}/${network.linkPrefix} dev ${lab.device}`,
    `link set ${lab.device} up`,
    `route add default via ${outside.address}`,
  ]);
  // Devices that come later have no IPv6 unless somebody asks for it; this one has, and so packets go on.
  await setKernel(lab.namespace, {
    "net.ipv4.ip_forward": "1",
    "net.ipv6.conf.all.disable_ipv6": "1",
    "net.ipv6.conf.default.disable_ipv6": "1",
    "net.ipv6.conf.all.forwarding": "1",
    [`net.ipv6.conf.${lab.device}.disable_ipv6`]: "0",
  });
  await inNamespace(outside.namespace, [
    "link set lo up",
    `address add ${outside.address}/${network.linkPrefix} dev ${outside.device}`,
    `link set ${outside.device} up`,
    // Nothing is translated on the way, so that the outside sees pods under their own addresses.
    `route add ${network.podCidr} via ${lab.address}`,
    // Who asks for anything else is told at once that there is no way, instead of waiting for it.
    "route add unreachable default",
    `address add ${outside.address6}/${network.linkPrefix6} dev ${outside.device} nodad`,
    `route add ${network.podPrefix6}/96 via ${lab.address6}`,
    // On loopback, since not every kernel has dummy devices.
    ...outsideAddresses.map((address) => `address add ${address}/${isIPv6(address) ? 128 : 32} dev lo`),
  ]);
  await setKernel(outside.namespace, { "net.ipv4.ip_forward": "1" });
  await inNamespace(lab.namespace, [
    `address add ${lab.address6}/${network.linkPrefix6} dev ${lab.device} nodad`,
    `route add default via ${outside.address6}`,
  ]);
}

/** Removes both namespaces; their devices, addresses and nftables tables go with them. */
export async function removeNetwork(): Promise<void> {
  for (const name of [lab.namespace, outside.namespace]) {
    if (fs.existsSync(namespacePath(name))) {
      await run("ip", ["netns", "delete", name]);
    }
  }
}
