import { imageRegistry, versions } from "../topology";
import type { IstioFiles } from "../tools/istio-files";
import type { Tools } from "../tools/resolve";
import type { Image } from "./archive";
import type { Layer } from "./layer";
import { authoritiesPath, type Rootfs } from "./rootfs";

/** What goes into the images beside Debian's packages. */
export interface ImageInputs {
  tools: Pick<Tools, "pause" | "pilot-discovery" | "pilot-agent" | "envoy" | "coredns">;
  istio: Pick<IstioFiles, "bootstrapTemplate">;
  /** Certificate of the authority that workloads trust beside Debian's, PEM. */
  authorityPem: string;
}

export const imageReferences = {
  pause: `${imageRegistry}/pause:1`,
  coredns: `${imageRegistry}/coredns:1`,
  pilot: `${imageRegistry}/pilot:${versions.istio}`,
  proxyv2: `${imageRegistry}/proxyv2:${versions.istio}`,
  workload: `${imageRegistry}/workload:1`,
} as const;

const proxyUser = 1337;
const workloadUser = 1000;

/** A shell as process 1 ignores signals that it has no trap for, and a pod would take its whole grace period to end. */
const workloadScript = `#!/bin/sh
# Serves a page on $PORT where one is set, and otherwise waits for what is run inside by kubectl exec.
trap 'kill $!; exit 0' TERM INT
if [ -n "$PORT" ]; then
  python3 -m http.server "$PORT" --directory /srv &
else
  sleep infinity &
fi
wait
`;

/** The lab's images: the mesh's own two, what Kubernetes needs, and one that stands for any workload. */
export function labImages(inputs: ImageInputs, rootfs: Rootfs): Image[] {
  const { tools } = inputs;
  const base: Layer = { name: "debian", tar: rootfs.tar };
  return [
    {
      reference: imageReferences.pause,
      layers: [program("pause", "pause", tools.pause.path)],
      config: { User: "65535:65535", Entrypoint: ["/pause"] },
    },
    {
      reference: imageReferences.coredns,
      layers: [program("coredns", "coredns", tools.coredns.path)],
      config: { Entrypoint: ["/coredns"] },
    },
    {
      reference: imageReferences.pilot,
      layers: [base, program("pilot", "usr/local/bin/pilot-discovery", tools["pilot-discovery"].path)],
      config: { User: `${proxyUser}:${proxyUser}`, Entrypoint: ["/usr/local/bin/pilot-discovery"] },
    },
    {
      reference: imageReferences.proxyv2,
      layers: [base, proxyLayer(inputs)],
      config: {
        User: `${proxyUser}:${proxyUser}`,
        Env: [`ISTIO_META_ISTIO_PROXY_SHA=envoy-${versions.envoy}`],
        WorkingDir: "/",
        Entrypoint: ["/usr/local/bin/pilot-agent"],
      },
    },
    {
      reference: imageReferences.workload,
      layers: [base, workloadLayer(inputs, rootfs)],
      config: {
        User: `${workloadUser}:${workloadUser}`,
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONUNBUFFERED=1"],
        WorkingDir: "/tmp",
        Entrypoint: ["/usr/local/bin/workload"],
      },
    },
  ];
}

function program(name: string, path: string, source: string): Layer {
  return { name, entries: [{ type: "file", path, source }] };
}

function proxyLayer({ tools, istio }: ImageInputs): Layer {
  return {
    name: "proxyv2",
    entries: [
      { type: "file", path: "usr/local/bin/envoy", source: tools.envoy.path },
      { type: "file", path: "usr/local/bin/pilot-agent", source: tools["pilot-agent"].path },
      {
        type: "file",
        path: "var/lib/istio/envoy/envoy_bootstrap_tmpl.json",
        mode: 0o644,
        source: istio.bootstrapTemplate,
      },
      { type: "directory", path: "var/lib/istio/proxy", owner: proxyUser },
      { type: "directory", path: "etc/istio/proxy", owner: proxyUser },
    ],
  };
}

function workloadLayer({ authorityPem }: ImageInputs, rootfs: Rootfs): Layer {
  return {
    name: "workload",
    entries: [
      { type: "file", path: authoritiesPath, mode: 0o644, content: `${rootfs.authorities}${authorityPem}` },
      { type: "file", path: "srv/index.html", mode: 0o644, content: "ok\n" },
      { type: "file", path: "usr/local/bin/workload", content: workloadScript },
    ],
  };
}
