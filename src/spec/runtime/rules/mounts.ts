/** Rules of mounts, masked and read-only paths (runtime-spec, config.md#mounts, config-linux.md#masked-paths). */

import { quote } from "../../schema/schema.ts";
import type { RuntimeConfig } from "../config.ts";
import type { Mount } from "../mounts.ts";
import { absolutePath, type Finding, invalid, warning } from "./finding.ts";
import { mappingRules, namespacesOf } from "./namespaces.ts";

export function* mountRules(config: RuntimeConfig): Iterable<Finding> {
  const hasUserNamespace = namespacesOf(config).has("user");
  for (const [index, mount] of (config.mounts ?? []).entries()) {
    yield* destinationRules(mount, `mounts[${index}]`);
    yield* idmapRules(mount, `mounts[${index}]`, hasUserNamespace);
  }
  const hasMountNamespace = namespacesOf(config).has("mount");
  for (const field of ["maskedPaths", "readonlyPaths"] as const) {
    const paths = config.linux?.[field] ?? [];
    const clause =
      field === "maskedPaths" ? "config-linux.md#masked-paths" : "config-linux.md#readonly-paths";
    for (const [index, path] of paths.entries())
      yield* absolutePath(`linux.${field}[${index}]`, path, clause);
    // They are mounts: without a namespace of its own the container would mask the host's paths.
    if (paths.length > 0 && !hasMountNamespace) {
      yield invalid(`linux.${field}`, "needs a mount namespace; add one to linux.namespaces", clause);
    }
  }
}

function* destinationRules(mount: Mount, path: string): Iterable<Finding> {
  const clause = "config.md#mounts";
  const { destination } = mount;
  if (destination === "") {
    yield invalid(`${path}.destination`, "must not be empty", clause);
  } else if (!destination.startsWith("/")) {
    const reason = `${quote(destination)} is relative, which is deprecated; taken as below /`;
    yield warning(`${path}.destination`, reason, clause);
  }
  const bind = mount.options?.some((option) => option === "bind" || option === "rbind");
  if (bind && mount.source === undefined)
    yield invalid(`${path}.source`, "is required for a bind mount", clause);
  if (mount.options?.includes("tmpcopyup") && (bind || mount.type !== "tmpfs")) {
    const reason = "tmpcopyup is for a tmpfs, and ignored";
    yield warning(`${path}.options`, reason, "config.md#linux-mount-options");
  }
}

function* idmapRules(mount: Mount, path: string, hasUserNamespace: boolean): Iterable<Finding> {
  const { uidMappings = [], gidMappings = [] } = mount;
  const asked = mount.options?.some((option) => option === "idmap" || option === "ridmap") ?? false;
  const clause = "config.md#posix-platform-mounts";
  if (uidMappings.length > 0 !== gidMappings.length > 0) {
    yield invalid(path, "uidMappings and gidMappings must be given together", clause);
  }
  yield* mappingRules(uidMappings, `${path}.uidMappings`);
  yield* mappingRules(gidMappings, `${path}.gidMappings`);
  if (uidMappings.length > 0 && !asked) {
    yield warning(`${path}.options`, "should have idmap or ridmap, since there are mappings", clause);
  }
  if (asked && uidMappings.length === 0 && gidMappings.length === 0 && !hasUserNamespace) {
    const reason = "idmap needs uidMappings and gidMappings, or a user namespace";
    yield invalid(`${path}.options`, reason, "config.md#linux-mount-options");
  }
}
