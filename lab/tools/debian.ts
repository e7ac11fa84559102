import { constants } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { LabError } from "../errors";
import type { Progress } from "../progress";
import { CommandError, lastLines, run } from "./command";
import lock from "./debian.lock.json";

export type DebianPackage = keyof typeof lock.packages;

/** What shows that a package, or another that does its work, is there: programs on PATH, or absolute paths. */
const signs: Record<DebianPackage, readonly string[]> = {
  "ca-certificates": ["/etc/ssl/certs/ca-certificates.crt"],
  chromium: ["/usr/bin/chromium"],
  conntrack: ["conntrack"],
  containerd: ["containerd", "containerd-shim-runc-v2", "ctr"],
  "containernetworking-plugins": ["/usr/lib/cni/ptp", "/usr/lib/cni/host-local", "/usr/lib/cni/loopback"],
  iproute2: ["ip"],
  iptables: ["iptables"],
  mmdebstrap: ["mmdebstrap"],
  nftables: ["nft"],
  python3: ["/usr/bin/python3"],
  "python3-pip": ["/usr/lib/python3/dist-packages/pip/__init__.py"],
  runc: ["runc"],
  "util-linux": ["flock", "mount", "nsenter", "unshare"],
};

/** Packages that every lab needs; the others are installed when something asks for them. */
const labPackages: readonly DebianPackage[] = [
  "ca-certificates",
  "conntrack",
  "containerd",
  "containernetworking-plugins",
  "iproute2",
  "iptables",
  "mmdebstrap",
  "nftables",
  "runc",
  "util-linux",
];

const systemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** How long to wait for another process that installs packages. */
const lockSeconds = 120;

/**
 * Hides systemd from the packages' scripts, in a mount namespace that ends with the command: they would start
 * containerd's own service, and a service that is stopped afterwards has already written to the disk.
 */
const withoutServices = [
  "--mount",
  "sh",
  "-c",
  'if [ -d /run/systemd/system ]; then mount -t tmpfs tmpfs /run/systemd; fi; exec "$@"',
  "sh",
];

/**
 * Installs those of the packages that are missing, in the locked version where Debian still offers it, and starts no
 * service of theirs. What is there already is left alone, in whatever version.
 *
 * @param packages @default all that every lab needs
 * @throws LabError when something is missing and cannot be installed: not root, not Debian, apt is locked, no network
 */
export async function ensureDebianPackages(
  progress: Progress,
  packages: readonly DebianPackage[] = labPackages,
): Promise<void> {
  const missing = await missingPackages(packages);
  if (missing.length === 0) {
    return;
  }
  await requireApt(missing);
  await progress.step(
    `installing ${missing.length} Debian packages`,
    async (report, inner) => {
      report("reading the package lists");
      const offered = await readPackageLists(missing);
      const wanted = missing.map((name) => ({ name, version: lock.packages[name] }));
      const gone = wanted.filter(({ name, version }) => !offered.get(name)?.includes(version));
      for (const { name, version } of gone) {
        inner.note(`Debian no longer offers ${name} ${version}: installing the version that it offers`);
      }
      report(missing.join(" "));
      await install(wanted.map((each) => (gone.includes(each) ? each.name : `${each.name}=${each.version}`)));
    },
    { typicalSeconds: 20 },
  );
}

/** Those of the packages of which a program or file is not there. */
export async function missingPackages(packages: readonly DebianPackage[]): Promise<DebianPackage[]> {
  const found = await Promise.all(
    packages.map(async (name) => (await Promise.all(signs[name].map(isThere))).every(Boolean)),
  );
  return packages.filter((_, index) => !found[index]);
}

/** The versions that apt could install now, by package, out of what `apt-cache madison` writes. */
export function parseMadison(table: string): Map<string, string[]> {
  const versions = new Map<string, string[]>();
  for (const line of table.split("\n")) {
    const [name, version] = line.split("|").map((column) => column.trim());
    if (name && version) {
      versions.set(name, [...(versions.get(name) ?? []), version]);
    }
  }
  return versions;
}

/** What a failed apt-get means for its user. */
export function explainAptFailure(error: CommandError): LabError {
  const { stderr } = error;
  if (/Could not get lock|Unable to acquire the dpkg|Unable to lock/.test(stderr)) {
    return new LabError(`Another process has been installing packages for ${lockSeconds} s; try again when it is done`);
  }
  if (
    /Failed to fetch|Temporary failure resolving|Could not resolve|Could not connect|Unable to connect/.test(stderr)
  ) {
    return new LabError(
      "Debian's package archive cannot be reached; connect this machine to a network, or install the packages by hand",
    );
  }
  if (/Unable to locate package|has no installation candidate/.test(stderr)) {
    return new LabError(
      `This machine's package sources lack a package that the lab needs (${lastLines(stderr, 1)}); ` +
        "add Debian's main archive to /etc/apt/sources.list",
    );
  }
  if (/remove is disabled/.test(stderr)) {
    return new LabError(
      "Debian's packages for the lab would remove packages that are installed; install them by hand as you see fit",
    );
  }
  if (/No space left on device|enough free space/.test(stderr)) {
    return new LabError("The disk is too full to install Debian's packages; free some space");
  }
  return new LabError(`Debian's packages could not be installed: ${lastLines(stderr, 3)}`);
}

async function requireApt(missing: readonly DebianPackage[]): Promise<void> {
  const wanted = `The lab needs ${missing.join(", ")}`;
  if (!(await isThere("apt-get"))) {
    throw new LabError(`${wanted}, and this is no Debian that would offer them (no apt-get); install them by hand`);
  }
  if (process.getuid?.() !== 0) {
    throw new LabError(`${wanted}, and only root can install packages; run as root`);
  }
}

/** Asks the package sources what they offer; one that does not answer matters only where no other has the package. */
async function readPackageLists(packages: readonly DebianPackage[]): Promise<Map<string, string[]>> {
  const failure = await aptGet(["update", "-o", "APT::Update::Error-Mode=any"]).then(
    () => undefined,
    (error: Error) => error,
  );
  const offered = parseMadison((await run("apt-cache", ["madison", ...packages])).stdout);
  if (failure !== undefined && packages.some((name) => !offered.has(name))) {
    throw failure;
  }
  return offered;
}

/** Never removes a package: a machine's Docker would be in conflict with Debian's containerd. */
async function install(packages: readonly string[]): Promise<void> {
  const apt = ["apt-get", "install", "-y", "--no-install-recommends", "--no-remove", ...aptOptions, ...packages];
  await run("unshare", [...withoutServices, ...apt], { env: aptEnvironment }).catch(rethrow);
}

async function aptGet(args: readonly string[]): Promise<void> {
  await run("apt-get", [...args, ...aptOptions], { env: aptEnvironment }).catch(rethrow);
}

const aptOptions = ["-q", "-o", `DPkg::Lock::Timeout=${lockSeconds}`];
const aptEnvironment = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1", LC_ALL: "C" };

function rethrow(error: unknown): never {
  throw error instanceof CommandError ? explainAptFailure(error) : error;
}

async function isThere(sign: string): Promise<boolean> {
  const folders = path.isAbsolute(sign) ? [""] : [...(process.env.PATH ?? "").split(path.delimiter), ...systemFolders];
  const mode = path.isAbsolute(sign) ? constants.F_OK : constants.X_OK;
  const found = await Promise.all(
    folders.map((folder) =>
      fs.access(path.join(folder, sign), mode).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
