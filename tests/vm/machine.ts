/**
 * The machine's kernel, initrd and Debian disk, made once by `machine.sh` and kept until its sources change. What the
 * machine writes goes to a copy, so that every run begins with the same disk.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface Machine {
  readonly kernel: string;
  readonly initrd: string;
  readonly root: string;
}

export function machine(folder: string): Machine {
  const name = `machine-${fingerprint()}`;
  const path = join(folder, name);
  if (!existsSync(path)) {
    for (const old of readdirSync(folder).filter((entry) => entry.startsWith("machine-")))
      rmSync(join(folder, old), { recursive: true });
    make(path);
  }
  return { kernel: join(path, "kernel"), initrd: join(path, "initrd"), root: join(path, "root.ext4") };
}

/** Appears complete or not at all. */
function make(path: string): void {
  console.log("vm: making the machine (Debian 12 and its kernel)");
  const draft = `${path}.${process.pid}`;
  try {
    execFileSync(join(import.meta.dirname, "machine.sh"), [draft], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function fingerprint(): string {
  const hash = createHash("sha256");
  for (const source of ["machine.sh", "start.sh"])
    hash.update(readFileSync(join(import.meta.dirname, source)));
  return hash.digest("hex").slice(0, 12);
}
