/** The child's part of a launch: it builds the container around itself and then becomes its first process. */

import { BrigError } from "../../base/errors.ts";
import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import * as P from "../../kernel/abi/process.ts";
import { AF_NETLINK, NETLINK_ROUTE, SOCK_CLOEXEC, SOCK_RAW } from "../../kernel/abi/socket.ts";
import { setLink } from "../../kernel/netlink/link.ts";
import { output, type Slot } from "../../kernel/program/argument.ts";
import type { CompiledSeccomp } from "../../kernel/seccomp/filter.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { Process } from "../../spec/runtime/process.ts";
import { processToStart } from "../../spec/runtime/process-to-start.ts";
import { sysctlPath } from "../../spec/runtime/sysctl.ts";
import { become, everyCapability } from "./become.ts";
import { requireCommand } from "./command.ts";
import { writeProc } from "./confine.ts";
import { type Console, openConsole, sendConsole, useConsole } from "./console.ts";
import { hasNamespace, type LaunchContext, newNamespace } from "./context.ts";
import { makeDevices } from "./devices.ts";
import { hasLaunchHooks, runHooks } from "./hooks.ts";
import { type Opened, openHostPaths } from "./host-paths.ts";
import { installInit } from "./init.ts";
import type { Link } from "./link.ts";
import { maskPaths, protectPaths } from "./masks.ts";
import { attachMounts } from "./mounts.ts";
import { becomeRoot, joinTypes } from "./namespaces.ts";
import type { LaunchOptions } from "./options.ts";
import type { Prepared } from "./parent.ts";
import { joinKeyring } from "./process-state.ts";
import { attachRoot, finishRoot, keepMountsIn, pivot, setAttributes } from "./rootfs.ts";
import { inRoot, openTarget } from "./target.ts";
import { entersFirst } from "./usher.ts";

const SIGKILL = 9;

export interface Built extends Prepared {
  readonly console?: Console;
  readonly nothing?: Slot;
}

/** From the birth of the process to a complete tree of mounts. */
export function prepareChild(
  c: LaunchContext,
  options: LaunchOptions,
  state: Prepared & { readonly link: Link; readonly waits: boolean },
): Built {
  const { child: p, config } = c;
  const { link } = state;
  p.close(link.parent);
  p.call("die if the parent does", "prctl", [P.PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0]);
  p.call("lead a session of its own", "setsid", []);
  joinTypes(c, p, entersFirst(config) ? ["mount"] : ["network", "ipc", "uts", "mount", "cgroup"]);
  if (newNamespace(config, "user") || state.waits) link.awaitGo(p, "wait for the parent");
  if (hasNamespace(config, "user")) becomeRoot(p);
  // The executor kills its own children alone, and the change of user took this back (prctl(2)).
  if (entersFirst(config))
    p.call("still die if the parent does", "prctl", [P.PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0]);
  p.append(options.cgroup?.join ?? []);
  if (options.cgroup?.joined) link.tell(p, "say that it is in its cgroup");
  if (newNamespace(config, "cgroup"))
    p.call("make its cgroup the root of a cgroup namespace", "unshare", [P.CLONE_NEWCGROUP], {
      from: "linux.namespaces",
    });
  if (options.keyring !== undefined) joinKeyring(p, options.keyring);
  openProc(c);
  if (!hasNamespace(config, "mount")) return { ...state, ...changeRoot(c, options) };
  const opened = state.opened ?? openHostPaths(c, options, state.mappings);
  return { ...state, ...buildTree(c, options, opened) };
}

