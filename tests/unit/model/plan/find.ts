import assert from "node:assert/strict";
import { Manifest, manifestKey } from "../../../../model";

/** The one manifest under a key, such as `Sidecar/test-app/app-a`. */
export function find(manifests: Manifest[], key: string): Manifest & { spec: any } {
  const found = manifests.filter((manifest) => manifestKey(manifest) === key);
  assert.equal(found.length, 1, `${found.length} × ${key} among ${manifests.map(manifestKey).join(", ")}`);
  return found[0] as Manifest & { spec: any };
}
