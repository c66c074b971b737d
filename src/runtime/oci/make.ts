/**
 * Makes a container of a bundle: takes its id, launches it, and remembers it. `create` and `run` are this, each with
 * an ending of its own. A failure at any step leaves nothing (runtime.md#errors).
 */

import { BrigError } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import { UndoStack } from "../../base/undo.ts";
import { AT_FDCWD, S_IFIFO } from "../../kernel/abi/files.ts";
import { defaultDeviceRules } from "../../kernel/cgroup/devices/rules.ts";
import type { Executor } from "../../kernel/executor/executor.ts";
import { type HostFacts, hostFiles, readHostFacts } from "../../kernel/host.ts";
import { identifyProcess, innermostPid } from "../../kernel/procfs/process.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import { compiledSeccomp } from "../../kernel/seccomp/cache.ts";
import type { CompiledSeccomp } from "../../kernel/seccomp/filter.ts";
import { releaseCgroup } from "../../kernel/systemd/release.ts";
import { planSeat, type Seat } from "../../kernel/systemd/seat.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import { runtimeSpecVersion } from "../../spec/runtime/version.ts";
import { commandFailure } from "../launch/command.ts";
import type { CopyUps } from "../launch/copy-up.ts";
import { compileLaunch, type LaunchProgram } from "../launch/launch.ts";
import type { LaunchMode, LaunchOptions, NetworkPlan } from "../launch/options.ts";
import { type Bundle, readBundle } from "./bundle.ts";
import { type CgroupDriver, placeContainer, planCgroup } from "./cgroup.ts";
import { specState } from "./container-state.ts";
import type { OciContext } from "./context.ts";
import { readCopyUps } from "./copy-up.ts";
import { leave, startExecutor } from "./executor.ts";
import { addHome, hasHome, likelyHome, lookUpHome } from "./home.ts";
import { runPoststop } from "./host-hooks.ts";
import { planNetDevices } from "./net-devices.ts";
import { perform } from "./perform.ts";
import { writePidFile } from "./pid-file.ts";
import type { ContainerRecord } from "./record.ts";
import { ownStdio } from "./stdio.ts";

export interface MakeOptions {
  readonly id: string;
  /** Directory of the bundle. */
  readonly bundle: string;
  /** Another file than the bundle's config.json. */
  readonly configFile?: string;
  /** Gets the terminal's master; the caller of a foreground `run` has the terminal relayed instead. */
  readonly consoleSocket?: HostPath;
  readonly pidFile?: string;
  readonly usePivot: boolean;
  readonly newKeyring: boolean;
  /** Disabled leaves it in the caller's. */
  readonly cgroupDriver: CgroupDriver;
  /** Fds 3 … 2+n are passed on. */
  readonly preserve: number;
  /** The executor is to outlive signals that the terminal sends to the caller's process group. */
  readonly detached: boolean;
  /** Entries for the command's environment, besides those of the config. */
  readonly env: readonly string[];
}

/** What follows when the container is set up. */
export type Ending = "await start" | "leave" | "wait" | Extract<LaunchMode, { kind: "supervise" }>;

export interface Made {
  readonly record: ContainerRecord;
  readonly config: RuntimeConfig;
  readonly executor: Executor;
  readonly pid: number;
  /** The executor's hold on the process. */
  readonly pidfd: Slot;
}

export async function makeContainer(
  context: OciContext,
  options: MakeOptions,
  endingOf: (config: RuntimeConfig) => Ending,
): Promise<Made> {
  const { store } = context;
  const { id } = options;
  await using undo = new UndoStack();
  // It starts while the config is read.
  const executor = startExecutor(context, { preserve: options.preserve, detached: options.detached });
  undo.push("end the executor", () => leave(executor));
  const bundle = readBundle(options.bundle, context.warn, options.configFile);
  const ending = endingOf(bundle.config);
  store.create(id, bundle.text);
  let begun: ContainerRecord | undefined;
  undo.push(`remove the state of ${id}`, async () => {
    store.remove(id);
    if (begun) await runPoststop(context, bundle.config.hooks?.poststop, specState(begun, "stopped", 0));
  });
  let record = describe(context, options, bundle);
  store.write(record);
  const seat = await enterScope(executor, record, bundle.config);
  const { cgroup, scope } = record;
  if (cgroup) undo.push("remove the cgroup", () => releaseCgroup(cgroup, scope));
  // Undone before the cgroup and the state: what it launched dies with it.
  undo.push("end the executor", () => leave(executor));
  const facts = readHostFacts();
  const network = await planNetDevices(executor, bundle.config);
  const copyUps = await readCopyUps(executor, bundle.rootfs, bundle.config);
  const profile = bundle.config.linux?.seccomp;
  const seccomp = profile && (await compiledSeccomp(context.store.filtersPath(), profile));
  const { config, program } = await compile(
    executor,
    bundle.rootfs,
    completed(bundle.config, options.env, facts),
    (config) =>
      compileLaunch(
        config,
        launchOptions(context, {
          facts,
          options,
          ending,
          executor,
          bundle,
          config,
          record,
          network,
          copyUps,
          seccomp,
          seat,
        }),
      ),
  );
  const { pid, warnings } = await perform(executor, program, (pid) => {
    const process = identifyProcess(pid);
    begun = record = { ...record, ...(process ? { process } : {}) };
    if (program.next) store.write(record);
  }).catch((error) => {
    throw config.process ? commandFailure(error, config.process) : error;
  });
  for (const warning of warnings) context.warn(warning);
  const { creator: _, ...made } = record;
  store.write(made);
  if (options.pidFile !== undefined) writePidFile(options.pidFile, pid);
  undo.keep();
  return { record: made, config, executor, pid, pidfd: pidfdOf(program) };
}

