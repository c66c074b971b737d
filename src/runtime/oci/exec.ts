/** `exec`: one more process in a container. */

import { posix } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import type { Cgroup } from "../../kernel/cgroup/cgroup.ts";
import { compileJoin } from "../../kernel/cgroup/launch/join.ts";
import { habitable } from "../../kernel/cgroup/live/divided.ts";
import { readHostFacts } from "../../kernel/host.ts";
import { isRunning } from "../../kernel/procfs/process.ts";
import { compiledSeccomp } from "../../kernel/seccomp/cache.ts";
import { parseRuntimeConfig, type RuntimeConfig } from "../../spec/runtime/config.ts";
import { type Process, parseProcess } from "../../spec/runtime/process.ts";
import { processToStart } from "../../spec/runtime/process-to-start.ts";
import { validateProcess } from "../../spec/runtime/validate.ts";
import { commandFailure } from "../launch/command.ts";
import { compileExec, type ExecOptions, openContainer } from "../launch/exec.ts";
import { namespaceFlags } from "../launch/namespaces.ts";
import { readText } from "./bundle.ts";
import { isFrozen } from "./cgroup.ts";
import type { OciContext } from "./context.ts";
import { leave, startExecutor } from "./executor.ts";
import { awaitCommand, awaitTerminal, superviseTerminal, type TerminalRelay } from "./foreground.ts";
import { withHome } from "./home.ts";
import { clonedPid, warningsOf } from "./perform.ts";
import { writePidFile } from "./pid-file.ts";
import type { ContainerRecord } from "./record.ts";
import { SignalForwarder } from "./signal-forwarder.ts";
import { statusOf } from "./status.ts";
import { ownStdio } from "./stdio.ts";

export interface ExecRequest {
  readonly id: string;
  readonly command: ExecCommand;
  readonly detach: boolean;
  readonly consoleSocket?: HostPath;
  readonly pidFile?: string;
  readonly preserve: number;
  /** Below the container's cgroup: `PATH`, or for one controller `CONTROLLER:PATH`. */
  readonly cgroups: readonly string[];
  /** Also in a container that is paused: the process then waits to be thawed. */
  readonly ignorePaused: boolean;
  readonly relay: TerminalRelay;
}

/** A whole process from a file, or the container's own with changes. */
export type ExecCommand = { readonly kind: "file"; readonly path: string } | ProcessChanges;

export interface ProcessChanges {
  readonly kind: "changes";
  readonly args: readonly string[];
  readonly terminal: boolean;
  readonly cwd?: string;
  /** Added to the config's. */
  readonly env: readonly string[];
  readonly user?: { readonly uid: number; readonly gid?: number };
  readonly additionalGids: readonly number[];
  /** Added to the config's. */
  readonly capabilities: readonly string[];
  readonly apparmorProfile?: string;
  readonly selinuxLabel?: string;
  readonly noNewPrivileges?: boolean;
}

/** Resolves with the exit code of the command; 0 when detached. */
export async function execInContainer(context: OciContext, request: ExecRequest): Promise<number> {
  const { store } = context;
  const record = store.read(request.id);
  requireRunning(record, statusOf(store, record, isFrozen), request.ignorePaused);
  const config = parseRuntimeConfig(store.readConfig(record.id));
  const process = processOf(config, request.command, context.warn);
  requireConsole(process, request);
  using signals = request.detach ? undefined : new SignalForwarder();
  const executor = startExecutor(context, { preserve: request.preserve, detached: true });
  try {
    return await execute(context, request, {
      executor,
      record,
      config,
      process,
      ...(signals ? { signals } : {}),
    });
  } catch (error) {
    await leave(executor);
    throw commandFailure(error, process);
  }
}

async function execute(
  context: OciContext,
  request: ExecRequest,
  of: {
    readonly executor: ReturnType<typeof startExecutor>;
    readonly record: ContainerRecord;
    readonly config: RuntimeConfig;
    readonly process: Process;
    readonly signals?: SignalForwarder;
  },
): Promise<number> {
  const { executor, record, config } = of;
  const { kernel, grantable, umask } = readHostFacts();
  const process = await withHome(executor, `/proc/${record.process!.pid}/root`, {
    ...of.process,
    user: { umask, ...of.process.user },
  });
  const terminal = process.terminal ?? false;
  const relayed = terminal && !request.detach && request.consoleSocket === undefined;
  const cgroup = cgroupOf(record, request.cgroups);
  const profile = config.linux?.seccomp;
  const seccomp = profile && (await compiledSeccomp(context.store.filtersPath(), profile));
  const options: ExecOptions = {
    slots: executor.slots,
    container: { pid: record.process!.pid },
    namespaces: record.namespaces.reduce((flags, type) => flags | namespaceFlags[type], 0n),
    ...(seccomp ? { seccomp } : {}),
    grantable,
    ...(cgroup
      ? { cgroup: compileJoin(habitable(cgroup, record.process!.pid), executor.slots, kernel) }
      : {}),
    mode: relayed ? superviseTerminal : { kind: "run", wait: !request.detach },
    ...(request.consoleSocket === undefined ? {} : { consoleSocket: request.consoleSocket }),
    preserve: request.preserve,
    exactLimits: true,
    ...(terminal ? {} : { stdio: ownStdio(process.user) }),
  };
  const { first, pidfd } = openContainer(options);
  await executor.run(first);
  // The pidfd is held: if the process is still the container's, then the pidfd is the container's.
  if (!isRunning(record.process!)) requireRunning(record, "stopped", true);
  const { program, clone } = compileExec(process, pidfd, options);
  const outcome = await executor.run(program);
  for (const warning of warningsOf(outcome.answers)) context.warn(warning);
  const pid = clonedPid(outcome, "exec");
  of.signals?.to(pid);
  if (request.pidFile !== undefined) writePidFile(request.pidFile, pid);
  if (request.detach) {
    await leave(executor);
    return 0;
  }
  return relayed ? awaitTerminal(executor, request.relay) : awaitCommand(executor, clone);
}

