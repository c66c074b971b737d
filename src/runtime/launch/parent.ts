/** The parent's part of a launch: what lives on the host, and what the child cannot do for itself. */

import * as F from "../../kernel/abi/files.ts";
import { P_PIDFD, WEXITED } from "../../kernel/abi/process.ts";
import { AF_UNIX, MSG_NOSIGNAL, SOCK_CLOEXEC, SOCK_STREAM } from "../../kernel/abi/socket.ts";
import { output, type Slot } from "../../kernel/program/argument.ts";
import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import { fdMessage, unixAddress } from "../../kernel/program/unix-socket.ts";
import { seccompFdName } from "../../spec/runtime/state.ts";
import { setOomScore } from "./confine.ts";
import { connectConsoleSocket } from "./console.ts";
import { hasNamespace, type LaunchContext, newNamespace } from "./context.ts";
import { runHooks } from "./hooks.ts";
import { type Opened, openHostPaths } from "./host-paths.ts";
import { type Mappings, makeMappings } from "./idmap.ts";
import type { Link } from "./link.ts";
import { cloneFlags, enterForChildren, writeIdMaps } from "./namespaces.ts";
import type { LaunchMode, LaunchOptions } from "./options.ts";
import { raiseLimits } from "./raise-limits.ts";
import { cloneByUsher, entersFirst } from "./usher.ts";

export interface Prepared {
  readonly consoleSocket?: Slot;
  readonly fifo?: Slot;
  readonly hooked?: Slot;
  /** Our end of a shim's terminal, and the fd of a seccomp listener: taken from the child. */
  readonly master?: Slot;
  readonly listener?: Slot;
  /** User namespaces that describe the mappings of mounts. */
  readonly mappings: Mappings;
  /** Host paths, where the parent had to open them. */
  readonly opened?: Opened;
}

export function prepareParent(c: LaunchContext, options: LaunchOptions): Prepared {
  const { parent, config, slots } = c;
  parent.call("start from an empty file mode mask", "umask", [0]);
  parent.append(options.before ?? []);
  const terminal = config.process?.terminal ?? false;
  const consoleSocket =
    terminal && options.consoleSocket ? connectConsoleSocket(c, options.consoleSocket) : undefined;
  const { mode } = options;
  const fifo = mode.kind === "create" ? openFifo(c, mode.fifo, "start fifo") : undefined;
  const hooked =
    mode.kind === "create" && mode.hooked ? openFifo(c, mode.hooked, "fifo of the hooks") : undefined;
  parent.append(options.cgroup?.create ?? []);
  const mappings = makeMappings(c, options.mapped ?? false);
  const opened = hasNamespace(config, "user") ? openHostPaths(c, options, mappings) : undefined;
  if (!entersFirst(config)) enterForChildren(c, parent);
  return {
    ...(consoleSocket ? { consoleSocket } : {}),
    ...(fifo ? { fifo } : {}),
    ...(hooked ? { hooked } : {}),
    ...(terminal && options.mode.kind === "supervise" ? { master: slots.slot("terminal of the shim") } : {}),
    ...(config.linux?.seccomp?.listenerPath === undefined
      ? {}
      : { listener: slots.slot("seccomp listener") }),
    mappings,
    ...(opened ? { opened } : {}),
  };
}

/** Open for both directions: opening does not wait, and there is no end of file while the child lives. */
function openFifo(c: LaunchContext, path: string, name: string): Slot {
  const fifo = c.slots.slot(name);
  c.parent.call(`open the ${name}`, "openat", [F.AT_FDCWD, path, F.O_RDWR | F.O_CLOEXEC | F.O_NOFOLLOW, 0], {
    slot: fifo,
  });
  return fifo;
}

export function cloneChild(c: LaunchContext, options: LaunchOptions, link: Link): void {
  if (options.limits && c.config.process) raiseLimits(c.parent, c.config.process, options.limits);
  link.open(c.parent);
  const clone = {
    why: "start the container's first process in its namespaces",
    flags: cloneFlags(c.config),
    role: "container",
    child: c.child.instructions,
    pidfd: link.pidfd,
    proc: link.proc,
    from: "linux.namespaces",
    ...(options.cgroup?.bornIn ? { cgroup: options.cgroup.bornIn } : {}),
  };
  if (entersFirst(c.config)) cloneByUsher(c, clone);
  else c.parent.clone(clone.why, clone);
}

