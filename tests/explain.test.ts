/**
 * `brig explain` tells the truth: strace of the shim of a run shows the calls that were explained, in their order, up
 * to execve(2) and to the shim's own work; and explaining does nothing.
 *
 * What is compared: per process the names of the calls, numbers, fds, paths, argument vectors, flags inside openat2's
 * and mount_setattr's structures. Masked are the container's id and the pids. Not part of the program, and cut off by
 * rule: the prologue of the shim, memory, and what it says and hears on its control socket.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import type { PrintedProcess } from "../src/kernel/explain/print.ts";
import { image, ownBrig } from "./cli/brig.ts";
import { parseTrace, type Traced } from "./explain/trace.ts";
import { walk } from "./explain/walk.ts";
import { difference, hostState } from "./fixtures/leaks.ts";
import { checkout } from "./fixtures/sources.ts";

const { brig, executable, environment, root, about, end } = ownBrig();
const scratch = mkdtempSync(join(tmpdir(), "explain-"));
/** Digests of layers are 64 digits, too, and must be the same. */
const layers = new Set<string>();

before(async () => {
  // The network is made once, by whoever first needs it.
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
  for (const name of readdirSync(join(root, "layers"))) layers.add(name);
});
after(() => {
  end();
  rmSync(scratch, { recursive: true, force: true });
});

const commands: readonly (readonly string[])[] = [
  ["--network", "none", image, "true"],
  ["--network", "host", image, "true"],
  ["-p", "18080:80", "-p", "127.0.0.1:18081:81/udp", image, "true"],
  ["-it", "--network", "none", image, "true"],
  ["-i", "--network", "none", image, "cat"],
  ["--privileged", "--network", "none", image, "true"],
  ["-v", `${scratch}:/mnt/data:ro`, "--network", "none", image, "ls", "/mnt/data"],
  ["--tmpfs", "/scratch:size=1m,mode=700", "--read-only", "--network", "none", image, "true"],
  ["-u", "nobody", "--network", "none", image, "id"],
  [
    "-u",
    "1000:1000",
    "--security-opt",
    "no-new-privileges",
    "--cap-drop",
    "ALL",
    "--cap-add",
    "NET_RAW",
    "--network",
    "none",
    image,
    "id",
  ],
  [
    "-m",
    "64m",
    "--cpus",
    "0.5",
    "--pids-limit",
    "50",
    "--ulimit",
    "nofile=100:200",
    "--network",
    "none",
    image,
    "true",
  ],
  ["--pid", "host", "--ipc", "host", "--uts", "host", "--network", "none", image, "true"],
  [
    "--security-opt",
    "seccomp=unconfined",
    "-w",
    "/made/for/this",
    "-h",
    "box",
    "--sysctl",
    "kernel.msgmax=9000",
    "--network",
    "none",
    image,
    "true",
  ],
  ["--device", "/dev/loop-control", "--shm-size", "1m", "-e", "A=1", "--network", "none", image, "true"],
];

for (const command of commands)
  test(`strace of run ${command.join(" ").replaceAll(scratch, "DIR")} shows what explain printed`, () => {
    const terminal = command.includes("-it");
    const explained = output(["explain", "--format", "json", "run", "--rm", ...command], {}, terminal);
    const { processes } = JSON.parse(explained) as { readonly processes: readonly PrintedProcess[] };
    const program = (role: string) => processes.find((process) => process.role === role)!;
    const traces = traced(["run", "--rm", ...command], terminal);
    const shim = [...traces.values()].find((calls) => calls.some(({ name }) => name === "listen"))!;
    const children = walk(program("shim"), ownCalls(withoutPrologue(shim)), withoutIds);
    assert.deepEqual([...children.keys()], ["container"]);
    walk(program("container"), ownCalls(traces.get(children.get("container")!)!), withoutIds);
  });

/** Runs brig with shims that strace looks at. By pid: what each of their processes called. */
function traced(args: readonly string[], terminal: boolean): ReadonlyMap<number, readonly Traced[]> {
  const folder = mkdtempSync(join(scratch, "trace-"));
  const wrapper = join(folder, "shim");
  const shim = join(checkout, "bin/brig-shim");
  const strace = `/usr/bin/strace -ff -o ${folder}/trace -X raw -v -s 100000 ${shim}`;
  writeFileSync(wrapper, `#!/bin/sh\nexec ${strace} "$@"\n`, { mode: 0o755 });
  output(args, { BRIG_SHIM: wrapper }, terminal);
  const files = readdirSync(folder).filter((name) => name.startsWith("trace."));
  return new Map(
    files.map((name) => [Number(name.slice(6)), parseTrace(readFileSync(join(folder, name), "latin1"))]),
  );
}

