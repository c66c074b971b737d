/** `--runtime NAME`: an OCI runtime in PATH, or its path; kept with the container as a path. */

import { accessSync, constants, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { BrigError } from "../../../base/errors.ts";
import type { HostPath } from "../../../base/ids.ts";
import { externalRuntime } from "../../../runtime/external/runtime.ts";
import type { networkOf } from "../network-choice.ts";

/** Undefined is the built-in one. */
export function resolveRuntime(
  name: string | undefined = builtIn,
  network: ReturnType<typeof networkOf>["kind"],
  path = process.env.PATH ?? "",
): HostPath | undefined {
  if (name === builtIn || name === "") return undefined;
  const candidates = name.includes("/")
    ? [resolve(name)]
    : path.split(":").map((folder) => join(folder, name));
  const found = candidates.find(isProgram) as HostPath | undefined;
  if (!found) throw new BrigError("invalid", unknown(name), { code: "unknown-runtime" });
  if (externalRuntime(found, network).ownKernel && (network === "host" || network === "container"))
    throw new BrigError(
      "unsupported",
      `cannot use ${name} with --network ${network}: its network stack would take the addresses of others`,
    );
  return found;
}

const builtIn = "brig";

function unknown(name: string): string {
  const hint = name === "runsc" ? "; the sandbox is gVisor: install its runsc" : "";
  return `unknown or invalid runtime name: ${name}${hint}`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return path.startsWith("/") && statSync(path).isFile();
  } catch {
    return false;
  }
}
