import { labCommand } from "../../../lab/shell";
import { apply, inLab, kubectl, run } from "../support/commands";
import { elsewhere, guarded, KubernetesObject } from "./attacks";

/** Somebody with `edit` in a guarded namespace and in one of their own, who may write Istio's objects in both, too. */
export const tenant = "admission-tenant";

const rbac = "rbac.authorization.k8s.io";
const labels = { of: "admission-test" };
const everything = ["create", "update", "patch", "delete", "get", "list"];

const more = [
  {
    apiGroups: ["networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io"],
    resources: ["*"],
    verbs: everything,
  },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: everything },
  { apiGroups: ["networking.gke.io"], resources: ["fqdnnetworkpolicies"], verbs: everything },
  { apiGroups: [""], resources: ["pods/ephemeralcontainers"], verbs: ["update", "patch"] },
  { apiGroups: [""], resources: ["namespaces"], resourceNames: [guarded], verbs: ["get", "update", "patch"] },
  // No wider than what the tenant has already.
  { apiGroups: [rbac], resources: ["roles"], verbs: ["create"] },
];

/** Gives the tenant what they have: in other namespaces, too, what nobody should have there. */
export function admitTenant(): void {
  apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: elsewhere, labels } });
  apply({ apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: tenant, labels }, rules: more });
  const subjects = [{ apiGroup: rbac, kind: "User", name: tenant }];
  const bind = (name: string, role: string, namespace?: string) =>
    apply({
      apiVersion: `${rbac}/v1`,
      kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
      metadata: { name, namespace, labels },
      subjects,
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
    });
  for (const namespace of [guarded, elsewhere, "istio-egress", "istio-system"]) {
    bind(`${tenant}-edit`, "edit", namespace);
    bind(`${tenant}-more`, tenant, namespace);
  }
  bind(tenant, tenant);
  for (const namespace of [guarded, elsewhere]) {
    apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "tenant", namespace, labels } });
  }
}

export function dismissTenant(): void {
  for (const namespace of [guarded, "istio-egress", "istio-system"]) {
    kubectl(
      "delete",
      "deployments,rolebindings,serviceaccounts",
      `--namespace=${namespace}`,
      "--selector=of=admission-test",
    );
  }
  kubectl("delete", "clusterrolebindings,clusterroles", "--selector=of=admission-test");
  kubectl("delete", "namespace", elsewhere, "--ignore-not-found");
}

/** What became of a request: nothing was said against it, or what was. */
export type Outcome = { passed: true; warnings: string } | { passed: false; said: string };

/** `kubectl` as the tenant, or somebody else. */
export function as(user: string, args: string[], input?: string): Outcome {
  const { exitCode, stdout, stderr } = inLab(["kubectl", `--as=${user}`, "--as-group=system:authenticated", ...args], {
    ...(input === undefined ? {} : { input }),
  });
  return exitCode === 0 ? { passed: true, warnings: stderr } : { passed: false, said: stdout + stderr };
}

/**
 * Asks the API server for each object, in one go, and gives what it says of each; nothing is made.
 *
 * @throws Error where it says nothing of one of them
 */
export function tryAll(user: string, objects: KubernetesObject[]): Outcome[] {
  const items = objects.map(({ metadata, ...rest }, index) => ({
    ...rest,
    metadata: { ...metadata, name: `try-${index}` },
  }));
  const argv = [
    "kubectl",
    "create",
    "--dry-run=server",
    `--as=${user}`,
    "--as-group=system:authenticated",
    "--filename=-",
  ];
  const command = labCommand(argv);
  const { stdout, stderr } = run(command.argv, {
    env: command.env,
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
    seconds: 600,
  });
  return items.map(({ kind, metadata: { name } }) => {
    if (new RegExp(`/${name} created`).test(stdout)) {
      return { passed: true, warnings: stderr };
    }
    const said = stderr.split("\n").find((line) => line.includes(`"${name}"`) || line.includes(`${kind} ${name}:`));
    if (said === undefined) {
      throw new Error(`Nothing was said of ${kind} ${name}: ${stderr}`);
    }
    return { passed: false, said };
  });
}