export function finishParent(
  c: LaunchContext,
  options: LaunchOptions,
  state: Prepared & { readonly link: Link; readonly pid?: number },
): void {
  const { parent: p, config } = c;
  const { link, pid } = state;
  p.close(link.child);
  for (const slot of onlyForChild(c, state)) p.close(slot);
  p.append(options.cgroup?.release ?? []);
  p.append(options.after ?? []);
  const { uidMappings: uid = [], gidMappings: gid = [] } = config.linux ?? {};
  if (newNamespace(config, "user")) writeIdMaps(p, link.proc, c.scratch[0], { uid, gid });
  if (hasNamespace(config, "user") && config.process)
    setOomScore(p, config.process, { proc: link.proc, self: false, scratch: c.scratch[0] });
  if (pid !== undefined) {
    runHooks(p, "prestart", config.hooks?.prestart, options.state(pid, "creating"));
    runHooks(p, "createRuntime", config.hooks?.createRuntime, options.state(pid, "creating"));
  }
  if (newNamespace(config, "user") || pid !== undefined) link.go(p, "let the container set itself up");
  if (options.cgroup?.joined) {
    link.awaitChild(p, "wait until it is in its cgroup");
    p.append(options.cgroup.joined);
  }
  p.append(options.network?.host(link.proc) ?? []);
  if (state.master) {
    link.awaitChild(p, "wait for the container's terminal");
    takeFd(p, link.pidfd, state.master, "take our end of the terminal");
  }
  link.go(p, "let the container go on");
  if (state.listener && pid !== undefined) sendListener(c, options, state.listener, link, pid);
  const { mode } = options;
  if (mode.kind === "create") {
    link.awaitChild(p, "wait until the container is created");
    p.end("leave the container to its caller", { keep: true });
    return;
  }
  endLaunch(p, link, mode, state.master);
}

/** What a shim would hold for as long as the container lives: mounts of the host, and the container's root. */
function onlyForChild(c: LaunchContext, { mappings, opened }: Prepared): readonly Slot[] {
  const namespaces = [...mappings.mounts.values(), ...(mappings.root ? [mappings.root] : [])];
  const trees = opened ? [...opened.mounts, ...opened.devices].flatMap(({ tree }) => tree ?? []) : [];
  const own = opened ? [c.root, ...(opened.nothing ? [opened.nothing] : [])] : [];
  return [...new Set([...namespaces, ...trees, ...own])];
}

/** The command runs: the executor stays as a shim, waits to be told to wait, or leaves. */
export function endLaunch(
  p: ProgramBuilder,
  link: Link,
  mode: Exclude<LaunchMode, { kind: "create" }>,
  master: Slot | undefined,
): void {
  link.awaitExec(p);
  if (mode.kind === "supervise") {
    p.close(link.parent);
    p.supervise("supervise it", mode.describe({ pidfd: link.pidfd, ...(master ? { master } : {}) }));
  } else if (mode.wait) p.pause("report that the command runs");
  else p.end("leave it to the caller", { keep: true });
}

/** What a waiting `run` goes on with: the command's end, as a siginfo_t. */
export function waitForEnd(p: ProgramBuilder, pidfd: Slot): void {
  const info = output(128);
  p.call("wait for the command to end", "waitid", [P_PIDFD, pidfd, info, WEXITED, 0], {
    answer: { buffer: info, whole: true },
  });
}

/** The child holds the fd in the slot of the same number. */
export function takeFd(p: ProgramBuilder, pidfd: Slot, slot: Slot, why: string): void {
  p.call(why, "pidfd_getfd", [pidfd, slot.fd, 0], { slot });
}

/** config-linux.md#the-container-process-state: the agent gets the listener and learns whose it is. */
function sendListener(
  c: LaunchContext,
  options: LaunchOptions,
  listener: Slot,
  link: Link,
  pid: number,
): void {
  const { parent: p, config } = c;
  const from = "linux.seccomp.listenerPath";
  const socket = c.scratch[0];
  link.awaitChild(p, "wait for the system call filter");
  takeFd(p, link.pidfd, listener, "take the filter's listener");
  p.call("make a socket for the seccomp agent", "socket", [AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0], {
    slot: socket,
    from,
  });
  p.call(
    "connect to the seccomp agent",
    "connect",
    [socket, unixAddress(config.linux!.seccomp!.listenerPath!), 110],
    { from },
  );
  const metadata = config.linux?.seccomp?.listenerMetadata;
  const message = JSON.stringify({
    ociVersion: config.ociVersion,
    fds: [seccompFdName],
    pid,
    ...(metadata === undefined ? {} : { metadata }),
    state: JSON.parse(options.state(pid, "creating")),
  });
  p.call("hand over the listener", "sendmsg", [socket, fdMessage(listener, message), MSG_NOSIGNAL], { from });
  p.close(socket);
  p.close(listener);
  link.go(p, "let the container go on");
}