function describe(
  context: OciContext,
  { id, cgroupDriver }: MakeOptions,
  { path, rootfs, config }: Bundle,
): ContainerRecord {
  const creator = identifyProcess(process.pid);
  return {
    ociVersion: runtimeSpecVersion,
    id,
    bundle: path,
    rootfs,
    created: context.now().toISOString(),
    owner: context.owner,
    ...(config.annotations ? { annotations: config.annotations } : {}),
    namespaces: (config.linux?.namespaces ?? []).map(({ type }) => type),
    ...placeContainer(config, id, cgroupDriver),
    ...(creator ? { creator } : {}),
  };
}

/** Where systemd makes the cgroup: the unit is there, kept by a process of the executor's. */
async function enterScope(
  executor: Executor,
  { scope, cgroup }: ContainerRecord,
  { linux, annotations }: RuntimeConfig,
): Promise<Seat | undefined> {
  if (!scope || !cgroup) return undefined;
  const { startScope } = await import("../../kernel/systemd/scope.ts");
  const seat = planSeat(executor.slots);
  const { resources } = linux ?? {};
  const defaultDevices = defaultDeviceRules;
  await startScope(executor, { scope, cgroup, seat, resources, defaultDevices, annotations });
  return seat;
}

/** The config with what is the caller's where the config does not say. */
function completed(config: RuntimeConfig, env: readonly string[], { umask }: HostFacts): RuntimeConfig {
  const { process } = config;
  if (!process) return config;
  const user = { umask, ...process.user };
  return { ...config, process: { ...process, env: [...(process.env ?? []), ...env], user } };
}

/** Compiles with the HOME that is likely while the executor looks it up, and again in the rare case that it is another. */
async function compile(
  executor: Executor,
  rootfs: string,
  config: RuntimeConfig,
  compileWith: (config: RuntimeConfig) => LaunchProgram,
): Promise<{ readonly config: RuntimeConfig; readonly program: LaunchProgram }> {
  const { process } = config;
  if (!process || hasHome(process)) return { config, program: compileWith(config) };
  const lookup = lookUpHome(executor, rootfs, process);
  // Compiling may throw first.
  lookup.catch(() => {});
  const withHome = (home: string) => ({ ...config, process: addHome(process, home) });
  const guess = likelyHome(process);
  const likely = withHome(guess);
  const program = compileWith(likely);
  const home = await lookup;
  if (home === guess) return { config: likely, program };
  const known = withHome(home);
  return { config: known, program: compileWith(known) };
}

function launchOptions(
  context: OciContext,
  of: {
    readonly facts: HostFacts;
    readonly options: MakeOptions;
    readonly ending: Ending;
    readonly executor: Executor;
    readonly bundle: Bundle;
    readonly config: RuntimeConfig;
    readonly record: ContainerRecord;
    readonly network: NetworkPlan | undefined;
    readonly copyUps: CopyUps;
    readonly seccomp: CompiledSeccomp | undefined;
    readonly seat: Seat | undefined;
  },
): LaunchOptions {
  const { options, ending, executor, bundle, config, record, seat } = of;
  const { consoleSocket } = options;
  const fifo = context.store.fifoPath(record.id);
  const hooked = config.hooks?.startContainer?.length ? context.store.hookedPath(record.id) : undefined;
  const user = config.process?.user;
  const host = { slots: executor.slots, ...of.facts };
  return {
    bundle: bundle.path,
    root: { kind: "directory", path: bundle.rootfs },
    ...host,
    host: hostFiles,
    mode: modeOf(ending, fifo, hooked),
    ...(record.cgroup
      ? { cgroup: planCgroup(record.cgroup, config, { ...host, ...(seat ? { seat } : {}) }) }
      : {}),
    ...(of.network ? { network: of.network } : {}),
    copyUps: of.copyUps,
    ...(consoleSocket === undefined ? {} : { consoleSocket }),
    usePivot: options.usePivot,
    ...(of.seccomp ? { seccomp: of.seccomp } : {}),
    makeWorkingDirectory: true,
    ...(options.newKeyring ? { keyring: `_ses.${record.id}` } : {}),
    preserve: options.preserve,
    ...(ending === "await start" ? { before: makeFifos([fifo, ...(hooked ? [hooked] : [])]) } : {}),
    ...(user && !config.process?.terminal ? { stdio: ownStdio(user) } : {}),
    exactLimits: true,
    state: (pid, status, seenBy = "host") =>
      JSON.stringify(specState(record, status, seenBy === "container" ? innermostPid(pid) : pid)),
  };
}

function modeOf(ending: Ending, fifo: HostPath, hooked: HostPath | undefined): LaunchMode {
  if (typeof ending === "object") return ending;
  return ending === "await start"
    ? { kind: "create", fifo, ...(hooked ? { hooked } : {}) }
    : { kind: "run", wait: ending === "wait" };
}

function makeFifos(paths: readonly HostPath[]) {
  const p = new ProgramBuilder();
  for (const path of paths) p.call("make a fifo for start", "mknodat", [AT_FDCWD, path, S_IFIFO | 0o600, 0]);
  return p.instructions;
}

function pidfdOf(program: LaunchProgram): Slot {
  const clones = program.first.filter((i) => i.kind === "clone");
  // An usher is the parent's clone, and makes the container.
  const all = [...clones, ...clones.flatMap((c) => c.child.filter((i) => i.kind === "clone"))];
  const clone = all.find(({ role }) => role === "container");
  if (!clone?.pidfd)
    throw new BrigError("internal", "cannot hold the container's process: the program keeps no pidfd");
  return clone.pidfd;
}
