/**
 * `make test-vm`: the tests that ask the kernel, on Debian's kernel and under cgroup v2 (or another layout), in a
 * machine of QEMU that emulates the processor and so runs anywhere. docs/testing.md tells what runs and what does not.
 *
 *   CGROUP=v2|hybrid|v1  INIT=systemd  RUNTIME=PATH  FILES="GLOB…"  COMMAND="SHELL COMMAND"  LIMIT=SECONDS  CPUS=NUMBER
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

/** With systemd as process 1: what it has a part in, as it then makes the cgroups of the OCI runtime. */
const managed: readonly string[] = [
  "tests/vm/systemd/*.test.ts",
  "tests/oci/{cgroups,exec,hooks,lifecycle,namespaces}.test.ts",
];

/** What systemd is told of the layout; it mounts the hierarchies itself. */
const layouts: Readonly<Record<string, readonly string[]>> = {
  v2: ["systemd.unified_cgroup_hierarchy=1"],
  hybrid: ["systemd.unified_cgroup_hierarchy=0", "systemd.legacy_systemd_cgroup_controller=0"],
  v1: ["systemd.unified_cgroup_hierarchy=0", "systemd.legacy_systemd_cgroup_controller=1"],
};

/** Files of those that are not run, and why. */
const left: Readonly<Record<string, string>> = {
  "tests/oci/engines.test.ts":
    "Docker is not in the machine (400 MB), and either engine takes minutes at its speed",
};

/** Emulation takes about ten times as long as the processor does. */
const patience = "10";

const {
  CGROUP = "v2",
  INIT = "",
  RUNTIME = "",
  FILES = (process.env["INIT"] ? managed : globs)
    .flatMap((glob) => globSync(glob, { cwd: checkout, exclude: Object.keys(left) }))
    .join(" "),
  COMMAND = "",
  LIMIT = "900",
  CPUS = "2",
} = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));

if (!["", "systemd"].includes(INIT)) throw new Error(`cannot use INIT=${INIT}: systemd, or nothing`);
if (!(CGROUP in layouts)) throw new Error(`cannot use CGROUP=${CGROUP}: v2, hybrid or v1`);
if (!existsSync(join(checkout, "bin/brig")))
  throw new Error("cannot test bin/brig: it is not built; run make");

const folder = join(checkout, "build/vm");
mkdirSync(folder, { recursive: true });
const { kernel, initrd, root } = machine(folder);
using disk = new CheckoutDisk(folder, {
  LAYOUT: CGROUP,
  INIT,
  RUNTIME,
  FILES,
  COMMAND,
  BRIG_TEST_PATIENCE: patience,
  BRIG_TEST_CGROUPS: INIT,
});
if (COMMAND === "" && INIT === "" && process.env["FILES"] === undefined)
  for (const [file, reason] of Object.entries(left)) console.log(`vm: not run: ${file}: ${reason}`);
const disks = [root, disk.path];
const parameters = INIT === "systemd" ? ["systemd.show_status=0", ...layouts[CGROUP]!] : [];
process.exitCode = await boot({
  kernel,
  initrd,
  disks,
  parameters,
  cpus: Number(CPUS),
  seconds: Number(LIMIT),
});
