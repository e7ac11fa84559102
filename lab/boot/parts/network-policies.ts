import * as path from "node:path";
import { state } from "../../paths";
import { network } from "../../topology";
import { Part } from "../boot-plan";

/** The enforcer of NetworkPolicies. */
export function networkPolicies(enforcerBundle: string): Part[] {
  const readyFile = path.join(state.run, "network-policies.ready");
  return [
    {
      name: "network-policies",
      kind: "service",
      network: "lab",
      after: ["kube-apiserver"],
      argv: [
        process.execPath,
        enforcerBundle,
        "--kubeconfig",
        state.kubeconfig,
        "--pod-cidr",
        network.podCidr,
        "--ready-file",
        readyFile,
      ],
      ready: { kind: "file", path: readyFile },
    },
  ];
}
