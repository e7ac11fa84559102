import { PreviewedResource } from "./engine";

/** What each resource of a preview waits for: what it names, what its inputs come from, and its provider. */
export class Edges {
  private readonly waitsFor: Map<string, string[]>;

  constructor(resources: PreviewedResource[]) {
    this.waitsFor = new Map(
      resources.map(({ urn, dependencies = [], provider }) => [
        urn,
        // A provider is named by its URN and its id.
        [...dependencies, ...(provider === undefined ? [] : [provider.slice(0, provider.lastIndexOf("::"))])],
      ]),
    );
  }

  /** All resources that have to stand before this one, however far behind. */
  behind({ urn }: PreviewedResource): Set<string> {
    const found = new Set<string>();
    const ahead = [urn];
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      for (const other of (this.waitsFor.get(next) ?? []).filter((candidate) => !found.has(candidate))) {
        found.add(other);
        ahead.push(other);
      }
    }
    return found;
  }
}
