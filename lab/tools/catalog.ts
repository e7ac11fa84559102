import * as path from "node:path";
import { versions } from "../topology";

/** Programs that the lab runs and that are built from Go modules, by the group whose go.mod pins them. */
const labCommands = {
  kubernetes: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"],
  istio: ["pilot-discovery", "pilot-agent"],
  pulumi: ["pulumi"],
  helm: ["helm"],
  coredns: ["coredns"],
  etcd: ["etcd"],
  "pulumi-nodejs": ["pulumi-language-nodejs"],
  pause: ["pause"],
} as const;

/** Programs that look at manifests and workflows without a cluster or GitHub; a lab boots without them. */
const checkCommands = {
  istioctl: ["istioctl"],
  actionlint: ["actionlint"],
  kubeconform: ["kubeconform"],
  promtool: ["promtool"],
} as const;

const groupCommands = { ...labCommands, ...checkCommands };

export type GroupName = keyof typeof groupCommands;
export type BuiltToolName = (typeof groupCommands)[GroupName][number];
/** What the lab runs. */
export type ToolName = (typeof labCommands)[keyof typeof labCommands][number] | "envoy";

/** Tools that one go.mod pins and one `go build` makes. */
export interface ToolGroup {
  name: GroupName;
  /** The folder with go.mod, go.sum and, where the program is our own, main.go. */
  folder: string;
  /** Name of each program and the package that it is built from. */
  packages: Partial<Record<BuiltToolName, string>>;
  /** For `go build -ldflags`. */
  linkerFlags: string;
  /** For `go build -tags`. @default none */
  tags?: string;
  version: string;
  /** Seconds that a build with nothing in Go's caches takes on two cores, downloads included. */
  typicalSeconds: number;
  /** Disk that such a build takes, in GB: modules, Go's build cache, intermediate files and the programs. */
  diskGigabytes: number;
}

const helmVersion = "3.22.0";
const istioVariables = {
  "istio.io/istio/pkg/version.buildVersion": versions.istio,
  "istio.io/istio/pkg/version.buildTag": versions.istio,
  "istio.io/istio/pkg/version.buildStatus": "Clean",
};
const [kubernetesMajor, kubernetesMinor] = versions.kubernetes.split(".");

/** What the lab runs, the group that takes longest first. */
export const toolGroups: readonly ToolGroup[] = [
  group("kubernetes", {
    package: (command) => `k8s.io/kubernetes/cmd/${command}`,
    variables: {
      "k8s.io/component-base/version.gitVersion": `v${versions.kubernetes}`,
      "k8s.io/component-base/version.gitMajor": kubernetesMajor!,
      "k8s.io/component-base/version.gitMinor": kubernetesMinor!,
      "k8s.io/component-base/version.gitTreeState": "clean",
    },
    version: versions.kubernetes,
    typicalSeconds: 480,
    diskGigabytes: 4,
  }),
  group("istio", {
    package: (command) => `istio.io/istio/pilot/cmd/${command}`,
    variables: istioVariables,
    version: versions.istio,
    typicalSeconds: 400,
    diskGigabytes: 4,
  }),
  group("pulumi", {
    package: () => "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${versions.pulumi}` },
    version: versions.pulumi,
    typicalSeconds: 120,
    diskGigabytes: 2,
  }),
  group("helm", {
    package: () => "helm.sh/helm/v3/cmd/helm",
    variables: {
      "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": kubernetesMajor!,
      "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": kubernetesMinor!,
      "helm.sh/helm/v3/internal/version.version": `v${helmVersion}`,
    },
    version: helmVersion,
    typicalSeconds: 100,
    diskGigabytes: 1,
  }),
  group("coredns", { package: () => ".", version: "1.14.7", typicalSeconds: 60, diskGigabytes: 1 }),
  group("etcd", {
    package: () => "go.etcd.io/etcd/server/v3",
    version: "3.6.16",
    typicalSeconds: 45,
    diskGigabytes: 0.5,
  }),
  group("pulumi-nodejs", {
    package: () => "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    version: "3.65.0",
    typicalSeconds: 20,
    diskGigabytes: 0.5,
  }),
  group("pause", { package: () => ".", version: "1", typicalSeconds: 5, diskGigabytes: 0.1 }),
];

/** What the static checks run, the group that takes longest first. */
export const checkGroups: readonly ToolGroup[] = [
  group("istioctl", {
    package: () => "istio.io/istio/istioctl/cmd/istioctl",
    variables: istioVariables,
    version: versions.istio,
    typicalSeconds: 400,
    diskGigabytes: 3,
  }),
  group("promtool", {
    package: () => "github.com/prometheus/prometheus/cmd/promtool",
    // Without service discovery, which is a client of every cloud: rules need none of it.
    tags: "remove_all_sd",
    version: "0.311.3",
    typicalSeconds: 130,
    diskGigabytes: 1.5,
  }),
  group("actionlint", {
    package: () => "github.com/rhysd/actionlint/cmd/actionlint",
    version: "1.7.12",
    typicalSeconds: 30,
    diskGigabytes: 0.3,
  }),
  group("kubeconform", {
    package: () => "github.com/yannh/kubeconform/cmd/kubeconform",
    version: "0.8.0",
    typicalSeconds: 10,
    diskGigabytes: 0.2,
  }),
];

interface GroupOptions {
  package: (command: BuiltToolName) => string;
  /** Package variables that the linker sets. */
  variables?: Record<string, string>;
  /** Build tags, with commas. */
  tags?: string;
  version: string;
  typicalSeconds: number;
  diskGigabytes: number;
}

function group(name: GroupName, options: GroupOptions): ToolGroup {
  const variables = Object.entries(options.variables ?? {}).map(([variable, value]) => `-X ${variable}=${value}`);
  return {
    name,
    folder: path.join(__dirname, name),
    packages: Object.fromEntries(groupCommands[name].map((command) => [command, options.package(command)])),
    linkerFlags: ["-s", "-w", ...variables].join(" "),
    ...(options.tags === undefined ? {} : { tags: options.tags }),
    version: options.version,
    typicalSeconds: options.typicalSeconds,
    diskGigabytes: options.diskGigabytes,
  };
}