/** Host and container are cut apart here: what was opened before is all that the container gets of the host. */
function buildTree(
  c: LaunchContext,
  options: LaunchOptions,
  opened: Opened,
): Pick<Built, "console" | "nothing"> {
  const { child: p, config } = c;
  if (c.opener !== p) keepMountsIn(p);
  if (options.root.kind === "directory") {
    const receives = config.linux?.rootfsPropagation?.endsWith("slave");
    setAttributes(
      p,
      c.root,
      { propagation: receives ? M.MS_SLAVE : M.MS_PRIVATE, recursive: true },
      receives ? "let the host's mounts come into the root" : "keep mounts out of the root",
      receives ? "linux.rootfsPropagation" : "root.path",
    );
  }
  // Hooks look for the root at its path on the host.
  const visible =
    hasLaunchHooks(config) && options.root.kind === "directory" && !hasNamespace(config, "user");
  attachRoot(c, visible && options.root.kind === "directory" ? options.root.path : "/");
  attachMounts(c, opened.mounts, options.cgroup?.mounts ?? [], options.copyUps);
  makeDevices(c, opened.devices);
  if (options.init) installInit(c, options.init);
  const cwd = config.process?.cwd ?? "/";
  if (options.makeWorkingDirectory && inRoot(cwd) !== "")
    openTarget(p, {
      root: c.root,
      path: cwd,
      into: c.scratch[0],
      kind: "directory",
      scratch: c.scratch[1],
      from: "process.cwd",
    });
  const { nothing } = opened;
  const console = config.process?.terminal ? openConsole(c, config.process.consoleSize) : undefined;
  return { ...(console ? { console } : {}), ...(nothing ? { nothing } : {}) };
}

/** Without a mount namespace nothing can be mounted or pivoted: the root is only changed. */
function changeRoot(c: LaunchContext, options: LaunchOptions): Pick<Built, "console"> {
  if (options.root.kind !== "directory" || c.config.mounts?.length)
    throw new BrigError("invalid", "cannot mount without a mount namespace; add one to linux.namespaces");
  c.child.call(
    "open the root directory",
    "openat",
    [F.AT_FDCWD, options.root.path, F.O_PATH | F.O_DIRECTORY | F.O_CLOEXEC, 0],
    {
      slot: c.root,
      from: "root.path",
    },
  );
  return {};
}

function openProc(c: LaunchContext): void {
  const p = c.child;
  const context = c.scratch[0];
  p.call("make a procfs for our own use", "fsopen", ["proc", M.FSOPEN_CLOEXEC], { slot: context });
  p.call("create it", "fsconfig", [context, M.FSCONFIG_CMD_CREATE, 0, 0, 0]);
  p.call(
    "mount it where no path leads",
    "fsmount",
    [context, M.FSMOUNT_CLOEXEC, M.MOUNT_ATTR_NOSUID | M.MOUNT_ATTR_NODEV | M.MOUNT_ATTR_NOEXEC],
    { slot: c.proc },
  );
  p.close(context);
}

/** From the tree of mounts to the command. */
export function finishChild(
  c: LaunchContext,
  options: LaunchOptions,
  state: Built & { readonly link: Link; readonly pid?: number },
): void {
  const { child: p, config } = c;
  const { link, pid } = state;
  const process = processToStart(config);
  if (state.console && state.consoleSocket) sendConsole(p, state.console, state.consoleSocket);
  if (state.console && state.master) {
    p.call("keep our end of the terminal for the shim", "dup3", [
      state.console.master,
      state.master.fd,
      F.O_CLOEXEC,
    ]);
    link.tell(p, "say that the terminal is there");
  }
  link.awaitGo(p, "wait for the parent");
  if (state.master) p.close(state.master);
  if (pid !== undefined)
    runHooks(
      p,
      "createContainer",
      config.hooks?.createContainer,
      options.state(pid, "creating", "container"),
    );
  if (hasNamespace(config, "mount")) {
    pivot(c, options.usePivot ?? true);
    finishRoot(c);
    maskPaths(c, state.nothing);
    protectPaths(c);
  } else {
    p.call("change to the root directory", "fchdir", [c.root], { from: "root.path" });
    p.call("confine paths to it", "chroot", ["."], { from: "root.path" });
  }
  nameHost(c);
  bringUpNetwork(c, options);
  setSysctls(c);
  p.append(options.stdio ?? []);
  if (state.console) useConsole(p, state.console, process.user.uid);
  startCommand(c, options, { ...state, process });
}

function nameHost({ child: p, config }: LaunchContext): void {
  const { hostname, domainname } = config;
  if (hostname !== undefined)
    p.call(`set the host name ${hostname}`, "sethostname", [hostname, Buffer.byteLength(hostname)], {
      from: "hostname",
    });
  if (domainname !== undefined)
    p.call(
      `set the domain name ${domainname}`,
      "setdomainname",
      [domainname, Buffer.byteLength(domainname)],
      { from: "domainname" },
    );
}

