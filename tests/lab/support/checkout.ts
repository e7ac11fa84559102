import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parseDocument } from "yaml";
import { projectPrefix } from "../../../model/config/problem";
import { ok, repository } from "./commands";

/**
 * A copy of this checkout's files in a temporary folder, for tests that edit a stack's file as its owner would.
 * The lab's Pulumi backend knows stacks by name, so the copy's stack `lab` is the very same stack.
 */
export function scratchCheckout(): { folder: string; remove: () => void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-checkout-"));
  const files = ok(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]).split("\0").filter(Boolean);
  for (const file of files.filter((name) => fs.existsSync(path.join(repository, name)))) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.copyFileSync(path.join(repository, file), path.join(folder, file));
  }
  linkModules(path.join(repository, "node_modules"), path.join(folder, "node_modules"));
  return { folder, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

/** The checkout's modules are those of this one, except for the lab, which is the copy's. */
function linkModules(from: string, to: string): void {
  fs.mkdirSync(to);
  for (const name of fs.readdirSync(from).filter((entry) => entry !== "istio-egress-lab")) {
    fs.symlinkSync(path.join(from, name), path.join(to, name));
  }
  fs.symlinkSync("../lab", path.join(to, "istio-egress-lab"));
}

/** Changes a checkout's stack file by text, as an editor would. */
export function editStack(folder: string, stack: string, edit: (text: string) => string): void {
  const file = path.join(folder, "stacks", `Pulumi.${stack}.yaml`);
  const before = fs.readFileSync(file, "utf8");
  const after = edit(before);
  if (after === before) {
    throw new Error(`The edit of ${file} changes nothing: the file is not as the test expects it.`);
  }
  fs.writeFileSync(file, after);
}

/** Sets keys of a checkout's stack, given without their prefix; what stood there is replaced as a whole. */
export function setStackConfig(folder: string, stack: string, keys: Record<string, unknown>): void {
  editStackDocument(folder, stack, (set) => Object.entries(keys).forEach(([key, value]) => set([key], value)));
}

/** Sets values of a checkout's stack, each by its path, which begins with a key without its prefix. */
export function editStackDocument(
  folder: string,
  stack: string,
  edit: (set: (path: [string, ...(string | number)[]], value: unknown) => void) => void,
): void {
  editStack(folder, stack, (text) => {
    const document = parseDocument(text);
    edit(([key, ...rest], value) => document.setIn(["config", `${projectPrefix}${key}`, ...rest], value));
    return document.toString();
  });
}

/**
 * Adds destinations to a checkout's stack `lab`, each granted to app-a beside what it is granted.
 *
 * @param destinations as in `istio-egress:destinations`
 * @param edit changes more of the stack in the same go
 */
export function grantToAppA(
  folder: string,
  destinations: Record<string, unknown>,
  reason: string,
  edit: Parameters<typeof editStackDocument>[2] = () => undefined,
): void {
  editStackDocument(folder, "lab", (set) => {
    edit(set);
    Object.entries(destinations).forEach(([to, destination], index) => {
      set(["destinations", to], destination);
      // Behind the three rules of the stack's file.
      set(["allow", 3 + index], { from: "test-app/app-a", to, owner: "team-a", reason });
    });
  });
}
