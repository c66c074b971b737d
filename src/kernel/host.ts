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
  const mask = (name: string) =>
    BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)`, "m").exec(status)?.[1] ?? "0"}`);
  const umask = Number.parseInt(/^Umask:\s*([0-7]+)/m.exec(status)?.[1] ?? "22", 8);
  return {
    kernel: kernelVersion(readFileSync(`${procfs}/sys/kernel/osrelease`, "latin1")),
    grantable: mask("CapPrm") & mask("CapBnd"),
    umask,
  };
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
