import * as path from "node:path";
import { LabError } from "../../errors";
import { child, count, Json, JsonObject, list, text, valueAt, withoutNulls } from "../../json";
import { writePrivately } from "./command";

/** Inputs that are Helm flags of their own: on or off. */
const switches: Record<string, string> = {
  atomic: "--atomic",
  cleanupOnFail: "--cleanup-on-fail",
  createNamespace: "--create-namespace",
  dependencyUpdate: "--dependency-update",
  devel: "--devel",
  disableOpenapiValidation: "--disable-openapi-validation",
  disableWebhooks: "--no-hooks",
  forceUpdate: "--force",
  renderSubchartNotes: "--render-subchart-notes",
  skipCrds: "--skip-crds",
  takeOwnership: "--take-ownership",
  verify: "--verify",
  waitForJobs: "--wait-for-jobs",
};

/** Inputs that are Helm flags with a value. */
const options: Record<string, string> = {
  version: "--version",
  description: "--description",
  keyring: "--keyring",
  postrender: "--post-renderer",
  "repositoryOpts.repo": "--repo",
  "repositoryOpts.caFile": "--ca-file",
  "repositoryOpts.certFile": "--cert-file",
  "repositoryOpts.keyFile": "--key-file",
  "repositoryOpts.username": "--username",
  "repositoryOpts.password": "--password",
};

/** Inputs of the official provider that have no counterpart in Helm's commands. */
export const unsupported = ["disableCRDHooks", "lint", "manifest", "recreatePods", "replace"];

/**
 * Arguments of `helm upgrade --install` for a release.
 * @param valueFiles files with values, the later the stronger
 * @param seconds how long Helm may wait for anything
 */
export function upgradeArguments(inputs: JsonObject, valueFiles: string[], seconds: number): string[] {
  const on = Object.entries(switches).filter(([key]) => inputs[key] === true);
  const given = Object.entries(options).flatMap(([key, flag]) => {
    const value = valueAt(inputs, key.split("."));
    return typeof value === "string" && value !== "" ? [flag, value] : [];
  });
  const history = count(inputs, "maxHistory");
  return [
    "upgrade",
    text(inputs, "name") ?? "",
    text(inputs, "chart") ?? "",
    "--install",
    ...namespaceArguments(inputs),
    ...given,
    ...on.map(([, flag]) => flag),
    ...(history === undefined ? [] : ["--history-max", String(history)]),
    inputs["reuseValues"] === true && inputs["resetValues"] !== true ? "--reuse-values" : "--reset-values",
    ...valueFiles.flatMap((file) => ["--values", file]),
    ...waitArguments(inputs, seconds),
    "--output",
    "json",
  ];
}

/** Arguments of `helm uninstall`; a release that is not there is fine. */
export function uninstallArguments(inputs: JsonObject, seconds: number): string[] {
  const hooks = inputs["disableWebhooks"] === true ? ["--no-hooks"] : [];
  return [
    "uninstall",
    text(inputs, "name") ?? "",
    "--ignore-not-found",
    ...namespaceArguments(inputs),
    ...hooks,
    ...waitArguments(inputs, seconds),
  ];
}

export function namespaceArguments(inputs: JsonObject): string[] {
  return ["--namespace", text(inputs, "namespace") ?? "default"];
}

function waitArguments(inputs: JsonObject, seconds: number): string[] {
  return [...(inputs["skipAwait"] === true ? [] : ["--wait"]), "--timeout", `${seconds}s`];
}

/** Writes the values of a release for Helm; the ones in the program come last, and so win over files. */
export function valueFiles(inputs: JsonObject, folder: string): string[] {
  const assets = list(inputs, "valueYamlFiles").map((asset, index) => assetFile(asset, folder, index));
  return [...assets, writePrivately(path.join(folder, "values.json"), JSON.stringify(valuesOf(inputs)))];
}

/** The values in the program. A null would take a default away, which is meant only where `allowNullValues` says so. */
export function valuesOf(inputs: JsonObject): JsonObject {
  const values = child(inputs, "values");
  return inputs["allowNullValues"] === true ? values : withoutNulls(values);
}

function assetFile(asset: Json, folder: string, index: number): string {
  const file = text(asset, "path");
  if (file !== undefined) {
    return path.resolve(file);
  }
  const contents = text(asset, "text");
  if (contents === undefined) {
    throw new LabError(`valueYamlFiles[${index}] is neither a file nor a text: other assets are not supported.`);
  }
  return writePrivately(path.join(folder, `values-${index}.yaml`), contents);
}
