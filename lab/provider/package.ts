import * as path from "node:path";
import { packagePlugin } from "../plugin/package";

/**
 * Packs the provider as a Pulumi plugin, for `pulumi plugin install resource kubernetes 4.34.2 --file`.
 * @param folder where the archive goes; it is made when it is missing
 * @returns path of the `.tgz`
 */
export function packageProvider(folder: string): Promise<string> {
  return packagePlugin({ package: "kubernetes", entry: path.join(__dirname, "main.ts") }, folder);
}