function bringUpNetwork(c: LaunchContext, options: LaunchOptions): void {
  if (!newNamespace(c.config, "network")) return;
  const socket = c.slots.slot("rtnetlink of the container");
  const p = c.child;
  p.call("talk to the container's network", "socket", [AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE], {
    slot: socket,
    from: "linux.namespaces",
  });
  const loopback = setLink({ name: "lo" }, { up: true });
  p.netlink("bring up the loopback interface", {
    socket,
    messages: loopback.bytes,
    text: loopback.text,
    from: "linux.namespaces",
  });
  p.append(options.network?.container(socket) ?? []);
  p.close(socket);
}

function setSysctls(c: LaunchContext): void {
  const [scratch] = c.scratch;
  for (const [name, value] of Object.entries(c.config.linux?.sysctl ?? {})) {
    const path = sysctlPath(name);
    if (path === undefined)
      throw new BrigError("invalid", `cannot set the sysctl ${JSON.stringify(name)}: not a name of one`);
    writeProc(c.child, {
      proc: c.proc,
      scratch,
      file: `sys/${path}`,
      text: value,
      why: `set ${name} to ${value}`,
      from: `linux.sysctl.${name}`,
    });
  }
}

function startCommand(
  c: LaunchContext,
  options: LaunchOptions,
  state: Built & { readonly link: Link; readonly pid?: number; readonly process: Process },
): void {
  const { child: p, config } = c;
  const { process, link, pid } = state;
  const { personality, memoryPolicy } = config.linux ?? {};
  const seccomp = seccompOf(config, options);
  const hooks = pid === undefined ? undefined : config.hooks?.startContainer;
  become(p, {
    process,
    ...(seccomp ? { seccomp } : {}),
    ...(personality ? { personality } : {}),
    ...(memoryPolicy ? { memoryPolicy } : {}),
    grantable: hasNamespace(config, "user") ? everyCapability : options.grantable,
    supervised: options.mode.kind === "supervise" || (entersFirst(config) && waits(options.mode)),
    preserve: options.preserve ?? 0,
    keep: [link.child, ...[state.fifo, state.hooked].filter((fifo) => fifo !== undefined)],
    scored: hasNamespace(config, "user"),
    proc: c.proc,
    scratch: c.scratch[0],
    ...(options.exactLimits ? { exactLimits: true } : {}),
    ...(state.listener ? { listener: state.listener } : {}),
    // Hooks run unconfined, so where there are some the wait for start comes before the confinement.
    unconfined: () => {
      if (!hooks?.length) return;
      awaitStart(p, state);
      runHooks(p, "startContainer", hooks, options.state(pid!, "created", "container"));
      if (!state.hooked) return;
      p.call("tell start that the hooks have run", "write", [state.hooked, Buffer.from("h"), 1]);
      p.close(state.hooked);
    },
    confined: () => {
      if (options.mode.kind === "create" && !hooks?.length) requireCommand(p, process);
      if (state.listener) {
        link.tell(p, "say that the filter is there");
        link.awaitGo(p, "wait until the agent has the listener");
      }
      if (!hooks?.length) awaitStart(p, state);
    },
  });
}

/** The executor stays for the command's end. */
function waits(mode: LaunchOptions["mode"]): boolean {
  return mode.kind === "run" && mode.wait;
}

/** `create` ends here; `start` writes a byte. */
function awaitStart(p: LaunchContext["child"], { fifo, link }: Built & { readonly link: Link }): void {
  if (!fifo) return;
  link.tell(p, "say that the container is created");
  p.close(link.child);
  p.call("wait for start", "read", [fifo, output(1), 1], { expect: 1 });
}

/** A process is never started without the filter that its config asks for. */
function seccompOf({ linux }: RuntimeConfig, { seccomp }: LaunchOptions): CompiledSeccomp | undefined {
  if (linux?.seccomp !== seccomp?.profile) throw new Error("linux.seccomp is not what was compiled");
  return seccomp;
}
