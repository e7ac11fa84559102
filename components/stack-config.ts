import * as pulumi from "@pulumi/pulumi";
import * as fs from "node:fs";
import * as path from "node:path";
import { ConfigError, parseConfig, secretKeys, StackConfig, withBase } from "../model";
import { projectPrefix } from "../model/config/path";
import { PlatformArgs } from "./platform";

/** Hidden in the SDK's types, not in its code: what tells which keys of the stack are encrypted. */
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret: (key: string) => boolean };

/**
 * Reads the `istio-egress:*` keys of the stack that is being deployed, over those of the base that it extends.
 *
 * @param now the moment at which rules are in force or expired
 * @param folder where the base is. @default `stacks` in the project's folder, where Pulumi runs programs
 * @throws pulumi.RunError whose message is the text of `egress check`: every problem, its place and how to mend it.
 *   The engine prints it as it is, without a stack trace, and applies nothing.
 */
export function readStackConfig(now = new Date(), folder = path.resolve("stacks")): PlatformArgs {
  const entries = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(projectPrefix))
    .map(([key, value]) => ({ key: key.slice(projectPrefix.length), value, isSecret: isConfigSecret(key) }));

  const raw = Object.fromEntries(entries.map(({ key, value }) => [key, parseValue(value)]));
  const encrypted = entries.filter(({ isSecret }) => isSecret).map(({ key }) => key);
  return {
    config: parsedOrRefused(raw, encrypted, now, folder),
    secretKeys: secretKeys.filter((key) => encrypted.includes(key)),
  };
}

/** The engine hands lists, objects, numbers and truth values over as JSON, and text as it is. */
function parseValue(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function parsedOrRefused(raw: Record<string, unknown>, encrypted: string[], now: Date, folder: string): StackConfig {
  try {
    return parseConfig(
      withBase(raw, (file) => readIfThere(path.join(folder, file))),
      { now, encrypted },
    );
  } catch (error) {
    throw error instanceof ConfigError ? new pulumi.RunError(error.message) : error;
  }
}

function readIfThere(file: string): string | undefined {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}
