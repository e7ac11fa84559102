import { labCommand, labEnvironment } from "../../../lab/shell";

/** Where the trial runs: how a command gets to the cluster, and its environment. */
export interface Place {
  enter(command: string[]): string[];
  env: NodeJS.ProcessEnv;
}

/**
 * The booted lab, or a cluster of one's own when ISTIO_EGRESS_TEST_KUBECONFIG names its kubeconfig; then pulumi, its
 * Node language host, kubectl and helm must be on the PATH.
 */
export function place(): Place {
  const own = process.env.ISTIO_EGRESS_TEST_KUBECONFIG;
  if (own === undefined) {
    return { enter: (command) => labCommand(command).argv, env: labEnvironment() };
  }
  const env = { ...labEnvironment(), PATH: process.env.PATH, KUBECONFIG: own, ISTIO_EGRESS_HELM: undefined };
  return { enter: (command) => command, env };
}
