/** The entry point: which program was called, and its exit code. What is not needed is not loaded. */

import { basename } from "node:path";

const [, called = "brig", ...argv] = process.argv;

process.exitCode = await main();

async function main(): Promise<number> {
  if (basename(process.argv0) === "brig-oci" || basename(called) === "brig-oci") return oci(argv);
  if (argv[0] === "oci") return oci(argv.slice(1));
  process.stderr.write("brig: only `brig oci` is here yet\n");
  return 125;
}

async function oci(args: readonly string[]): Promise<number> {
  const { ociMain } = await import("./oci/main.ts");
  return ociMain(args);
}
