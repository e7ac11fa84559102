import * as path from "node:path";
import { packagePlugin } from "../plugin/package";
import { declaredTypes, packageVersion } from "./table/build";
import { tableFile } from "./table/shapes";

/** Version of the plugin whose place is taken: the one that the installed @pulumi/gcp asks the engine for. */
export const recorderVersion = packageVersion;

/**
 * Packs the recorder as a Pulumi plugin, with a table of what @pulumi/gcp declares, for
 * `pulumi plugin install resource gcp <recorderVersion> --file`. It takes some seconds.
 * @param folder where the archive goes; it is made when it is missing
 * @returns path of the `.tgz`
 */
export function packageRecorder(folder: string): Promise<string> {
  const data = { [tableFile]: JSON.stringify(declaredTypes()) };
  return packagePlugin({ package: "gcp", entry: path.join(__dirname, "main.ts"), data }, folder);
}
