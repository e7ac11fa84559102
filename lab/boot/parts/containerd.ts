import * as fs from "node:fs";
import * as path from "node:path";
import { state, stateFolder } from "../../paths";
import { clusterName, imageRegistry, network } from "../../topology";
import { Part } from "../boot-plan";

const socket = path.join(state.run, "containerd.sock");
export const containerdEndpoint = `unix://${socket}`;
const configFile = path.join(stateFolder, "containerd.toml");
const cniFolder = path.join(stateFolder, "cni");

/** Holds the images from the start: see `installImageStore`. */
export const containerdRoot = path.join(stateFolder, "containerd");

const config = `version = 2
root = "${containerdRoot}"
state = "${state.run}/containerd"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.opt",
]

[grpc]
address = "${socket}"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${imageRegistry}/pause:1"
# Without CAP_SYS_RESOURCE no process may lower its own score, and runc ends when it is told to.
restrict_oom_score_adj = true
# As containerd 2 and others have it: any process may ping.
enable_unprivileged_icmp = true
netns_mounts_under_state_dir = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${cniFolder}/conf"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
BinaryName = "runc"
SystemdCgroup = false
`;

/** ptp gives each pod a link of its own, so that the node routes, and can filter, every packet between pods. */
const cniNetwork = {
  cniVersion: "0.4.0",
  name: clusterName,
  plugins: [
    {
      type: "ptp",
      ipMasq: false,
      ipam: {
        type: "host-local",
        dataDir: path.join(cniFolder, "addresses"),
        ranges: [[{ subnet: network.podCidr }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

export function writeContainerdConfig(): void {
  fs.writeFileSync(configFile, config);
  fs.mkdirSync(path.join(cniFolder, "conf"), { recursive: true });
  fs.writeFileSync(path.join(cniFolder, "conf", "10-lab.conflist"), JSON.stringify(cniNetwork, undefined, 2));
}

/** The container runtime. */
export function containerRuntime(): Part[] {
  return [
    {
      name: "containerd",
      kind: "service",
      network: "lab",
      after: [],
      argv: ["containerd", "--config", configFile, "--log-level", "warn"],
      ready: { kind: "cri", socket },
    },
  ];
}
