import { LabError } from "../errors";
import { JsonObject, text } from "../json";

/** Answers a data source from the provider's settings and its own arguments. */
type Answer = (settings: JsonObject, args: JsonObject) => JsonObject;

const answers: Record<string, Answer> = {
  "gcp:organizations/getClientConfig:getClientConfig": (settings) => ({
    ...place(settings),
    id: "recorded",
    accessToken: "recorded",
    defaultLabels: {},
  }),
  "gcp:organizations/getProject:getProject": (settings, args) => {
    const projectId = text(args, "projectId") ?? place(settings).project;
    return { id: `projects/${projectId}`, projectId, name: projectId, number: "0", labels: {}, effectiveLabels: {} };
  },
  "gcp:compute/getZones:getZones": (settings, args) => {
    const { project, region } = { ...place(settings), ...args };
    return { id: "recorded", project, region, names: ["b", "c", "d"].map((zone) => `${region}-${zone}`) };
  },
};

/**
 * What a data source would say, without asking anybody: the provider's own settings and fixed words.
 * @throws LabError for a data source that is not known here
 */
export function answer(token: string, settings: JsonObject, args: JsonObject): JsonObject {
  const known = answers[token];
  if (known === undefined) {
    throw new LabError(
      `The recorder of previews contacts nobody and has no answer for ${token}; ` +
        `it has one for ${Object.keys(answers).join(", ")}. Use the official gcp plugin.`,
    );
  }
  return known(settings, args);
}

function place(settings: JsonObject): { project: string; region: string; zone: string } {
  const setting = (name: string): string => text(settings, name) ?? "";
  return { project: setting("project"), region: setting("region"), zone: setting("zone") };
}