/** What brig writes, with a terminal or with empty files for its streams. */
function output(args: readonly string[], env: Readonly<Record<string, string>>, terminal: boolean): string {
  const words = [executable, ...args];
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const [file, ...rest] = terminal ? ["script", "-qec", quoted, "/dev/null"] : words;
  const { status, stdout, stderr } = spawnSync(file!, rest, {
    env: { ...environment, ...env },
    encoding: "utf8",
    input: "",
    maxBuffer: 1 << 26,
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

/** The shim seals itself in memory, makes itself unreadable and its signals as they are in a new process. */
function withoutPrologue(calls: readonly Traced[]): readonly Traced[] {
  const sealed = calls.findIndex(({ name }) => name === "execveat");
  const hidden = calls.findIndex(({ name, args }) => name === "prctl" && args[0] === PR_SET_DUMPABLE);
  assert.ok(sealed > 0 && hidden > sealed, "the shim runs from a sealed copy and is not dumpable");
  return calls.slice(hidden + 1);
}

const PR_SET_DUMPABLE = 4;
const control = 3;

/** Without what the executor does for itself: memory, its control socket, and the pauses of a step tried again. */
function ownCalls(calls: readonly Traced[]): readonly Traced[] {
  const talk = ["read", "sendmsg", "recvfrom"];
  const aside = ["mmap", "munmap", "nanosleep", "clock_nanosleep"];
  return calls.filter(
    ({ name, args }) => !aside.includes(name) && !(talk.includes(name) && args[0] === control),
  );
}

function withoutIds(text: string): string {
  return text
    .replace(/[0-9a-f]{64}/g, (digits) => (layers.has(digits) ? digits : "ID"))
    .replace(/\/c\/[0-9a-f]{16}\b/g, "/c/ID")
    .replace(/^(HOSTNAME=)?[0-9a-f]{12}$/gm, "$1ID");
}

test("explaining a run runs nothing and takes nothing", async () => {
  // SQLite's own files come and go with whoever reads.
  const host = () =>
    hostState({ about, folders: [root] }).filter((line) => !/brig\.db-(?:wal|shm)/.test(line));
  const [before, rows] = [host(), dump()];
  for (let i = 0; i < 2; i++) {
    const command = ["--name", "one", "-p", "18080:80", "-v", "new:/data", "-v", "/anonymous", image, "true"];
    const { code, stderr } = await brig("explain", "run", ...command);
    assert.equal(code, 0, stderr);
  }
  assert.deepEqual(dump(), rows);
  assert.equal(difference(before, host()), "");
  const { stdout } = await brig("ps", "-aq");
  assert.equal(stdout, "");
});

/** Every row of the database. */
function dump(): readonly unknown[] {
  using database = new DatabaseSync(join(root, "brig.db"), { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  return tables.map(({ name }) => [name, database.prepare(`SELECT * FROM "${name}"`).all()]);
}

test("a program that strace did not see is told apart", () => {
  const command = ["--network", "none", image, "true"];
  const explained = output(["explain", "--format", "json", "run", ...command], {}, false);
  const { processes } = JSON.parse(explained) as { readonly processes: readonly PrintedProcess[] };
  const traces = traced(["run", "--rm", ...command], false);
  const calls = [...traces.values()].find((list) => list.some(({ name }) => name === "pivot_root"))!;
  const container = processes.find(({ role }) => role === "container")!;
  const own = ownCalls(calls);
  walk(container, own, withoutIds);
  const chdir = own.findIndex(({ name }) => name === "pivot_root");
  const lies: readonly (readonly Traced[])[] = [
    own.toSpliced(chdir, 1),
    own.toSpliced(chdir, 0, own[chdir]!),
    own.with(chdir + 1, { ...own[chdir + 1]!, args: [".", 0] }),
    own.with(chdir, { ...own[chdir]!, result: -1, errno: "EPERM" }),
    own.slice(0, chdir),
  ];
  for (const lie of lies)
    assert.throws(() => walk(container, lie, withoutIds), /explained .*\n {2}strace saw/);
});

test("the listing names every process, numbers every step and leads every jump to a step", () => {
  const stdout = output(["explain", "run", "-p", "18080:80", image, "true"], {}, false);
  const roles = [...stdout.matchAll(/^── (.*?) ─+$/gm)].map(([, role]) => role);
  assert.deepEqual(roles, ["shim", "container", "shim, when the container has ended"]);
  assert.match(stdout, /ip link add name veth\w+ .* type veth peer name eth0/);
  assert.match(stdout, /seccomp\(SECCOMP_SET_MODE_FILTER, .*BPF instructions/);
  assert.doesNotMatch(stdout, /(?<!layers\/)\b[0-9a-f]{64}|\bundefined\b|\[object|\bNaN\b/);
});
