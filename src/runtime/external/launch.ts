/**
 * A launch that ends in another OCI runtime: brig makes what is around the container (root, network, log, terminal,
 * shim), the runtime makes the container.
 *
 *   executor                              child, in mount and network namespaces of its own
 *     host's side of the network ── go ──▶   overlay at BUNDLE/rootfs, container's side of the network
 *                                            pauses with the account files, for the user in config.json
 *     wait ◀──── EOF ─────────────────────   execve RUNTIME create
 *     its end, the pid it wrote (`supervise` is compiled from it)
 *     terminal, cgroup's files, guard, RUNTIME start, supervise
 *
 * The container's first process is then a child of the shim, as one of our own launch is. The overlay is mounted
 * where only the container sees it, so nothing of it stays on the host.
 */

import type { HostPath } from "../../base/ids.ts";
import * as F from "../../kernel/abi/files.ts";
import { CLONE_NEWNET, CLONE_NEWNS } from "../../kernel/abi/process.ts";
import { AF_NETLINK, NETLINK_ROUTE, SOCK_CLOEXEC, SOCK_RAW } from "../../kernel/abi/socket.ts";
import { setLink } from "../../kernel/netlink/link.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import { sysctlPath } from "../../spec/runtime/sysctl.ts";
import { readAccounts } from "../launch/accounts.ts";
import { type LaunchContext, newNamespace } from "../launch/context.ts";
import type { LaunchProgram } from "../launch/launch.ts";
import { Link } from "../launch/link.ts";
import type { LaunchMode, LaunchOptions } from "../launch/options.ts";
import { attachRoot, keepMountsIn, openRoot } from "../launch/rootfs.ts";
import {
  adoptOrphans,
  awaitRuntime,
  executeRuntime,
  hide,
  joinNetwork,
  leaveParent,
  openProcess,
} from "./call.ts";
import { networkSysctls } from "./config.ts";
import { guardAgainstLoss } from "./guard.ts";
import { type ExternalRuntime, type RuntimeFiles, runtimeCommand } from "./runtime.ts";
import { listenForTerminal, receiveTerminal } from "./terminal.ts";

export interface ExternalOptions {
  readonly id: string;
  readonly runtime: ExternalRuntime;
  readonly files: RuntimeFiles;
  /** Mount points that the runtime must not see. */
  readonly hidden: readonly string[];
}

export interface ExternalLaunch extends Required<Pick<LaunchProgram, "first" | "become">> {
  readonly external: ExternalOptions & { readonly bundle: HostPath };
  /** After `become`, when the runtime has written the pid. */
  readonly supervise: (pid: number) => readonly Instruction[];
}

export type SupervisedLaunch = Omit<LaunchOptions, "mode"> & {
  readonly mode: Extract<LaunchMode, { kind: "supervise" }>;
};

