import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ShimClient } from "./client.ts";
import { contents, launch } from "./testbed/launch.ts";

test("every line is logged with its time and stream, and a part is marked", async () => {
  using shell = await launch("echo one; sleep 0.05; echo two >&2; sleep 0.05; printf three");
  const before = Date.now();
  await shell.client.wait();
  assert.deepEqual(shell.log(), ["stdout F one", "stderr F two", "stdout P three"]);
  const [first] = readFileSync(join(shell.directory, "log"), "utf8").split(" ");
  assert.match(first!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  assert.ok(Math.abs(Date.parse(first!) - before) < 2_000);
});

test("a long line is cut after 16 KiB, and its parts are the line", async () => {
  using shell = await launch("head -c 50000 /dev/zero | tr '\\0' x; echo; echo; echo end");
  await shell.client.wait();
  const entries = shell
    .log()
    .map((entry) => /^stdout ([PF]) (.*)$/.exec(entry)!.slice(1) as [string, string]);
  assert.ok(entries.every(([, text]) => text.length <= 16384));
  let [lines, line] = [[] as string[], ""];
  for (const [tag, text] of entries) {
    line += text;
    if (tag === "F") [lines, line] = [[...lines, line], ""];
  }
  assert.deepEqual(
    lines.map((text) => text.length),
    [50000, 0, 3],
  );
});

test("the log never takes more than its files may, and nothing of the newest is lost", async () => {
  using shell = await launch("seq 1 20000", { log: { size: 100_000, files: 3 } });
  await shell.client.wait();
  const names = ["log.2", "log.1", "log"];
  const files = readdirSync(shell.directory).filter((name) => name.startsWith("log"));
  assert.deepEqual(files.sort(), names.toReversed());
  for (const name of names) assert.ok(statSync(join(shell.directory, name)).size <= 100_000);
  const kept = contents(names.map((name) => readFileSync(join(shell.directory, name), "utf8")).join(""));
  const all = Array.from({ length: 20000 }, (_, i) => `${i + 1}\n`).join("");
  assert.ok(kept.length > 5_000 && all.endsWith(kept));
  const late = await ShimClient.connect(shell.socket);
  const { log } = await late.status();
  assert.ok(log.rotations > 2);
  assert.equal(log.offset, statSync(join(shell.directory, "log")).size);
});

test("a log of one file begins anew", async () => {
  using shell = await launch("seq 1 5000", { log: { size: 20_000, files: 1 } });
  await shell.client.wait();
  assert.deepEqual(
    readdirSync(shell.directory).filter((name) => name.startsWith("log")),
    ["log"],
  );
  assert.equal(shell.log().at(-1), "stdout F 5000");
});
