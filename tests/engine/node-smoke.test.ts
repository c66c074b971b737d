/** The command from its sources, under this Node: what the compiled one does, the settling after it included. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ownBrig, type Result, until } from "../cli/brig.ts";
import { busyboxArchive } from "../fixtures/images.ts";
import { checkout } from "../fixtures/sources.ts";
import { contradictions } from "./remains.ts";

const { root, about, environment, end } = ownBrig();
after(end);

/** Run to its end, with the file as stdin. */
async function brig(words: readonly string[], stdin?: string): Promise<Result> {
  const main = join(checkout, "src/main.ts");
  const child = spawn(process.execPath, ["--no-warnings", main, ...words], { env: environment });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => (stdout += text));
  child.stderr.on("data", (text) => (stderr += text));
  if (stdin === undefined) child.stdin.end();
  else createReadStream(stdin).pipe(child.stdin);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}

before(async () => {
  const loaded = await brig(["load"], busyboxArchive());
  assert.deepEqual(loaded, { code: 0, stdout: "Loaded image: busybox:latest\n", stderr: "" });
});

/** Words, exit code, stdout. */
const runs: readonly (readonly [string, number, string])[] = [
  ["run --rm busybox echo hello", 0, "hello\n"],
  ["run --rm -w /tmp busybox pwd", 0, "/tmp\n"],
  ["run --rm busybox false", 1, ""],
  ["run --name kept busybox echo logged", 0, "logged\n"],
  ["logs kept", 0, "logged\n"],
  ["start kept", 0, "kept\n"],
  ["wait kept", 0, "0\n"],
  ["rm kept", 0, "kept\n"],
  ["ps -aq", 0, ""],
];

test("commands do what the compiled ones do", async () => {
  for (const [line, code, stdout] of runs) {
    const ended = await brig(line.split(" "));
    assert.deepEqual([ended.code, ended.stdout], [code, stdout], `${line}: ${ended.stderr}`);
  }
});

test("a container in the background is entered, and removed by the shim with the same Node", async () => {
  const command = ["sh", "-c", "while [ ! -e /go ]; do sleep 0.05; done"];
  const started = await brig(["run", "-d", "--rm", "--name", "behind", "busybox", ...command]);
  assert.deepEqual([started.code, started.stderr], [0, ""]);
  const files = join(root, "containers", started.stdout.trim());
  assert(existsSync(files));
  assert.equal((await brig(["exec", "behind", "sh", "-c", "echo in; touch /go"])).stdout, "in\n");
  await until(() => !existsSync(files), "it is removed");
  const place = { root, runRoot: join(root, "run"), hash: about[1]! };
  await until(() => contradictions(place).length === 0, "all is in order");
});
