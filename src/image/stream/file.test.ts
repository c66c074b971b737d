import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileChunks, fileHead } from "./file.ts";

const folder = mkdtempSync(join(tmpdir(), "brig-file-"));
after(() => rmSync(folder, { recursive: true }));
const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 31) & 0xff));

async function whole(path: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of fileChunks(path)) parts.push(part);
  return Buffer.concat(parts);
}

test("a file is read whole, in order", async () => {
  writeFileSync(join(folder, "file"), content);
  assert.ok((await whole(join(folder, "file"))).equals(content));
  for await (const _ of fileChunks(join(folder, "file"))) break;
});

test("a named pipe is read until its writer is done", async () => {
  execFileSync("mkfifo", [join(folder, "pipe")]);
  spawn("sh", ["-c", 'cat "$1/file" > "$1/pipe"', "sh", folder]);
  assert.ok((await whole(join(folder, "pipe"))).equals(content));
});

test("a failure to open is the reader's", async () => {
  await assert.rejects(whole(join(folder, "nothing")), { code: "ENOENT" });
});

test("the head of a file ends with the file", async () => {
  writeFileSync(join(folder, "short"), "abc");
  assert.equal(Buffer.from(await fileHead(join(folder, "short"), 6)).toString(), "abc");
  assert.equal((await fileHead(join(folder, "file"), 6)).length, 6);
});
