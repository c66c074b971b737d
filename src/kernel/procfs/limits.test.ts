import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { rlimitNumbers } from "../abi/process.ts";
import { readLimits } from "./limits.ts";

test("every limit of a process is found, by the name that configs have for it", () => {
  assert.deepEqual(Object.keys(readLimits()).toSorted(), Object.keys(rlimitNumbers).toSorted());
});

test("a limit is what it was set to, and unlimited is the greatest number", () => {
  const text = execFileSync("sh", [
    "-c",
    "ulimit -Sn 99; ulimit -Hn 100; ulimit -c unlimited; cat /proc/self/limits",
  ]);
  const { RLIMIT_NOFILE: files, RLIMIT_CORE: core } = readLimits(text.toString());
  assert.deepEqual(files, { soft: 99n, hard: 100n });
  assert.equal(core?.soft, (1n << 64n) - 1n);
});
