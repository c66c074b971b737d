import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { LogCursor } from "./log-cursor.ts";

const folder = mkdtempSync(join(tmpdir(), "cursor-"));
after(() => rmSync(folder, { recursive: true }));

const files = 3;

/** A log of its own; `rotate` does what log.c does. */
function log(name: string) {
  const path = join(folder, name);
  writeFileSync(path, "");
  return {
    path,
    write: (text: string) => appendFileSync(path, `2016-10-06T00:17:09.669794202Z stdout F ${text}\n`),
    rotate: () => {
      writeFileSync(`${path}.${files}`, "");
      for (let age = files - 1; age > 0; age--) {
        const from = age === 1 ? path : `${path}.${age - 1}`;
        if (existsSync(from)) renameSync(from, `${path}.${age}`);
      }
      renameSync(`${path}.${files}`, path);
    },
  };
}

async function rest(cursor: LogCursor, limit?: number): Promise<string> {
  let text = "";
  for await (const entries of cursor.rest(limit))
    for (const { bytes } of entries) text += Buffer.from(bytes).toString();
  return text;
}

test("a log is read from its oldest file to its newest, and on where it grows", async () => {
  const { path, write, rotate } = log("grows");
  write("one");
  rotate();
  write("two");
  await using cursor = (await LogCursor.atOldest(path, files))!;
  assert.equal(await rest(cursor), "one\n");
  assert.equal(await cursor.advance(), true);
  assert.equal(await rest(cursor), "two\n");
  assert.equal(await cursor.advance(), false);
  write("three");
  assert.equal(await rest(cursor), "three\n");
});

test("a file is read to its end whatever it is called by then, and the next one is the next", async () => {
  const { path, write, rotate } = log("renamed");
  await using cursor = (await LogCursor.atOldest(path, files))!;
  write("one");
  rotate();
  write("two");
  rotate();
  write("three");
  let text = await rest(cursor);
  while (await cursor.advance()) text += await rest(cursor);
  assert.equal(text, "one\ntwo\nthree\n");
});

test("only files that were dropped before they were opened are missed, and those as a whole", async () => {
  const { path, write, rotate } = log("dropped");
  await using cursor = (await LogCursor.atOldest(path, files))!;
  for (const word of ["one", "two", "three", "four", "five"]) {
    write(word);
    if (word !== "five") rotate();
  }
  let text = await rest(cursor);
  while (await cursor.advance()) text += await rest(cursor);
  assert.equal(text, "one\nthree\nfour\nfive\n");
});

test("what is still being written is not taken for a line", async () => {
  const { path, write } = log("torn");
  await using cursor = (await LogCursor.atOldest(path, files))!;
  write("one");
  appendFileSync(path, "2016-10-06T00:17:09.669794202Z stdout F tw");
  assert.equal(await rest(cursor), "one\n");
  appendFileSync(path, "o\n");
  assert.equal(await rest(cursor), "two\n");
});

test("a file of many pieces is read whole, and no further than is asked", async () => {
  const { path, write } = log("large");
  await using cursor = (await LogCursor.atOldest(path, files))!;
  const long = "x".repeat(16_000);
  for (let i = 0; i < 300; i++) write(long);
  const { size } = cursor.newest()!;
  write("more");
  assert.equal((await rest(cursor, size)).length, 300 * 16_001);
  assert.equal(await rest(cursor), "more\n");
});

test("there is nothing to read where nothing was logged", async () => {
  assert.equal(await LogCursor.atOldest(join(folder, "none"), files), undefined);
});
