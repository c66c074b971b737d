import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ShimClient } from "./client.ts";
import { collect, launch } from "./testbed/launch.ts";

const everything = { stdin: true, stdout: true, stderr: true };

test("what is written arrives in order, and its end is the end of stdin", async () => {
  using shell = await launch("sha256sum", { attach: everything, stdinOnce: true });
  const hash = createHash("sha256");
  for (let i = 0; i < 300; i++) {
    const bytes = Buffer.alloc(1 + i * 97, i);
    hash.update(bytes);
    await shell.client.write(bytes);
  }
  await shell.client.closeStdin();
  assert.equal((await collect(shell.client)).stdout, `${hash.digest("hex")}  -\n`);
});

test("a client that is killed ends stdin after what it had sent", async () => {
  using shell = await launch("sleep 0.2; wc -c", { stdinOnce: true });
  const writer = await ShimClient.connect(shell.socket);
  await writer.attach({ stdin: true });
  // More than a pipe takes: the rest waits in the shim when the writer goes.
  await writer.write(Buffer.alloc(65536 + 16384));
  writer.close();
  await shell.client.wait();
  assert.deepEqual(shell.log(), ["stdout F 81920"]);
});

test("without stdinOnce the next client can go on writing", async () => {
  using shell = await launch("read a; read b; echo $a $b");
  for (const word of ["first\n", "second\n"]) {
    const writer = await ShimClient.connect(shell.socket);
    await writer.attach({ stdin: true });
    await writer.write(Buffer.from(word));
    await writer.closeStdin();
    await writer.status();
    writer.close();
  }
  await shell.client.wait();
  assert.deepEqual(shell.log(), ["stdout F first second"]);
});

test("stdin that nobody reads does not stand in the way of a signal", async () => {
  using shell = await launch("exec sleep 60", { attach: everything });
  const writing = shell.client.write(Buffer.alloc(1_000_000));
  await shell.client.signal(15);
  assert.equal((await shell.client.wait()).code, 143);
  await writing;
});

test("stdin that the process has closed is thrown away", async () => {
  using shell = await launch("exec <&-; echo closed; sleep 0.3", { attach: everything });
  await shell.client.write(Buffer.alloc(1_000_000));
  assert.equal((await collect(shell.client)).stdout, "closed\n");
});
