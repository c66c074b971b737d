/**
 * The whole program of typical configs as text, compared with tests/golden: a change of the compiler shows as a change
 * of system calls, for review. `UPDATE_GOLDEN=1` writes the files anew. Nothing is run, and no root is needed.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { HostPath } from "../../base/ids.ts";
import { capabilityNames } from "../../kernel/capabilities.ts";
import { compileCgroup } from "../../kernel/cgroup/compile.ts";
import { parseCgroupsPath, placeCgroup } from "../../kernel/cgroup/path.ts";
import { v2 } from "../../kernel/cgroup/testbed/hierarchies.ts";
import { listing } from "../../kernel/explain/listing.ts";
import { joinSegments, type PrintedProcess, printProgram } from "../../kernel/explain/print.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { SlotAllocator } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import { compileSeccomp } from "../../kernel/seccomp/compile.ts";
import { planSeat, type Seat } from "../../kernel/systemd/seat.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import { defaultConfig } from "../../spec/runtime/default-config.ts";
import type { Mount } from "../../spec/runtime/mounts.ts";
import type { Process } from "../../spec/runtime/process.ts";
import { compileExec, openContainer } from "./exec.ts";
import { compileLaunch } from "./launch.ts";
import type { LaunchOptions } from "./options.ts";

/** Every capability: the listings have no line for each that is dropped. */
const all = { bounding: [...capabilityNames], effective: [], permitted: [], inheritable: [], ambient: [] };

const process0: Process = {
  user: { uid: 0, gid: 0 },
  args: ["/bin/sh"],
  env: ["PATH=/bin:/usr/bin"],
  cwd: "/",
  capabilities: all,
  noNewPrivileges: true,
};

/** As little as can be reviewed at a glance. */
const small: RuntimeConfig = {
  ociVersion: "1.2.0",
  root: { path: "rootfs" },
  process: process0,
  mounts: [{ destination: "/proc", type: "proc", source: "proc" }],
  linux: { namespaces: [{ type: "mount" }, { type: "pid" }] },
};

const linux = (more: RuntimeConfig["linux"]): RuntimeConfig => ({
  ...small,
  linux: { ...small.linux, ...more },
});

const userNamespace: RuntimeConfig["linux"] = {
  namespaces: [{ type: "mount" }, { type: "pid" }, { type: "user" }, { type: "cgroup" }],
  uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
  gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
};

