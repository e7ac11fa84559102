import { GkeConfig } from "../../../ground/gke/config";
import { locate } from "../../../ground/gke/locations";
import { sortedUnique } from "../../../ground/order";
import { gkeSchema } from "../../gke-schema";
import { configPath } from "../../problem";
import { readFields, Report } from "../../shape";
import { readAccess } from "./access";
import { defaultZones, readZones } from "./locations";
import { readPool } from "./pools";
import { readNetwork } from "./network";
import { readRelaxations } from "./relax";
import { reportVersion } from "./version";

/** A cluster of kind gke, or undefined when it lacks what everything else hangs on. */
export function readGke(raw: object, report: Report): GkeConfig | undefined {
  const { sound } = readFields(gkeSchema, raw, ["cluster"], report);
  const { project = "", name = "", location = "" } = sound;
  reportName(sound.name, report);
  reportProject(sound.project, report);

  const place = locate(location, sound.zones);
  const zones = readZones(sound, place, report);
  const relax = readRelaxations(sound.relax, report);
  const pools = {
    nodes: readPool("nodes", sound.nodes, place, zones, report),
    gateways: readPool("gateways", sound.gateways, place, zones, report),
  };
  const network = readNetwork(sound.network, pools, report);
  const authorizedNetworks = readAccess(sound.authorizedNetworks ?? {}, relax, report);
  reportVersion(sound.version, relax, report);
  reportSecretsKey(sound, place?.region, relax, report);

  if (place === undefined) {
    return undefined;
  }
  return {
    kind: "gke",
    project,
    name,
    location,
    region: place.region,
    zones: sortedUnique(zones ?? defaultZones(place)),
    ...(relax.noReleaseChannel === undefined ? { releaseChannel: sound.releaseChannel ?? "regular" } : {}),
    ...(sound.version === undefined ? {} : { version: sound.version }),
    deletionProtection: sound.deletionProtection ?? true,
    dataplane: sound.dataplane ?? "v2",
    httpLoadBalancing: sound.httpLoadBalancing ?? true,
    network,
    ...pools,
    authorizedNetworks,
    ...(sound.secretsKey === undefined ? {} : { secretsKey: sound.secretsKey }),
    relax,
  };
}

function reportName(name: string | undefined, report: Report): void {
  if (name !== undefined && !/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name)) {
    report({
      path: configPath("cluster", "name"),
      value: name,
      problem: "Not a name that Google takes for the cluster and everything that is called after it",
      allowed: "1 to 20 lower-case letters, digits and hyphens, a letter first and no hyphen last",
    });
  }
}

function reportProject(project: string | undefined, report: Report): void {
  if (project !== undefined && !/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(project)) {
    report({
      path: configPath("cluster", "project"),
      value: project,
      problem: "Not the ID of a project",
      allowed: "6 to 30 lower-case letters, digits and hyphens, a letter first and no hyphen last",
      fix: /^\d+$/.test(project)
        ? "write the project's ID, not its number"
        : "`gcloud projects list` has it under PROJECT_ID",
    });
  }
}

function reportSecretsKey(
  { secretsKey }: { secretsKey?: string },
  region: string | undefined,
  relax: GkeConfig["relax"],
  report: Report,
): void {
  if (secretsKey === undefined) {
    return;
  }
  const path = configPath("cluster", "secretsKey");
  const match = /^projects\/[^/]+\/locations\/([^/]+)\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/.exec(secretsKey);
  if (match === null) {
    report({
      path,
      value: secretsKey,
      problem: "Not the name of a key in Cloud KMS",
      allowed: "projects/<project>/locations/<region>/keyRings/<ring>/cryptoKeys/<key>",
    });
  } else if (region !== undefined && match[1] !== region) {
    report({
      path,
      value: secretsKey,
      problem: `The key is in ${match[1]}, and GKE takes one of the cluster's own region alone`,
      allowed: `a key in ${region}`,
    });
  }
  if (relax.unencryptedSecrets !== undefined) {
    report({
      path,
      value: secretsKey,
      problem: `A key, although ${configPath("cluster", "relax", "unencryptedSecrets")} says that Secrets have none`,
      fix: "remove one of the two",
    });
  }
}
