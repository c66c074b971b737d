import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ShimClient } from "./client.ts";
import { collect, launch } from "./testbed/launch.ts";

const everything = { stdin: true, stdout: true, stderr: true };

test("a terminal echoes, and has the size a client gave it", async () => {
  using shell = await launch("read line; stty size; echo got $line >&2", {
    attach: everything,
    terminal: true,
  });
  await shell.client.resize(33, 111);
  await shell.client.write(Buffer.from("hello\n"));
  const { stdout, stderr } = await collect(shell.client);
  assert.deepEqual([stdout, stderr], ["hello\r\n33 111\r\ngot hello\r\n", ""]);
});

test("a resize is a signal to what runs on the terminal", async () => {
  using shell = await launch("trap 'stty size; exit 5' WINCH; echo ready; while :; do sleep 0.02; done", {
    attach: everything,
    terminal: true,
  });
  const { value } = await shell.client.output[Symbol.asyncIterator]().next();
  assert.ok(value?.kind === "bytes" && value.bytes.toString().startsWith("ready"));
  const other = await ShimClient.connect(shell.socket);
  await other.resize(44, 55);
  assert.equal((await shell.client.wait()).code, 5);
  // The kernel hands the line and its end over one after the other, so the line may have been read without.
  assert.match(shell.log().join("\n"), /^stdout [FP] 44 55\r?$/m);
});

test("Ctrl-C is the process's, and the end of a client's stdin is not the terminal's", async () => {
  using shell = await launch("echo ready; exec sleep 60", {
    attach: everything,
    terminal: true,
    stdinOnce: true,
  });
  // Before the terminal is the shell's controlling one, Ctrl-C is nobody's.
  for await (const _ of shell.client.output) break;
  await shell.client.closeStdin();
  const other = await ShimClient.connect(shell.socket);
  await other.attach({ stdin: true });
  await other.write(Buffer.from("\x03"));
  assert.equal((await shell.client.wait()).code, 130);
});

test("a terminal that every process had closed is heard again when one opens it", async () => {
  using shell = await launch(
    'tty=$(tty); exec </dev/null >/dev/null 2>&1; sleep 0.3; echo again >"$tty"; sleep 0.3; exit 6',
    { attach: everything, terminal: true },
  );
  assert.equal((await collect(shell.client)).stdout, "again\r\n");
  assert.equal((await shell.client.wait()).code, 6);
});

test("10 MB through a terminal arrive whole, to the last byte before the end", async () => {
  using shell = await launch("stty raw; head -c 10000000 /dev/zero; printf end", {
    attach: everything,
    terminal: true,
  });
  const { stdout } = await collect(shell.client);
  assert.equal(stdout.length, 10_000_003);
  assert.ok(stdout.endsWith("\0end"));
});

test("a shim with a terminal and an attached client takes less than 300 KiB", async (t) => {
  using shell = await launch("seq 1 100000; read go", { attach: everything, terminal: true });
  let seen = 0;
  for await (const item of shell.client.output) {
    if (item.kind === "bytes") seen += item.bytes.length;
    if (seen >= 588_895 + 100_000) break;
  }
  await shell.client.write(Buffer.from("x"));
  await shell.client.status();
  const rollup = readFileSync(`/proc/${shell.executor.process!.pid}/smaps_rollup`, "utf8");
  const pss = Number(/^Pss:\s+(\d+) kB/m.exec(rollup)![1]);
  t.diagnostic(`PSS ${pss} KiB`);
  if (!process.env.BRIG_SHIM?.includes("sanitized")) assert.ok(pss < 300, `${pss} KiB`);
});
