/** What this host is: kernel version, and the rights of this process. Read once per command, from procfs. */

import { readFileSync, statSync } from "node:fs";

export interface HostFacts {
  /** [major, minor] of the running kernel. */
  readonly kernel: readonly [number, number];
  /** Capabilities that this process can pass on to a container: its permitted and bounding sets (capabilities(7)). */
  readonly grantable: bigint;
  /** The file mode mask of this process. */
  readonly umask: number;
}

export function readHostFacts(procfs = "/proc"): HostFacts {
  const status = readFileSync(`${procfs}/self/status`, "utf8");
  const mask = (name: string) => BigInt(`0x${field(status, name) ?? "0"}`);
  const umask = Number.parseInt(field(status, "Umask") ?? "22", 8);
  return {
    kernel: kernelVersion(readFileSync(`${procfs}/sys/kernel/osrelease`, "latin1")),
    grantable: mask("CapPrm") & mask("CapBnd"),
    umask,
  };
}

/** `CapPrm:\t000001ffffffffff`; looked for as text, as compiling a regular expression takes longer than the read. */
function field(status: string, name: string): string | undefined {
  const at = status.indexOf(`\n${name}:`);
  if (at < 0) return undefined;
  const start = at + name.length + 2;
  return status.slice(start, status.indexOf("\n", start)).trim();
}

/** The name of this host, as uname(2) gives it. */
export function hostname(procfs = "/proc"): string {
  return readFileSync(`${procfs}/sys/kernel/hostname`, "utf8").trimEnd();
}

/** "6.18.44-cloud-amd64" → [6, 18] */
export function kernelVersion(release: string): readonly [number, number] {
  const [major, minor] = release.split(".").map((part) => Number.parseInt(part, 10));
  return [major ?? 0, minor ?? 0];
}

/** The host's files as the launch compiler asks for them: the sources of binds, named by the caller. */
export const hostFiles = {
  isDirectory(path: string): boolean | undefined {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory();
  },
};
