import * as pulumi from "@pulumi/pulumi";

const missing =
  "istio-egress:cluster is of kind gke, which needs the package @pulumi/gcp, and it is not installed. " +
  "Run `npm install @pulumi/gcp` in the program's folder; clusters of kind existing need no such package.";

/**
 * The GKE part, loaded when a stack makes its cluster: it needs `@pulumi/gcp`, which others need not install.
 *
 * @throws pulumi.RunError, which the engine prints as it is, where that package is missing
 */
export function loadGke(): typeof import("./gke-cluster") {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would be loaded with every program
    return require("./gke-cluster") as typeof import("./gke-cluster");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === "MODULE_NOT_FOUND" && message.includes("'@pulumi/gcp/") ? new pulumi.RunError(missing) : error;
  }
}
