import * as fs from "node:fs/promises";
import * as path from "node:path";
import { LabError } from "../errors";
import { cacheFolder } from "../paths";
import type { Progress } from "../progress";
import { cached, cacheKey } from "../tools/cache";
import { CommandError, lastLines, run } from "../tools/command";
import debian from "../tools/debian.lock.json";
import type { LayerEntry } from "./layer";
import { slim } from "./slim";

/** A small Debian root filesystem: the layer below the images that need more than one static program. */
export interface Rootfs {
  tar: string;
  /** Debian's certificate authorities, PEM, as in the filesystem's /etc/ssl/certs/ca-certificates.crt. */
  authorities: string;
}

const packages = ["ca-certificates", "coreutils", "curl", "dash", "grep", "iptables", "openssl", "python3"];

/** What no container of the lab reads. */
const dropped = [
  /^(boot|dev|proc|run|sys|tmp)\//,
  /^(usr\/)?lib\/(systemd|udev)\//,
  /^usr\/lib\/(python3\.\d+\/(ensurepip|idlelib|lib2to3|pydoc_data|test)|[^/]+\/(gconv|perl|perl-base)|valgrind)\//,
  /^usr\/share\/(?!ca-certificates\/|iptables\/|python3\/|zoneinfo\/)/,
  /^usr\/s?bin\/(debconf|dpkg|perl|pydoc|update-)/,
  /^etc\/(apt|cron\.\w+|dpkg|logrotate\.d)\//,
  /^var\/(cache|lib\/(apt|dpkg)|log)\//,
];

export const authoritiesPath = "etc/ssl/certs/ca-certificates.crt";

const accounts = [
  { name: "root", id: 0, home: "/root" },
  { name: "app", id: 1000, home: "/tmp" },
  { name: "istio-proxy", id: 1337, home: "/var/lib/istio" },
  { name: "nobody", id: 65534, home: "/nonexistent" },
];

const iptablesPrograms = [
  "iptables",
  "iptables-restore",
  "iptables-save",
  "ip6tables",
  "ip6tables-restore",
  "ip6tables-save",
];

/**
 * What the packages' scripts would have made: they do not run, because nothing of the new system is executed while it
 * is put together. The key of the cache covers it.
 */
const additions: readonly LayerEntry[] = [
  ...["dev", "proc", "run", "sys"].map((name) => ({ type: "directory" as const, path: name })),
  { type: "directory", path: "tmp", mode: 0o1777 },
  { type: "directory", path: "root", mode: 0o700 },
  file("etc/passwd", accounts.map(({ name, id, home }) => `${name}:x:${id}:${id}::${home}:/bin/sh\n`).join("")),
  file("etc/group", accounts.map(({ name, id }) => `${name}:x:${id}:\n`).join("")),
  file("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
  // Where OpenSSL, and with it Python, looks for one file with all authorities.
  { type: "link", path: "etc/ssl/cert.pem", target: "certs/ca-certificates.crt" },
  // The choice of update-alternatives: rules go into nftables, where the lab's kernel has them.
  ...iptablesPrograms.map((name) => ({ type: "link" as const, path: `usr/sbin/${name}`, target: "xtables-nft-multi" })),
];

const slimRecipe = {
  dropped,
  gathered: { from: /^usr\/share\/ca-certificates\/.*\.crt$/, into: authoritiesPath },
  additions,
};

/** Makes the root filesystem from Debian's packages, as they are when it is first made; later it is in the cache. */
export async function resolveRootfs(progress: Progress): Promise<Rootfs> {
  const recipe = [debian.suite, packages, dropped.map(String), additions, process.arch];
  const key = cacheKey([JSON.stringify(recipe)]);
  const folder = await cached(
    { folder: path.join(cacheFolder, "images"), kind: "rootfs", key },
    (partial) => progress.step("making a Debian root filesystem", () => makeRootfs(partial), { typicalSeconds: 20 }),
    { onlyOne: true },
  );
  return {
    tar: path.join(folder, "rootfs.tar"),
    authorities: await fs.readFile(path.join(folder, "authorities.pem"), "utf8"),
  };
}

async function makeRootfs(folder: string): Promise<void> {
  const unslimmed = path.join(folder, "unslimmed.tar");
  await fs.mkdir(folder, { recursive: true });
  const options = ["--variant=extract", `--include=${packages.join(",")}`];
  // When mmdebstrap fails it hangs up on its whole process group, which therefore must not be ours.
  const argv = ["mmdebstrap", ...options, debian.suite, unslimmed];
  await run("setsid", argv, { endsWithUs: true }).catch((error: unknown) => {
    throw error instanceof CommandError ? explainRootfsFailure(error) : error;
  });
  const authorities = await slim(unslimmed, path.join(folder, "rootfs.tar"), slimRecipe);
  await fs.writeFile(path.join(folder, "authorities.pem"), authorities);
  await fs.rm(unslimmed);
}

function file(name: string, content: string): LayerEntry {
  return { type: "file", path: name, mode: 0o644, content };
}

/** What a failed mmdebstrap means for its user. */
export function explainRootfsFailure({ stderr }: CommandError): LabError {
  if (/Failed to fetch|Temporary failure resolving|Could not connect|Unable to connect/.test(stderr)) {
    return new LabError(
      "Debian's package archive cannot be reached to make the images' root filesystem; connect this machine to a network",
    );
  }
  if (/No space left on device/.test(stderr)) {
    return new LabError(
      "The disk became full while the images' root filesystem was made; free some space, or choose another disk for " +
        "the cache with ISTIO_EGRESS_CACHE",
    );
  }
  const firstError = /^E: .*/m.exec(stderr)?.[0] ?? lastLines(stderr, 3);
  return new LabError(`mmdebstrap could not make the images' root filesystem: ${firstError}`);
}
