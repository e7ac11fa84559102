import { labCommand } from "../../../lab/shell";
import { inLab, kubectl, kubectlJson, ok } from "./commands";
import { until } from "./until";

interface Binding {
  metadata: { name: string; labels?: object; annotations?: object; managedFields: { manager: string }[] };
}

const bindings = "validatingadmissionpolicybindings";

/** A pod that the stack's policies refuse to everybody but the platform: nobody else can exec on it. */
const refused = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "is-admission-there", namespace: "test-app" },
  spec: {
    selector: { matchLabels: { of: "admission" } },
    template: {
      metadata: { labels: { of: "admission" } },
      spec: { hostNetwork: true, containers: [{ name: "main", image: "lab.istio-egress.local/workload:1" }] },
    },
  },
};

function isRefused(): boolean {
  const argv = ["kubectl", "create", "--dry-run=server", "--filename=-"];
  return inLab(argv, { input: JSON.stringify(refused) }).exitCode !== 0;
}

/** Does what the stack's admission policies would refuse, as whatever ran before they were there. */
export async function beforeAdmission(act: () => void | Promise<void>): Promise<void> {
  const { items } = kubectlJson<{ items: Binding[] }>("get", bindings, "--show-managed-fields");
  kubectl("delete", bindings, ...items.map(({ metadata }) => metadata.name));
  await until("nothing is refused", 60, () => !isRefused());
  try {
    await act();
  } finally {
    for (const { metadata, ...rest } of items) {
      const { name, labels, annotations, managedFields } = metadata;
      const input = JSON.stringify({ ...rest, metadata: { name, labels, annotations } });
      // Its fields stay their manager's, which changes them at the stack's next update.
      const manager = `--field-manager=${managedFields[0]!.manager}`;
      const { argv, env } = labCommand(["kubectl", "apply", "--server-side", manager, "--filename=-"]);
      ok(argv, { env, input });
    }
    await until("it is refused again", 60, isRefused);
  }
}
