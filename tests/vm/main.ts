/**
 * `make test-vm`: the tests that ask the kernel, on Debian's kernel and under cgroup v2 (or another layout), in a
 * machine of QEMU that emulates the processor and so runs anywhere. docs/testing.md tells what runs and what does not.
 *
 *   CGROUP=v2|hybrid|v1  RUNTIME=PATH  FILES="GLOB…"  COMMAND="SHELL COMMAND"  LIMIT=SECONDS  CPUS=NUMBER
 */

import { existsSync, globSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../fixtures/sources.ts";
import { boot } from "./boot.ts";
import { CheckoutDisk } from "./checkout-disk.ts";
import { machine } from "./machine.ts";

/** What the kernel decides, and the processes brig consists of. What needs no kernel would only be slower here. */
const globs: readonly string[] = [
  "tests/oci/*.test.ts",
  "tests/vm/*.test.ts",
  "src/engine/**/*.test.ts",
  "src/kernel/cgroup/*.test.ts",
  "src/kernel/{executor,shim}/*.test.ts",
  "src/kernel/{netlink,nftables,seccomp}/kernel.test.ts",
  "src/network/traffic.test.ts",
  "src/network/*/driver.test.ts",
  "src/volume/**/*.test.ts",
];

/** Files of those that are not run, and why. */
const left: Readonly<Record<string, string>> = {
  "tests/oci/engines.test.ts": "Docker and Podman are not in the machine: 400 MB, and minutes at its speed",
};

/** Emulation takes about ten times as long as the processor does. */
const patience = "10";

const {
  CGROUP = "v2",
  RUNTIME = "",
  FILES = globs.flatMap((glob) => globSync(glob, { cwd: checkout, exclude: Object.keys(left) })).join(" "),
  COMMAND = "",
  LIMIT = "900",
  CPUS = "2",
} = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));

if (!["v2", "hybrid", "v1"].includes(CGROUP))
  throw new Error(`cannot use CGROUP=${CGROUP}: v2, hybrid or v1`);
if (!existsSync(join(checkout, "bin/brig")))
  throw new Error("cannot test bin/brig: it is not built; run make");

const folder = join(checkout, "build/vm");
mkdirSync(folder, { recursive: true });
const { kernel, initrd, root } = machine(folder);
using disk = new CheckoutDisk(folder, {
  LAYOUT: CGROUP,
  RUNTIME,
  FILES,
  COMMAND,
  BRIG_TEST_PATIENCE: patience,
});
if (COMMAND === "" && process.env["FILES"] === undefined)
  for (const [file, reason] of Object.entries(left)) console.log(`vm: not run: ${file}: ${reason}`);
const disks = [root, disk.path];
process.exitCode = await boot({ kernel, initrd, disks, cpus: Number(CPUS), seconds: Number(LIMIT) });
