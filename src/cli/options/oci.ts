/**
 * The command line of `brig oci`: an OCI runtime that containerd, CRI-O, Podman and Docker can call.
 *
 * Commands and flags are runc's, with crun's `--cgroup-manager` and `--config`. Engines read the exit code and
 * the log file, so complaints are one line.
 */

import { command } from "../flags/command.ts";
import { initially } from "../flags/flag.ts";
import { program } from "../flags/program.ts";
import { runcDialect } from "../flags/runc-dialect.ts";
import { swapBytes } from "../flags/types/bytes.ts";
import { duration } from "../flags/types/duration.ts";
import { integer, parseInteger, unsigned16 } from "../flags/types/integer.ts";
import { list, listOf, oneOf, text } from "../flags/types/text.ts";
import { toggle } from "../flags/types/toggle.ts";

const container = { usage: "CONTAINER", operands: { least: 1, most: 1 } } as const;

const globals = command({
  summary: "",
  usage: "COMMAND [ARG...]",
  operands: { least: 0 },
  interspersed: false,
  flags: {
    cgroupManager: {
      type: oneOf(["cgroupfs", "systemd", "disabled"] as const, (name) => `unknown cgroup manager '${name}'`),
      help: "Who makes cgroups (cgroupfs, systemd, disabled)",
    },
    criu: { type: text, help: "Accepted and not used: checkpoints are not implemented" },
    debug: { type: toggle, help: "Log more" },
    log: { type: text, help: "File to write the log to, instead of STDERR" },
    logFormat: {
      type: initially(
        oneOf(["text", "json"], (name) => `invalid log-format: ${name}`),
        "text",
      ),
      help: "Format of the log (text, json)",
    },
    root: { type: text, help: "Where the state of containers is kept" },
    rootless: { type: text, help: "Go on where cgroups may not be changed (true, false, auto)" },
    systemdCgroup: { type: toggle, help: "Let systemd make cgroups; cgroupsPath is SLICE:PREFIX:NAME" },
    version: { type: toggle, short: "v", help: "Print the version" },
  },
});

const bundle = {
  type: text,
  short: "b",
  help: "Directory with config.json and the root file system (.)",
} as const;
const pidFile = { type: text, help: "File to write the process's id to" } as const;
const consoleSocket = { type: text, help: "Socket that receives the terminal's master end" } as const;
const preserveFds = { type: initially(integer, 0), help: "Pass on this many files after STDERR" } as const;
const outputFormat = {
  type: initially(
    oneOf(["table", "json"], () => "invalid format option"),
    "table",
  ),
  short: "f",
  help: "How to print it (table, json)",
} as const;

const createFlags = {
  bundle,
  config: { type: text, short: "f", help: "Configuration file instead of config.json" },
  consoleSocket,
  noNewKeyring: { type: toggle, help: "Keep the caller's session keyring" },
  noPivot: { type: toggle, help: "Change the root without pivot_root(2), for roots in the initial ramdisk" },
  pidFile,
  preserveFds,
} as const;

const create = command({
  summary: "Make a container from a bundle, ready to start",
  ...container,
  flags: createFlags,
});

const run = command({
  summary: "Make a container from a bundle and start it",
  ...container,
  flags: {
    ...createFlags,
    detach: { type: toggle, short: "d", help: "Do not wait for it" },
    keep: { type: toggle, help: "Do not delete it when it has ended" },
    noSubreaper: { type: toggle, help: "Do not adopt processes that lose their parent" },
  },
});

const start = command({ summary: "Start a container that was made", ...container, flags: {} });
const state = command({ summary: "Print the state of a container", ...container, flags: {} });
const pause = command({ summary: "Freeze every process of a container", ...container, flags: {} });
const resume = command({ summary: "Let the processes of a frozen container go on", ...container, flags: {} });

const remove = command({
  summary: "Delete what a container that has ended leaves behind",
  ...container,
  flags: { force: { type: toggle, short: "f", help: "Kill it first if it runs" } },
});

const kill = command({
  summary: "Send a signal to a container, SIGTERM if none is named",
  usage: "CONTAINER [SIGNAL]",
  operands: { least: 1, most: 2 },
  flags: { all: { type: toggle, short: "a", help: "Send it to every process of the container" } },
});

