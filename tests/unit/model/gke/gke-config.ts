import { ConfigError, ConfigProblem, GkeConfig, parseConfig } from "../../../../model";
import { now, soundConfig } from "../config/sound-config";

type Settings = Record<string, unknown>;

/** A cluster of kind gke without a problem, in its smallest form. */
export const soundGke: Settings = { kind: "gke", project: "acme-prod", name: "prod", location: "europe-west1" };

export function gkeConfig(change: Settings = {}): GkeConfig {
  const { cluster } = parseConfig({ ...soundConfig(), cluster: { ...soundGke, ...change } }, { now });
  return cluster as GkeConfig;
}

/** What is wrong with a cluster; nothing for a sound one. */
export function gkeProblems(change: Settings): readonly ConfigProblem[] {
  try {
    gkeConfig(change);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems;
    }
    throw error;
  }
  return [];
}
