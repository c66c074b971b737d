import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { CidFile } from "./cid-file.ts";

const folder = mkdtempSync(join(tmpdir(), "brig-cid-"));
const path = join(folder, "cid");
after(() => rmSync(folder, { recursive: true }));

test("the file holds the id and nothing else, and is never taken twice", () => {
  {
    using file = CidFile.reserve(path);
    file.write("abc");
  }
  assert.equal(readFileSync(path, "utf8"), "abc");
  assert.throws(() => CidFile.reserve(path), {
    kind: "conflict",
    message: `container ID file found, make sure the other container isn't running or delete ${path}`,
  });
  rmSync(path);
});

test("where no container was made no file stays", () => {
  {
    using _file = CidFile.reserve(path);
    assert(existsSync(path));
  }
  assert(!existsSync(path));
});

test("a folder that does not exist is told", () => {
  assert.throws(() => CidFile.reserve("/no/such/file"), { kind: "invalid", message: /failed to create/ });
});
