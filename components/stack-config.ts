import * as pulumi from "@pulumi/pulumi";
import * as fs from "node:fs";
import * as path from "node:path";
import { ConfigError, parseConfig, secretKeys, withBase } from "../model";
import { endings, parseProjectFile, ProjectFile } from "../model/config/file/project";
import {
  fromEngineText,
  ownKeys,
  ownName,
  parseStackFile,
  StackFile,
  StackFileError,
} from "../model/config/file/stack";
import { hiddenParts } from "../model/config/secret";
import { PlatformArgs } from "./platform";
import { isConfigSecret } from "./providers";

/**
 * Reads the `istio-egress:*` keys of the stack that is being deployed, over those of the base that it extends.
 *
 * @param now the moment at which rules are in force or expired
 * @param folder where the base and the stack's file are; of the latter only what it says in the clear is used, to show
 *   that and no more of an encrypted key in messages. @default where the project's file says that stacks' files are;
 *   `stacks` in the working folder where the project has no file
 * @throws pulumi.RunError whose message is the text of `egress check`: every problem, its place and how to mend it.
 *   The engine prints it as it is, without a stack trace, and applies nothing.
 */
export function readStackConfig(now = new Date(), folder?: string): PlatformArgs {
  return orRefused(() => {
    const project = readProject();
    const stacks = folder ?? project?.stacksFolder ?? path.resolve("stacks");
    const entries = Object.entries(pulumi.runtime.allConfig()).flatMap(([key, text]) => {
      const name = ownName(key);
      return name === undefined ? [] : [{ name, value: fromEngineText(text), isSecret: isConfigSecret(key) }];
    });
    const inFile = readStackFile(stacks, project);
    const written: Record<string, unknown> = { ...ownKeys(project?.config ?? {}), ...inFile?.raw };
    const encrypted = entries
      .filter(({ isSecret }) => isSecret)
      .flatMap(({ name, value }) => {
        const hidden = hiddenParts(value, written[name], [name]);
        return hidden.length === 0 ? [[name] as const] : hidden;
      });
    // Of values that Pulumi has from elsewhere nobody knows how they are written.
    const isFromFile = entries.every(
      ({ name, value, isSecret }) => isSecret || hiddenParts(value, written[name], [name]).length === 0,
    );
    const spelled = isFromFile ? new Map([...(project?.spelled ?? []), ...(inFile?.spelled ?? [])]) : undefined;
    const own = Object.fromEntries(entries.map(({ name, value }) => [name, value]));
    const raw = withBase(own, (file) => readIfThere(path.join(stacks, file)), { spelled, encrypted });
    return {
      config: parseConfig(raw, { now, encrypted, spelled }),
      secretKeys: secretKeys.filter((key) => encrypted.some(([name]) => name === key)),
    };
  });
}

interface Project extends ProjectFile {
  stacksFolder: string;
  /** How its file's name ends, and those of its stacks' files. */
  ending: string;
}

/**
 * The project that is being deployed: the nearest Pulumi.yaml above the working folder, which is the program's. The SDK
 * knows the project's folder, too, but programs are not told of it by every version of the language host.
 */
function readProject(from = process.cwd()): Project | undefined {
  const folder = path.resolve(from);
  for (const ending of endings) {
    const file = path.join(folder, `Pulumi${ending}`);
    const text = readIfThere(file);
    if (text !== undefined) {
      const project = parseProjectFile(text, file);
      return { ...project, stacksFolder: path.join(folder, project.stacks), ending };
    }
  }
  return path.dirname(folder) === folder ? undefined : readProject(path.dirname(folder));
}

/** The stack's file, where it is and can be read: Pulumi may have been told of another. */
function readStackFile(folder: string, project: Project | undefined): StackFile | undefined {
  const file = `Pulumi.${pulumi.getStack()}${project?.ending ?? ".yaml"}`;
  const text = readIfThere(path.join(folder, file));
  try {
    return text === undefined ? undefined : parseStackFile(text, file, { name: pulumi.getProject() });
  } catch (error) {
    if (error instanceof StackFileError) {
      return undefined;
    }
    throw error;
  }
}

function orRefused(read: () => PlatformArgs): PlatformArgs {
  try {
    return read();
  } catch (error) {
    throw error instanceof ConfigError || error instanceof StackFileError ? new pulumi.RunError(error.message) : error;
  }
}

function readIfThere(file: string): string | undefined {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}
