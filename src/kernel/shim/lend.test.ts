import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Executor } from "../executor/executor.ts";
import { output, vector } from "../program/argument.ts";
import { ProgramBuilder } from "../program/builder.ts";
import { ShimClient } from "./client.ts";
import { lendExecutor } from "./lend.ts";
import { collect, executeIn, gone, launch, until } from "./testbed/launch.ts";

const everything = { stdin: true, stdout: true, stderr: true };

test("a command executed beside the process has its own streams and exit code", async () => {
  using shell = await launch("read go; exit 1");
  const cat = await executeIn(shell.socket, "cat; echo done >&2; exit 5", { attach: everything });
  await cat.write(Buffer.from("through the shim\n"));
  await cat.closeStdin();
  const { stdout, stderr } = await collect(cat);
  assert.deepEqual([stdout, stderr], ["through the shim\n", "done\n"]);
  assert.equal((await cat.wait()).code, 5);
  await cat.settled();
  assert.equal((await (await ShimClient.connect(shell.socket)).status()).ended, false);
});

test("a command on a terminal can be resized and signalled", async () => {
  using shell = await launch("read go");
  const command = await executeIn(shell.socket, "read line; stty size; exec sleep 60", {
    attach: everything,
    terminal: true,
  });
  await command.resize(12, 34);
  await command.write(Buffer.from("\n"));
  let text = "";
  for await (const item of command.output) {
    if (item.kind === "bytes") text += item.bytes.toString();
    if (text.includes("12 34")) break;
  }
  await command.signal(9);
  assert.equal((await command.wait()).code, 137);
  command.close();
});

test("a command goes on without its client, with stdin at its end", async () => {
  using shell = await launch("read go");
  const file = `${shell.directory}/trace`;
  const command = await executeIn(shell.socket, `cat; sleep 0.1; echo out; echo done >${file}`, {
    attach: everything,
  });
  command.close();
  await until(() => existsSync(file));
});

test("many commands at once come to their own ends, and none is left behind", async () => {
  using shell = await launch("read go");
  const codes = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const command = await executeIn(shell.socket, `exit ${i}`);
      const exit = await command.wait();
      await command.settled();
      return exit.code;
    }),
  );
  assert.deepEqual(
    codes,
    Array.from({ length: 20 }, (_, i) => i),
  );
  await until(() => children(shell.executor.process!.pid!).length === 1);
});

test("a lent executor holds its connection and the pidfd, and is as well guarded as the shim", async () => {
  using shell = await launch("read go");
  const { executor, process: pidfd } = await lendExecutor(shell.socket);
  using _ = closing(executor);
  const p = new ProgramBuilder();
  const fds = executor.slots.slot("fds");
  const [names, link, status] = [output(4096), output(256), output(4096)];
  p.call("ask whether it is dumpable", "prctl", [3 /* PR_GET_DUMPABLE */], { expect: 0 });
  p.call("ask the pidfd", "waitid", [3 /* P_PIDFD */, pidfd, output(128), 0x5 /* WEXITED|WNOHANG */, 0], {
    on: { ECHILD: "continue" },
  });
  p.call("look at the executable", "readlinkat", [-100, "/proc/self/exe", link, 256], {
    answer: { buffer: link },
  });
  p.call("open the signals", "openat", [-100, "/proc/self/status", 0, 0], { slot: fds });
  p.call("read them", "read", [fds, status, 4096], { answer: { buffer: status } });
  p.close(fds);
  p.call("open the fds", "openat", [-100, "/proc/self/fd", 0x10000, 0], { slot: fds });
  p.call("list them", "getdents64", [fds, names, 4096], { answer: { buffer: names } });
  const { answers } = await executor.run(p.instructions);
  assert.equal(answers[0]!.bytes.toString(), "/memfd:brig-shim (deleted)");
  const signals = answers[1]!.bytes.toString();
  for (const mask of ["SigBlk", "SigIgn", "SigCgt"]) assert.match(signals, new RegExp(`${mask}:\\s0{16}\n`));
  assert.deepEqual(namesOf(answers[2]!.bytes).map(Number), [0, 1, 2, 3, 4, 5]);
});

test("an executor whose program fails kills what it made, not the process of the shim", async () => {
  using shell = await launch("read go; exit 1", { attach: everything });
  const { executor } = await lendExecutor(shell.socket);
  using _ = closing(executor);
  const p = new ProgramBuilder();
  const child = new ProgramBuilder();
  child.call("sleep", "execve", ["/bin/sleep", vector(["sleep", "60"]), vector([])]);
  p.clone("make a sleeper", { flags: 0n, role: "sleeper", child: child.instructions });
  p.call("mount nothing", "mount", ["none", "/nowhere", "nofs", 0, 0]);
  await assert.rejects(executor.run(p.instructions), /cannot mount nothing/);
  const [, lent] = children(shell.executor.process!.pid!);
  assert.deepEqual(children(lent!), []);
  await shell.client.write(Buffer.from("go\n"));
  assert.equal((await shell.client.wait()).code, 1);
});

test("a shim that is killed takes the process with it", async () => {
  using shell = await launch("echo ready; exec sleep 60");
  await until(() => shell.log().length === 1);
  const [pid] = children(shell.executor.process!.pid!);
  process.kill(shell.executor.process!.pid!, "SIGKILL");
  await until(() => gone(shell) && !alive(pid!));
  await assert.rejects(shell.client.wait(), /cannot reach the container's shim/);
});

/** struct linux_dirent64 of getdents64(2), one after the other, without "." and "..". */
function namesOf(entries: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at < entries.length; at += entries.readUInt16LE(at + 16))
    names.push(entries.toString("latin1", at + 19, entries.indexOf(0, at + 19)));
  return names.filter((name) => !name.startsWith(".")).sort();
}

function closing(executor: Executor): Disposable {
  return { [Symbol.dispose]: () => executor.close() };
}

function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

/** A zombie that nobody has buried yet is not. */
function alive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
