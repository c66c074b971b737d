/**
 * Processes that are killed and not gone yet: what waits in the kernel, for a disk or for a firewall's change, dies only
 * when that is over. Whoever looks meanwhile must not take it for one that goes on with its work.
 */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { image, until } from "../cli/brig.ts";
import { damagedRoot } from "./check/damage.ts";
import { contradictions, rowsOf } from "./remains.ts";

const { brig, start, hash, place, ok, sql, idOf, shimOf, end } = damagedRoot();
after(end);

/** Of v1: in a frozen cgroup a process dies with the thaw; v2 lets it die. */
const freezer = "/sys/fs/cgroup/freezer";
const skip = existsSync(freezer)
  ? false
  : "v1's freezer is not mounted, and nothing else holds up a killed process";

/** Milliseconds for which the process cannot die. */
const hold = 500;

/** Kills a process that then takes its time to go; resolves when it may, with false if it had gone by itself. */
async function killSlowly(pid: number): Promise<boolean> {
  const cgroup = `${freezer}/brig-test-dying-${hash}`;
  mkdirSync(cgroup);
  try {
    if (!enter(cgroup, pid)) return false;
    writeFileSync(`${cgroup}/freezer.state`, "FROZEN");
    await until(() => readFileSync(`${cgroup}/freezer.state`, "utf8") === "FROZEN\n", "it is frozen");
    process.kill(pid, "SIGKILL");
    await sleep(hold);
    return true;
  } finally {
    writeFileSync(`${cgroup}/freezer.state`, "THAWED");
    await until(() => readFileSync(`${cgroup}/cgroup.procs`, "utf8") === "", "it has gone");
    rmdirSync(cgroup);
  }
}

function enter(cgroup: string, pid: number): boolean {
  try {
    writeFileSync(`${cgroup}/cgroup.procs`, String(pid));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

test("a container whose shim was killed and is not gone yet is put right by whoever looks just then", {
  skip,
}, async () => {
  await ok("run", "-d", "--rm", "--name", "brief", "-p", "18491:80", image, "sleep", "1000");
  const gone = killSlowly(shimOf("brief"));
  await sleep(hold / 2);
  assert.equal(await ok("ps", "-aq"), "");
  assert.ok(await gone);
  assert.deepEqual([rowsOf(place), contradictions(place)], [[], []]);
});

test("a container that somebody pauses while it is being killed is not waited for in vain", {
  skip,
}, async () => {
  await ok("run", "-d", "--name", "held", image, "sleep", "1000");
  const state = `${freezer}/brig-${hash}/${idOf("held")}/freezer.state`;
  // As one who pauses it is between his claim and his end of it, on both sides of the kill.
  writeFileSync(state, "FROZEN");
  const stopped = brig("stop", "-t", "0", "held");
  await sleep(hold);
  sql("UPDATE container SET state = 'paused' WHERE name = 'held'");
  const late = sleep(10_000, "late", { ref: false });
  const ended = await Promise.race([stopped, late]);
  if (ended === "late") writeFileSync(state, "THAWED");
  assert.deepEqual(ended, { code: 0, stdout: "held\n", stderr: "" });
  await ok("rm", "held");
});

test("so is one whose starter was killed and is not gone yet", { skip }, async () => {
  await ok("run", "--rm", image, "true");
  let caught = 0;
  for (let moment = 0; moment < 8; moment++) {
    const child = start("run", "-d", "--rm", "--name", "brief", image, "sleep", "0.01");
    await until(() => rowsOf(place).length > 0 || child.exitCode !== null, "it has a row");
    await sleep(moment * 2);
    const gone = killSlowly(child.pid!);
    await sleep(hold / 2);
    await brig("ps", "-a");
    if (await gone) caught++;
    await until(
      () => contradictions(place).length === 0,
      () => contradictions(place).join("\n"),
    );
    assert.deepEqual(rowsOf(place), []);
  }
  assert.ok(caught > 0, "every starter had gone before it was killed");
});
