/**
 * The door of the OCI runtime: `brig oci …`, and `brig-oci …` for engines that name a bare path. A failure is told
 * as runc tells it: in the log file that the caller reads, on stderr, and by exit code 1 (255 for `exec`).
 */

import { messageOf } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import { shimPath } from "../../kernel/executor/shim-path.ts";
import { ContainerStore } from "../../runtime/oci/store.ts";
import { dispatch } from "../flags/program.ts";
import { resolve } from "../flags/resolve.ts";
import { UsageError } from "../flags/usage-error.ts";
import { ociProgram } from "../options/oci.ts";
import { handlers } from "./handlers.ts";
import { Log } from "./log.ts";
import { versionText } from "./version.ts";

/** Where the state of containers is kept when nobody says otherwise. */
const defaultRoot = "/run/brig-oci";

/** Resolves with the exit code. */
export async function ociMain(argv: readonly string[]): Promise<number> {
  const now = () => new Date();
  let invocation: ReturnType<typeof resolve<typeof ociProgram>>;
  try {
    invocation = resolve(ociProgram, argv, () => process.stdout.columns);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.text}\n`);
    return error.exit;
  }
  if (invocation.kind === "version") return print(versionText());
  if (invocation.kind === "help") return print(invocation.text);
  const { log: file, logFormat: format, debug, root } = invocation.globals;
  const log = new Log({ ...(file === undefined ? {} : { file }), format, debug, now });
  try {
    for (const warning of invocation.warnings) log.write("warning", warning);
    return await dispatch(invocation, handlers, {
      store: new ContainerStore((root ?? defaultRoot) as HostPath),
      shim: shimPath(),
      warn: (message) => log.write("warning", message),
      now,
      owner: process.getuid?.() === 0 ? "root" : (await import("node:os")).userInfo().username,
    });
  } catch (error) {
    const message = `${invocation.path}: ${messageOf(error)}`;
    log.write("error", message);
    if (log.isFile) process.stderr.write(`${message}\n`);
    return invocation.name === "exec" ? 255 : 1;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}