export function compileExternalLaunch(
  config: RuntimeConfig,
  options: SupervisedLaunch,
  external: ExternalOptions,
): ExternalLaunch {
  const { slots, bundle } = options;
  const { isolatesNetwork } = external.runtime;
  const network = newNamespace(config, "network") && !isolatesNetwork;
  const { files } = external;
  const [parent, child] = [new ProgramBuilder(), new ProgramBuilder()];
  const link = new Link(slots);
  const command = runtimeCommand(external.runtime, files);
  const { terminal = false, consoleSize } = config.process ?? {};
  adoptOrphans(parent);
  parent.append(options.before ?? []);
  const socket = terminal ? listenForTerminal(parent, slots, files.console) : undefined;
  link.open(parent);
  parent.clone("start the process that becomes the runtime", {
    flags: CLONE_NEWNS | (network ? CLONE_NEWNET : 0n),
    role: "runtime",
    child: child.instructions,
    pidfd: link.pidfd,
    proc: link.proc,
    from: "linux.namespaces",
  });
  parent.close(link.child);
  parent.append(options.after ?? []);
  parent.append(options.network?.host(link.proc) ?? []);
  parent.close(link.proc);
  link.go(parent, "let the process go on");
  awaitRuntime(parent, link, "create the container");

  leaveParent(child, link);
  link.awaitGo(child, "wait for the parent");
  const c = contextOf(config, options, { parent, child });
  setUpRoot(c, options, external);
  if (network) setUpNetwork(c, options);
  readAccounts(child, c.root, c.scratch[0]);
  return {
    external: { ...external, bundle },
    first: parent.instructions,
    become: () => {
      const p = new ProgramBuilder();
      p.append(options.stdio ?? []);
      const console = terminal ? ["--console-socket", files.console] : [];
      executeRuntime(p, [
        ...command,
        ...["create", "--bundle", bundle, "--pid-file", files.pid, ...console, external.id],
      ]);
      return p.instructions;
    },
    supervise: (pid) => {
      const p = new ProgramBuilder();
      const pidfd = slots.slot("pidfd of the container");
      openProcess(p, pid, pidfd);
      const master = socket ? slots.slot("terminal of the shim") : undefined;
      if (socket && master) receiveTerminal(p, slots, socket, master, consoleSize);
      p.append(options.cgroup?.create ?? []);
      guardAgainstLoss(p, slots, pidfd);
      start(p, link, isolatesNetwork ? undefined : pidfd, [...command, "start", external.id]);
      p.supervise("supervise it", options.mode.describe({ pidfd, ...(master ? { master } : {}) }));
      return p.instructions;
    },
  };
}

function contextOf(
  config: RuntimeConfig,
  { slots, bundle, kernel }: SupervisedLaunch,
  { parent, child }: Pick<LaunchContext, "parent" | "child">,
): LaunchContext {
  const scratch = [slots.slot("scratch"), slots.slot("scratch 2")] as const;
  const [root, proc] = [slots.slot("root"), slots.slot("our procfs")];
  return { config, parent, child, opener: child, slots, root, proc, scratch, bundle, kernel };
}

function setUpRoot(c: LaunchContext, options: SupervisedLaunch, { hidden }: ExternalOptions): void {
  const { child: p, bundle } = c;
  const root = `${bundle}/rootfs`;
  keepMountsIn(p);
  p.call("make a place for the root", "mkdirat", [F.AT_FDCWD, root, 0o755], {
    from: "root.path",
    on: { EEXIST: "continue" },
  });
  openRoot(c, options.root);
  attachRoot(c, root);
  p.call("leave the image store", "chdir", ["/"]);
  hide(p, hidden);
}

function setUpNetwork(c: LaunchContext, options: SupervisedLaunch): void {
  const { child: p, config, slots, scratch } = c;
  const from = "linux.namespaces";
  const socket = slots.slot("rtnetlink of the container");
  p.call("talk to the container's network", "socket", [AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE], {
    slot: socket,
    from,
  });
  const { bytes: messages, text } = setLink({ name: "lo" }, { up: true });
  p.netlink("bring up the loopback interface", { socket, messages, text, from });
  p.append(options.network?.container(socket) ?? []);
  p.close(socket);
  for (const [name, value] of Object.entries(networkSysctls(config))) {
    // The host's procfs shows the settings of whoever opens them.
    const path = `/proc/sys/${sysctlPath(name) ?? name}`;
    const why = { from: `linux.sysctl.${name}` };
    const flags = F.O_WRONLY | F.O_CLOEXEC;
    p.call(`open ${path}`, "openat", [F.AT_FDCWD, path, flags, 0], { ...why, slot: scratch[0] });
    const bytes = Buffer.from(value);
    p.call(`set ${name} to ${value}`, "write", [scratch[0], bytes, bytes.length], why);
    p.close(scratch[0]);
  }
}

function start(p: ProgramBuilder, link: Link, network: Slot | undefined, command: readonly string[]): void {
  const child = new ProgramBuilder();
  leaveParent(child, link);
  if (network) joinNetwork(child, network);
  executeRuntime(child, command);
  link.open(p);
  p.clone("start the process that becomes the runtime", {
    flags: 0n,
    role: "runtime",
    child: child.instructions,
    pidfd: link.pidfd,
  });
  p.close(link.child);
  awaitRuntime(p, link, "start the container");
}