const pts = { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance"] };
const hook = { path: "/usr/bin/hook", args: ["hook", "now"], env: ["A=1"], timeout: 5 };
const maps = [{ containerID: 0, hostID: 5000, size: 1000 }];

const filled: Mount = { destination: "/var", type: "tmpfs", options: ["ro", "tmpcopyup", "mode=700"] };
const file = { uid: 0, gid: 0, size: 0, modified: 1_700_000_000_000_000_000n, number: 0 };

interface Case {
  readonly config: RuntimeConfig;
  readonly options?: Partial<LaunchOptions>;
  /** A folder of our own, or a scope of systemd's. */
  readonly cgroup?: "folder" | "scope";
}

const cases: Readonly<Record<string, Case>> = {
  "default-spec": {
    config: defaultConfig,
    cgroup: "folder",
    options: { consoleSocket: "/run/tty.sock" as HostPath },
  },
  "user-namespace": {
    config: {
      ...linux({ ...userNamespace, maskedPaths: ["/proc/kcore"] }),
      mounts: [
        ...small.mounts!,
        { destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro", "nosuid"] },
      ],
    },
  },
  "scope-of-systemd": {
    config: linux({ ...userNamespace, resources: { pids: { limit: 1 } } }),
    cgroup: "scope",
  },
  "joined-namespaces": {
    config: linux({
      namespaces: [
        { type: "mount" },
        { type: "pid", path: "/proc/42/ns/pid" },
        { type: "network", path: "/run/netns/blue" },
        { type: "ipc", path: "/proc/42/ns/ipc" },
        { type: "time" },
      ],
      timeOffsets: { monotonic: { secs: 100, nanosecs: 0 } },
    }),
  },
  "joined-user-namespace": {
    config: {
      ...linux({
        namespaces: [
          { type: "mount" },
          { type: "pid" },
          { type: "time" },
          { type: "user", path: "/proc/42/ns/user" },
          { type: "network", path: "/run/netns/blue" },
        ],
      }),
      mounts: [
        ...small.mounts!,
        { destination: "/sys", type: "sysfs", source: "sysfs" },
        { destination: "/data", type: "bind", source: "/srv/data", options: ["rbind", "idmap"] },
      ],
    },
  },
  terminal: {
    config: {
      ...small,
      process: {
        ...process0,
        terminal: true,
        consoleSize: { height: 24, width: 80 },
        user: { uid: 1000, gid: 1000 },
      },
      mounts: [...small.mounts!, pts],
    },
    options: { consoleSocket: "/run/tty.sock" as HostPath },
  },
  hooks: {
    config: {
      ...small,
      hooks: {
        prestart: [hook],
        createRuntime: [hook],
        createContainer: [hook],
        startContainer: [hook],
      },
    },
    options: {
      mode: { kind: "create", fifo: "/run/box/start" as HostPath, hooked: "/run/box/hooked" as HostPath },
    },
  },
  "filled-tmpfs": {
    config: { ...small, mounts: [...small.mounts!, filled] },
    options: {
      copyUps: new Map([
        [
          filled,
          [
            { ...file, path: ".", mode: 0o040755, uid: 3, gid: 4 },
            { ...file, path: "log", mode: 0o042750, gid: 4 },
            { ...file, path: "run", mode: 0o120777, target: "/run" },
            { ...file, path: "log/messages", mode: 0o100640, size: 5_000_000_000 },
            { ...file, path: "log/null", mode: 0o020666, number: 259 },
          ],
        ],
      ]),
    },
  },
  "readonly-root": { config: { ...small, root: { path: "rootfs", readonly: true } } },
  "masked-paths": {
    config: linux({ maskedPaths: ["/proc/kcore", "/sys/firmware"], readonlyPaths: ["/proc/sys"] }),
  },
  "mapped-mount": {
    config: {
      ...small,
      mounts: [
        ...small.mounts!,
        {
          destination: "/data",
          type: "bind",
          source: "/srv/data",
          options: ["rbind"],
          uidMappings: maps,
          gidMappings: maps,
        },
      ],
    },
  },
  "recursive-read-only": {
    config: {
      ...small,
      mounts: [
        ...small.mounts!,
        {
          destination: "/data",
          type: "bind",
          source: "/srv/data",
          options: ["rbind", "ro", "rro", "rprivate", "nosuid"],
        },
        { destination: "/etc/hosts", type: "bind", source: "/srv/file", options: ["bind", "ro"] },
      ],
    },
  },
  "no-mount-namespace": { config: { ...small, mounts: [], linux: { namespaces: [{ type: "pid" }] } } },
  "create-with-fifo": {
    config: { ...small, process: { ...process0, args: ["sh", "-c", "true"] } },
    options: { mode: { kind: "create", fifo: "/run/box/start" as HostPath } },
  },
  "overlay-of-an-old-kernel": {
    config: small,
    options: {
      kernel: [6, 1],
      root: {
        kind: "overlay",
        base: "/var/lib/x" as HostPath,
        lower: ["l/2", "l/1"],
        written: { upper: "c/upper", work: "c/work" },
      },
    },
  },
  "mapped-root": {
    config: {
      ...linux(userNamespace),
      mounts: [
        ...small.mounts!,
        { destination: "/data", type: "bind", source: "/srv/data", options: ["rbind", "idmap"] },
      ],
    },
    options: {
      root: {
        kind: "overlay",
        base: "/var/lib/x" as HostPath,
        lower: ["l/2", "l/1"],
        written: { upper: "c/upper", work: "c/work" },
      },
      mapped: true,
    },
  },
  "user-and-capabilities": {
    config: {
      ...linux({
        sysctl: { "net.core.somaxconn": "100" },
        seccomp: {
          defaultAction: "SCMP_ACT_ALLOW",
          syscalls: [{ names: ["reboot"], action: "SCMP_ACT_ERRNO" }],
        },
      }),
      process: {
        ...process0,
        user: { uid: 1000, gid: 1000, additionalGids: [4, 24], umask: 0o27 },
        capabilities: {
          bounding: ["CAP_KILL"],
          effective: ["CAP_KILL"],
          permitted: ["CAP_KILL"],
          inheritable: ["CAP_KILL"],
          ambient: ["CAP_KILL"],
        },
        apparmorProfile: "tight",
        oomScoreAdj: 100,
        rlimits: [{ type: "RLIMIT_NOFILE", soft: 100, hard: 200 }],
      },
    },
  },
};

const ofInit = { ...v2, trees: v2.trees.map((tree) => ({ ...tree, own: "/init.scope" })) };

const places = {
  folder: placeCgroup(v2, parseCgroupsPath("/box", { id: "box", driver: "cgroupfs" })),
  scope: placeCgroup(ofInit, parseCgroupsPath("a-b.slice:brig:box", { id: "box", driver: "systemd" })),
};

function optionsOf({ config, options, cgroup }: Case, slots: SlotAllocator, seat?: Seat): LaunchOptions {
  const kernel = options?.kernel ?? ([6, 12] as const);
  const seccomp = config.linux?.seccomp;
  return {
    bundle: "/bundle" as HostPath,
    root: { kind: "directory", path: "/bundle/rootfs" as HostPath },
    slots,
    kernel,
    host: { isDirectory: (path) => path !== "/srv/file" },
    mode: { kind: "run", wait: true },
    grantable: (1n << 41n) - 1n,
    state: (pid, status) => JSON.stringify({ pid, status }),
    ...(seccomp ? { seccomp: { profile: seccomp, filter: compileSeccomp(seccomp, "x86_64") } } : {}),
    ...(cgroup
      ? {
          cgroup: compileCgroup({
            cgroup: places[cgroup],
            resources: config.linux?.resources,
            slots,
            kernel,
            kernelHas: () => true,
            ...(seat ? { vacate: seat.leave, existing: true } : {}),
          }),
        }
      : {}),
    ...options,
  };
}

function launchText(one: Case): string {
  const slots = new SlotAllocator(4);
  const seat = one.cgroup === "scope" ? planSeat(slots) : undefined;
  const program = compileLaunch(one.config, optionsOf(one, slots, seat));
  const main = printProgram(program.first, "runtime", seat ? 2 : 1);
  const first = seat ? joinSegments(printProgram(seat.take, "runtime"), main) : main;
  if (!program.next) return listing(first);
  const { parent, child } = program.next(4242);
  return listing(
    joinSegments(first, printProgram(parent, "runtime", 2), printProgram(child, "container", 3)),
  );
}

function execText(process: Process): string {
  const slots = new SlotAllocator(4);
  const options = {
    slots,
    container: { pid: 4242 },
    namespaces: 0x2002_0000n,
    grantable: (1n << 41n) - 1n,
    mode: { kind: "run", wait: true },
  } as const;
  const { first, pidfd } = openContainer(options);
  const { program } = compileExec(process, pidfd, options);
  return listing(joinSegments(printProgram(first, "runtime"), printProgram(program, "runtime", 2)));
}

const folder = join(import.meta.dirname, "../../../tests/golden");
const skip = process.arch !== "x64" && "filters differ between architectures";

const texts: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(Object.entries(cases).map(([name, one]) => [name, () => launchText(one)])),
  exec: () => execText(process0),
};

for (const [name, text] of Object.entries(texts))
  test(`the program of ${name} is as in tests/golden`, { skip }, () => {
    const path = join(folder, `${name}.txt`);
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, text());
    assert.equal(text(), readFileSync(path, "utf8"), `look at the change, then UPDATE_GOLDEN=1`);
  });

