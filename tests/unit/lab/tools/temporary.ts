import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

/** Gives every test of a suite a folder of its own, which is removed after it. */
export function temporaryFolder(): () => string {
  let folder = "";
  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "istio-egress-test-"));
  });
  afterEach(() => fs.rm(folder, { recursive: true, force: true }));
  return () => folder;
}

/** Writes a program that is a shell script. */
export async function writeScript(file: string, body: string): Promise<string> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}

/** Sets variables of this process while `work` runs. */
export async function withEnvironment<T>(variables: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = value;
      }
    }
  }
}
