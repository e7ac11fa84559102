import { run } from "../../lab/support/commands";
import { Finding } from "./waivers";

interface Message {
  code: string;
  level: string;
  message: string;
  origin?: string;
}

/** What `istioctl analyze` says of the manifests in a folder, looked at together and without a cluster. */
export function analyze(istioctl: string, stack: string, folder: string): Finding[] {
  const options = ["--use-kube=false", "--all-namespaces", "--output", "json"];
  const { stdout, stderr } = run([istioctl, "analyze", ...options, folder]);
  if (!stdout.trimStart().startsWith("[")) {
    throw new Error(`istioctl said nothing that can be read: ${stdout}${stderr}`);
  }
  return (JSON.parse(stdout) as Message[]).map(({ code, level, message, origin = "" }) => ({
    stack,
    rule: code,
    resource: resourceOf(origin),
    text: `${level}: ${message}`,
  }));
}

/** `VirtualService istio-egress/egress-gateway` as `VirtualService.istio-egress.egress-gateway`. */
function resourceOf(origin: string): string {
  return origin.replace(/[ /]/g, ".");
}
