import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { classesOf, interfacesOf } from "./declarations";
import { DeclaredTypes, ResourceShapes } from "./shapes";

const packageFolder = path.dirname(require.resolve("@pulumi/gcp/package.json"));

/** The installed package's version, which is also the plugin's. */
export const packageVersion = (
  JSON.parse(fs.readFileSync(path.join(packageFolder, "package.json"), "utf8")) as { version: string }
).version;

/**
 * Reads what @pulumi/gcp declares out of its own declaration files: all resources, with the names, the forms and the
 * necessity of their properties. It takes some seconds.
 */
export function declaredTypes(): DeclaredTypes {
  const types: DeclaredTypes = { version: packageVersion, resources: {}, provider: {}, objects: {} };
  for (const room of ["inputs", "outputs"]) {
    const declared = interfacesOf(parse(path.join("types", `${room.slice(0, -1)}.d.ts`)));
    declared.forEach((shape, name) => (types.objects[`${room}.${name}`] = shape));
  }
  types.provider = interfacesOf(parse("provider.d.ts")).get("ProviderArgs") ?? {};
  for (const file of moduleFiles()) {
    const token = tokenOf(file);
    if (token !== undefined) {
      types.resources[token] = resourceShapes(parse(`${file}.d.ts`));
    }
  }
  return types;
}

/** A resource's file holds its class, and its arguments under the class's name. */
function resourceShapes(file: ts.SourceFile): ResourceShapes {
  const [[name, outputs] = []] = classesOf(file);
  const inputs = interfacesOf(file).get(`${name}Args`);
  if (inputs === undefined || outputs === undefined) {
    throw new Error(`@pulumi/gcp ${packageVersion} declares no resource in ${file.fileName}`);
  }
  return { inputs, outputs };
}

/** Every file of the package's modules, such as `container/nodePool`. */
function moduleFiles(): string[] {
  const folders = fs.readdirSync(packageFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name }) =>
    fs
      .readdirSync(path.join(packageFolder, name))
      .filter((file) => file.endsWith(".d.ts"))
      .map((file) => path.join(name, file.slice(0, -".d.ts".length))),
  );
}

/** The type token, which only the code has; undefined for a file without a resource. */
function tokenOf(file: string): string | undefined {
  const code = path.join(packageFolder, `${file}.js`);
  return /__pulumiType = '([^']+)'/.exec(fs.readFileSync(code, "utf8"))?.[1];
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, fs.readFileSync(path.join(packageFolder, file), "utf8"), ts.ScriptTarget.ES2022);
}
