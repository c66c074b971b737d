/**
 * `--userns`: what a user namespace of its own changes in a container's config. Its root owns what is the container's:
 * the image's files, volumes, and the files that brig makes for it; folders of the host have their owners, unless they
 * are mapped on demand (`:idmap`).
 */

import { BrigError } from "../../base/errors.ts";
import { KernelFailure } from "../../kernel/executor/failure.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { Process } from "../../spec/runtime/process.ts";
import type { IdRange } from "../ids/range.ts";
import type { ContainerSpec } from "./spec.ts";

/** Its own, or another container's. */
export function hasUserNamespace({ namespaces }: Pick<ContainerSpec, "namespaces">): boolean {
  return namespaces?.user !== undefined && namespaces.user.kind !== "host";
}

/** `linux.uidMappings` and `gidMappings`. */
export function mappingsOf({ first, size }: IdRange) {
  return [{ containerID: 0, hostID: first, size }];
}

/** The option of a bind by which its owners are mapped. */
export const mapped = (ids: IdRange | undefined): readonly string[] => (ids ? ["idmap"] : []);

/** Of a devpts: terminals belong to the group tty, where there is one. */
export function terminalGroup(ids: IdRange | undefined): readonly string[] {
  return ids === undefined || ids.size > ttyGroup ? [`gid=${ttyGroup}`] : [];
}

const ttyGroup = 5;

/** The last group that may ping without privileges: one that there is (ip-sysctl.rst, ping_group_range). */
export function lastGroup(ids: IdRange | undefined): number {
  return ids ? ids.size - 1 : 2 ** 31 - 1;
}

/** Throws for a user or group that the user namespace has no id for. */
export function checkUser({ user }: Pick<Process, "user">, ids: IdRange | undefined): void {
  const { uid, gid, additionalGids = [] } = user;
  if (!ids) return;
  const beyond = [uid, gid, ...additionalGids].find((id) => id >= ids.size);
  if (beyond === undefined) return;
  throw new BrigError(
    "invalid",
    `cannot run as user ${uid}:${gid}: its user namespace has the ids 0 to ${ids.size - 1}, and not ${beyond}; ask for more (--userns auto:size=${beyond + 1})`,
  );
}

/** Why a mount could not be mapped, which the kernel tells by one errno. */
export function mappingFailure(error: unknown): unknown {
  if (!(error instanceof KernelFailure) || error.errno !== "EINVAL") return error;
  const { instruction: i } = error;
  if (i.kind !== "call" || i.name !== "mount_setattr" || !i.why.startsWith("map the owners of "))
    return error;
  return new BrigError(
    "unsupported",
    `cannot ${i.why}: the file system there cannot do that with this kernel (ext4, xfs and btrfs can, tmpfs since Linux 6.3); leave idmap or --userns out`,
    { cause: error },
  );
}

/** v2: whose the cgroup is when the container may make others below it: its root's, by the host's id. */
export function cgroupOwner({ linux, mounts }: RuntimeConfig): number | undefined {
  const has = (type: string) => linux?.namespaces?.some((n) => n.type === type && n.path === undefined);
  const mount = mounts?.find(({ type }) => type === "cgroup");
  if (!has("user") || !has("cgroup") || !mount || mount.options?.includes("ro")) return undefined;
  return linux?.uidMappings?.[0]?.hostID;
}

/** Overlays on layers with mapped owners. */
const needed = [5, 19] as const;

/** Throws where the kernel could not do it, or what is asked for beside it cannot be had with it. */
export function checkUserNamespace(spec: ContainerSpec, kernel: readonly [number, number]): void {
  if (!hasUserNamespace(spec)) {
    if (spec.mounts?.some((mount) => "idmap" in mount && mount.idmap))
      throw new BrigError(
        "invalid",
        "cannot map the owners of a mount: idmap is for containers with a user namespace; use --userns private",
      );
    return;
  }
  const [major, minor] = kernel;
  if (major < needed[0] || (major === needed[0] && minor < needed[1]))
    throw new BrigError(
      "unsupported",
      `cannot give the container a user namespace: overlays on mapped layers need Linux ${needed.join(".")}, and this is ${kernel.join(".")}`,
    );
  const found = refusals.find(([holds]) => holds(spec));
  if (found) throw new BrigError("unsupported", `cannot give the container a user namespace: ${found[1]}`);
}

const refusals: readonly (readonly [holds: (spec: ContainerSpec) => boolean, reason: string])[] = [
  [
    ({ runtime }) => runtime !== undefined,
    "--userns is not supported with another runtime; leave --runtime and --isolation out",
  ],
  [
    ({ namespaces = {} }) => namespaces.pid?.kind === "host",
    "it may not mount /proc for the PID namespace of the host; leave --pid host out, or use --userns host",
  ],
  [
    (spec) => joinsOther(spec, "pid"),
    "it may not mount /proc for a PID namespace that belongs to another user namespace; join that as well (--userns container:NAME)",
  ],
  [
    (spec) => joinsOther(spec, "ipc"),
    "it may not mount /dev/mqueue for an IPC namespace that belongs to another user namespace; join that as well (--userns container:NAME)",
  ],
];

/** Names are resolved to ids by then. */
function joinsOther({ namespaces = {} }: ContainerSpec, type: "pid" | "ipc"): boolean {
  const [mode, user] = [namespaces[type], namespaces.user];
  if (mode?.kind !== "container") return false;
  return user?.kind !== "container" || user.container !== mode.container;
}
