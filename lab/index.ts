/** What the lab offers to the commands of its repository, which find it here. */
export { registerCommands } from "./commands";
export { LabError } from "./errors";
export { pluginInUse } from "./pulumi/kubernetes-plugin";
export { isLabKubeconfig, labCommand } from "./shell";
