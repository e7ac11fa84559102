import { stringify } from "yaml";
import { RenderedResource } from "../../model/render/resources";

/** Kubernetes reads YAML 1.1, where `on`, `no` and `12:30` are no texts without quotes. */
const style = { aliasDuplicateObjects: false, lineWidth: 0, version: "1.1" } as const;

/** One resource as a YAML document under a line that says what it is. */
export function toYaml({ provider, owner, type, name, inputs }: RenderedResource): string {
  const note = provider === "helm" ? " (what Helm is given; its objects are the chart's)" : "";
  const body = stringify(inputs, style);
  return `# ${owner}: ${type} ${name}${note}\n${body}`;
}

/** All of them as one stream of documents. */
export function toStream(resources: RenderedResource[]): string {
  return resources.map((resource) => `---\n${toYaml(resource)}`).join("");
}
