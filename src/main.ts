/**
 * The entry point: which program was called, and its exit code. It is the only file that knows every door.
 *
 * Every millisecond here is one of every container's start, so what a command does not need is not loaded.
 */

import { basename } from "node:path";
import type { ServeOptions } from "./cli/commands/context.ts";

const [, called = "brig", ...argv] = process.argv;
const asOci = [process.argv0, called].some((name) => basename(name) === "brig-oci");

if (asOci || argv[0] === "oci") {
  const { ociMain } = await import("./cli/oci/main.ts");
  process.exitCode = await ociMain(asOci ? argv : argv.slice(1));
} else {
  const { brigMain } = await import("./cli/brig.ts");
  // Not left to the end of all work: stdin may still be waited for.
  const serve = async (options: ServeOptions) => (await import("./api/serve.ts")).serve(options);
  process.exit(await brigMain(argv, import.meta.filename, serve));
}
