/** A shim that is killed before its container runs: the user is told what happened, and nothing stays. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { image, ownBrig, type Result, until } from "../cli/brig.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";
import { contradictions, type Place } from "./remains.ts";

const { brig, about, root, end, executable, environment } = ownBrig();
const place: Place = { root, runRoot: join(root, "run"), hash: about[1]! };
let host: HostState;

before(async () => {
  host = hostState({ about });
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
});
after(end);

const told =
  "brig: cannot start the container: its shim was killed before the container ran; nothing of that is left, start it again\n";
const hint = "\nRun 'brig run --help' for more information\n";

/** What a shim does before it is killed. */
const scripts: readonly string[] = [
  "kill -9 $$",
  "head -c 100 <&3 >/dev/null; kill -9 $$",
  "head -c 9000 <&3 >/dev/null; kill -9 $$",
  "exit 3",
];

test("a shim that ends at its beginning is told as such, and the container stays, created", async () => {
  const shim = join(root, "shim");
  // With it the network stays, for which another executor would be needed.
  await brig("create", "--name", "keeper", image, "true");
  for (const script of scripts) {
    writeFileSync(shim, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    for (const options of [["--rm"], ["--name", "kept", "--network", "none"]]) {
      const ended = await run(["run", ...options, image, "true"], { BRIG_SHIM: shim });
      assert.deepEqual(ended, { code: 125, stdout: "", stderr: told + hint }, script);
    }
    const state = await brig("inspect", "-f", "{{.State.Status}} {{.State.Error}}", "kept");
    assert.match(state.stdout, /^created cannot start the container: its shim was killed/);
    assert.equal((await brig("start", "-a", "kept")).code, 0);
    await brig("rm", "kept");
  }
  await brig("rm", "keeper");
});

test("a shim that is killed at any moment of the launch leaves nothing, and no raw error", async () => {
  await brig("run", "--rm", image, "true"); // makes the network
  let early = 0;
  for (let round = 0; round < 40; round++) {
    const child = spawn(executable, ["run", "--rm", "-p", "18471:80", image, "true"], { env: environment });
    let output = "";
    child.stderr.on("data", (text) => (output += text));
    const closed = once(child, "close");
    const shim = await shimOf(child.pid!);
    await sleep(round / 8);
    kill(shim);
    const [code] = await closed;
    // 137: it ran already, and ended with its shim.
    assert(code === 0 || code === 137 || (code === 125 && output === told + hint), `${code} ${output}`);
    if (code === 125) early++;
  }
  assert(early > 0);
  assert.equal((await brig("ps", "-aq")).stdout, "");
  await until(
    () => contradictions(place).length === 0,
    () => contradictions(place).join("\n"),
  );
  await brig("system", "release");
  await assertSameHost(host, { about });
});

async function run(words: readonly string[], more: Readonly<Record<string, string>>): Promise<Result> {
  const child = spawn(executable, words, { env: { ...environment, ...more } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => (stdout += text));
  child.stderr.on("data", (text) => (stderr += text));
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

/** The first child of brig's that is none of its own threads. */
async function shimOf(brig: number): Promise<number | undefined> {
  for (let look = 0; look < 5000; look++) {
    const [first] = childrenOf(brig);
    if (first !== undefined) return first;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return undefined;
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return []; // It has ended.
  }
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
