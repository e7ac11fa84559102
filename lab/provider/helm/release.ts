import { Cluster, defaultNamespace } from "../cluster";
import { changes, Difference, difference } from "../diff/difference";
import { JsonObject, Path, isAbsent, list, sameJson, text, unknownValue } from "../../json";
import { randomName } from "../objects/metadata";
import {
  CheckRequest,
  CheckResult,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  Found,
  ReadRequest,
  ResourceType,
  UpdateRequest,
} from "../resource";
import { parseId } from "../objects/reference";
import { unsupported, valuesOf } from "./arguments";
import { chartDigest, chartProblem, localChart } from "./chart";
import { install, outputsOf, uninstall } from "./install";
import { releaseStatus } from "./status";

/** A release of a Helm chart, made and kept by the `helm` command. */
export class HelmRelease implements ResourceType {
  constructor(private readonly cluster: Cluster) {}

  async check({ name, olds, news, randomSeed, autonaming }: CheckRequest): Promise<CheckResult> {
    const failures = unsupported
      .filter((key) => news[key] === true || list(news, key).length > 0)
      .map((property) => ({ property, reason: `${property} is not supported by the provider that stands in here.` }));
    const chart = localChart(news);
    const problem = chart === undefined ? undefined : chartProblem(chart);
    if (problem !== undefined) {
      failures.push({ property: "chart", reason: problem });
    }
    const kept = text(olds, "name") ?? autonaming?.proposedName ?? randomName(name, randomSeed);
    const inputs: JsonObject = {
      ...news,
      name: isAbsent(news["name"]) ? kept : (news["name"] ?? null),
      namespace: news["namespace"] ?? defaultNamespace(this.cluster),
    };
    if (chart !== undefined && problem === undefined) {
      inputs["chartDigest"] = chartDigest(chart);
    }
    return { inputs, failures };
  }

  async diff({ oldInputs, news }: DiffRequest): Promise<Difference> {
    const names = (inputs: JsonObject): string => `${text(inputs, "namespace")}/${text(inputs, "name")}`;
    const isIdentity = (path: Path): boolean => path[0] === "name" || path[0] === "namespace";
    return difference(changes(oldInputs, news), isIdentity, () => names(oldInputs) === names(news));
  }

  async create({ urn, inputs, timeout, preview }: CreateRequest): Promise<{ id: string; outputs: JsonObject }> {
    if (preview) {
      return { id: "", outputs: { ...inputs, status: unknownValue } };
    }
    return { id: idOf(inputs), outputs: await install(this.cluster, { urn, id: idOf(inputs), inputs, timeout }) };
  }

  async update({ urn, id, inputs, timeout, preview }: UpdateRequest): Promise<JsonObject> {
    return preview ? { ...inputs, status: unknownValue } : install(this.cluster, { urn, id, inputs, timeout });
  }

  async read({ id, inputs }: ReadRequest): Promise<Found | undefined> {
    const { namespace = defaultNamespace(this.cluster), name } = parseId(id);
    const found = await releaseStatus(this.cluster, { ...inputs, name, namespace });
    if (found === undefined) {
      return undefined;
    }
    const known = Object.keys(inputs).length > 0;
    const given = list(inputs, "valueYamlFiles").length > 0 || sameJson(found.values, valuesOf(inputs));
    const read = known
      ? inputs
      : { name, namespace, chart: found.status["chart"] ?? "", version: found.status["version"] ?? "" };
    const seen = given ? read : { ...read, values: found.values };
    return { id, inputs: seen, outputs: outputsOf(seen, found) };
  }

  delete({ inputs, timeout }: DeleteRequest): Promise<void> {
    return uninstall(this.cluster, inputs, timeout);
  }

  secrets(): Path[] {
    return [["repositoryOpts", "password"]];
  }
}

function idOf(inputs: JsonObject): string {
  return `${text(inputs, "namespace")}/${text(inputs, "name")}`;
}