test("a process of which nothing is said has no capabilities", () => {
  const { capabilities: _, ...process } = process0;
  const text = launchText({ config: { ...small, process } });
  assert.match(text, /capset\(.*\{effective=permitted=0, inheritable=0\}\)/);
  assert.equal(text.match(/PR_CAPBSET_DROP/g)?.length, capabilityNames.length);
});

test("every file of tests/golden belongs to a case", () => {
  assert.deepEqual(
    readdirSync(folder).sort(),
    Object.keys(texts)
      .map((name) => `${name}.txt`)
      .sort(),
  );
});

test("every label of every case stands further down than what leads to it", () => {
  for (const [name, one] of Object.entries(cases)) {
    const program = compileLaunch(one.config, optionsOf(one, new SlotAllocator(4)));
    const rest = program.next?.(1);
    for (const list of [program.first, rest?.parent ?? [], rest?.child ?? []])
      for (const process of printProgram(list, name)) assertForward(process);
  }
});

function assertForward({ role, steps }: PrintedProcess): void {
  for (const { step, to, on = {} } of steps) {
    const targets = Object.values(on).flatMap((rule) => (rule.do === "go on" ? [rule.at] : []));
    for (const target of to === undefined ? targets : [to, ...targets]) {
      assert.ok(target > step, `${role}: step ${step} leads to ${target}`);
      assert.ok(
        steps.some((other) => other.step === target),
        `${role}: no step ${target}`,
      );
    }
  }
}

/** In place of a process's beginning what it does, and those that it begins. */
function withChildren(i: Instruction): readonly Instruction[] {
  return i.kind === "clone" ? i.child.flatMap(withChildren) : [i];
}

test("between the last fd that is made and execve only sockets and pipes stay open", () => {
  for (const [name, one] of Object.entries(cases)) {
    const program = compileLaunch(one.config, optionsOf(one, new SlotAllocator(4)));
    const rest = program.next?.(1);
    const steps = [...program.first, ...(rest?.child ?? [])].flatMap(withChildren);
    const closes = steps.filter((i) => i.kind === "call" && i.name === "close_range");
    const left = new Set(Array.from({ length: 200 }, (_, i) => i + 3));
    for (const close of closes) {
      assert.equal(close.kind === "call" && close.on, undefined, `${name}: closing may not fail in silence`);
      const [from, to, flags] = (close.kind === "call" ? close.args : []) as number[];
      assert.equal(flags, 0, `${name}: marking is not closing`);
      for (const fd of left) if (fd >= from! && fd <= to!) left.delete(fd);
    }
    const kept = [...slotsOf(steps)].filter(({ fd }) => left.has(fd)).map((slot) => slot.name);
    assert.ok(left.has(3), name);
    for (const slot of kept) assert.match(slot, /^(?:the child's end|start fifo|fifo of the hooks)$/, name);
  }
});

function slotsOf(steps: readonly { readonly kind: string }[]): ReadonlySet<Slot> {
  const found = new Set<Slot>();
  for (const step of steps) {
    if (!("args" in step)) continue;
    for (const arg of step.args as readonly unknown[])
      if (typeof arg === "object" && arg !== null && "kind" in arg && arg.kind === "slot")
        found.add(arg as Slot);
  }
  return found;
}