const exec = command({
  summary: "Run another process in a container",
  usage: "CONTAINER [COMMAND] [ARG...]",
  operands: { least: 1 },
  interspersed: false,
  flags: {
    additionalGids: {
      type: listOf((gid) => parseInteger(gid, 0n, 2n ** 32n - 2n)),
      short: "g",
      help: "Further group id",
    },
    apparmor: { type: text, help: "AppArmor profile" },
    cap: { type: list, short: "c", help: "Further capability" },
    cgroup: { type: list, help: "Existing cgroup below the container's ([CONTROLLER:]PATH)" },
    consoleSocket,
    cwd: { type: text, help: "Directory to run in" },
    detach: { type: toggle, short: "d", help: "Do not wait for it" },
    env: { type: list, short: "e", help: "Set an environment variable" },
    ignorePaused: { type: toggle, help: "Also in a container that is frozen" },
    noNewPrivs: { type: toggle, help: "Forbid it to gain privileges" },
    pidFile,
    preserveFds,
    process: { type: text, short: "p", help: "File that describes the process" },
    processLabel: { type: text, help: "SELinux label" },
    tty: { type: toggle, short: "t", help: "Give it a pseudo-terminal" },
    user: { type: text, short: "u", help: "User and group id (UID[:GID])" },
  },
});

const listContainers = command({
  summary: "List containers",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: { format: outputFormat, quiet: { type: toggle, short: "q", help: "Print ids only" } },
});

const ps = command({
  summary: "List the processes of a container",
  usage: "CONTAINER [PS OPTION...]",
  operands: { least: 1 },
  interspersed: false,
  flags: { format: outputFormat },
});

const update = command({
  summary: "Change the resource limits of a container",
  ...container,
  flags: {
    blkioWeight: { type: unsigned16, help: "Share of disk bandwidth, 10 to 1000" },
    cpuIdle: { type: integer, help: "1: run only when nobody else wants the CPU" },
    cpuPeriod: { type: integer, help: "Microseconds of one CPU accounting period" },
    cpuQuota: { type: integer, help: "Microseconds of CPU time in one period" },
    cpuShare: { type: integer, help: "Share of CPU time when CPUs are busy" },
    cpusetCpus: { type: text, help: "CPUs it may run on" },
    cpusetMems: { type: text, help: "Memory nodes it may use" },
    memory: { type: swapBytes, help: "Most memory it may use" },
    memoryReservation: { type: swapBytes, help: "Memory it is pushed back to when the host runs short" },
    memorySwap: { type: swapBytes, help: "Most memory and swap together; -1 for unlimited swap" },
    pidsLimit: { type: integer, help: "Most processes and threads" },
    resources: {
      type: text,
      short: "r",
      help: "File with limits (runtime-spec's linux.resources), or - for STDIN",
    },
  },
  refused: {
    "real-time scheduling of cgroups is not implemented": ["cpu-rt-period", "cpu-rt-runtime"],
    "the kernel has dropped limits of kernel memory": ["kernel-memory", "kernel-memory-tcp"],
    "limits of CPU caches are not implemented": ["l3-cache-schema", "mem-bw-schema"],
  },
});

const events = command({
  summary: "Print what happens to a container and what it uses",
  ...container,
  flags: {
    interval: { type: initially(duration, 5000), help: "Time between two reports" },
    stats: { type: toggle, help: "Print one report and end" },
  },
});

const spec = command({
  summary: "Write a config.json to start from",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: { bundle, rootless: { type: toggle, help: "For use without root's privileges" } },
});

const features = command({
  summary: "Print what this runtime can do, as JSON",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {},
});

export const ociProgram = program({
  name: "brig oci",
  globals,
  dialect: runcDialect,
  tables: {
    create,
    delete: remove,
    events,
    exec,
    features,
    kill,
    list: listContainers,
    pause,
    ps,
    resume,
    run,
    spec,
    start,
    state,
    update,
  },
  tree: {
    summary: "An OCI runtime with runc's commands and flags",
    commands: {
      create: "create",
      delete: "delete",
      events: "events",
      exec: "exec",
      features: "features",
      kill: "kill",
      list: "list",
      pause: "pause",
      ps: "ps",
      resume: "resume",
      run: "run",
      spec: "spec",
      start: "start",
      state: "state",
      update: "update",
    },
  },
});