/** The container's cgroup, or one below it that the caller chose. */
function cgroupOf({ cgroup }: ContainerRecord, chosen: readonly string[]): Cgroup | undefined {
  if (!cgroup || chosen.length === 0) return cgroup;
  const below = chosen.map((text) => /^(?:([^:/]*):)?(.*)$/.exec(text)!);
  return {
    ...cgroup,
    directories: cgroup.directories.map((directory) => {
      const named = below.findLast(([, controller]) =>
        controller?.split(",").some((c) => directory.controllers.includes(c) || directory.name === c),
      );
      const path = (named ?? below.findLast(([, controller]) => controller === undefined))?.[2] ?? "";
      // As if it were absolute, so that no ".." leads out of the container's.
      const inside = posix.join("/", path).replace(/\/$/, "");
      return { ...directory, path: `${directory.path}${inside}` };
    }),
  };
}

function requireRunning({ id }: ContainerRecord, status: string, ignorePaused: boolean): void {
  if (status === "stopped" || status === "creating")
    throw new BrigError("conflict", `cannot exec in ${id}: container is ${status}`);
  if (status === "paused" && !ignorePaused)
    throw new BrigError(
      "conflict",
      `cannot exec in a paused container; resume ${id} first, or use --ignore-paused`,
    );
}

function requireConsole({ terminal }: Process, { detach, consoleSocket }: ExecRequest): void {
  if (terminal && detach && consoleSocket === undefined)
    throw new BrigError(
      "invalid",
      "cannot allocate tty if the runtime will detach without setting console socket; use --console-socket",
    );
  if (consoleSocket !== undefined && !(terminal && detach))
    throw new BrigError(
      "invalid",
      "cannot use console socket if the runtime will not detach or allocate tty; use --tty and --detach",
    );
}

function processOf(config: RuntimeConfig, command: ExecCommand, warn: (message: string) => void): Process {
  const process =
    command.kind === "file"
      ? confinedAs(processToStart(config), parseProcess(readText(command.path), command.path))
      : changed(processToStart(config), command);
  const name = command.kind === "file" ? command.path : "process";
  for (const warning of validateProcess(process, name)) warn(warning);
  return process;
}

/** What a process file leaves out is that of the container, so that no exec has more rights than its first process. */
function confinedAs(base: Process, process: Process): Process {
  const { capabilities, apparmorProfile, selinuxLabel, rlimits } = base;
  return {
    ...(capabilities ? { capabilities } : {}),
    ...(apparmorProfile === undefined ? {} : { apparmorProfile }),
    ...(selinuxLabel === undefined ? {} : { selinuxLabel }),
    ...(rlimits ? { rlimits } : {}),
    ...process,
  };
}

function changed(base: Process, c: ProcessChanges): Process {
  const { consoleSize: _, ...kept } = base;
  return {
    ...kept,
    args: c.args,
    terminal: c.terminal,
    ...(c.cwd === undefined ? {} : { cwd: c.cwd }),
    env: [...(base.env ?? []), ...c.env],
    user: {
      ...base.user,
      ...(c.user ? { uid: c.user.uid, gid: c.user.gid ?? base.user.gid } : {}),
      additionalGids: [...(base.user.additionalGids ?? []), ...c.additionalGids],
    },
    ...(c.capabilities.length > 0 ? { capabilities: withCapabilities(base, c.capabilities) } : {}),
    ...(c.apparmorProfile === undefined ? {} : { apparmorProfile: c.apparmorProfile }),
    ...(c.selinuxLabel === undefined ? {} : { selinuxLabel: c.selinuxLabel }),
    ...(c.noNewPrivileges === undefined ? {} : { noNewPrivileges: c.noNewPrivileges }),
  };
}

/** Not inheritable (CVE-2022-29162); ambient only where the config has inheritable ones. */
function withCapabilities(
  { capabilities }: Process,
  added: readonly string[],
): NonNullable<Process["capabilities"]> {
  const sets = capabilities ?? {};
  const plus = (names: readonly string[] | undefined) => [...(names ?? []), ...added];
  return {
    ...sets,
    bounding: plus(sets.bounding),
    effective: plus(sets.effective),
    permitted: plus(sets.permitted),
    ...(sets.inheritable ? { ambient: plus(sets.ambient) } : {}),
  };
}
