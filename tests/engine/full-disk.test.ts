/**
 * A disk that is full while a container logs: the container runs on, and its output reaches whoever is attached. What is
 * lost are lines of the log, each whole; from when there is room again they are kept again.
 */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { image, ownBrig, until } from "../cli/brig.ts";

const { brig, start, root, environment, executable, end } = ownBrig();
/** On another disk, as /run is. */
const runRoot = mkdtempSync(join(tmpdir(), "brig-run-"));
environment.BRIG_RUN_ROOT = runRoot;
const filler = join(root, "filler");

before(async () => {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=48m,mode=0700", "brig-full", root]);
  assert.equal((await brig("run", "--rm", image, "true")).code, 0);
});
/** What a test that failed has left. */
afterEach(async () => {
  rmSync(filler, { force: true });
  await brig("rm", "-f", "talker");
});
after(() => {
  rmSync(filler, { force: true });
  spawnSync(executable, ["system", "release"], { env: environment });
  execFileSync("umount", ["-l", root]);
  end();
  rmSync(runRoot, { recursive: true, force: true });
});

/** Whoever else writes takes some of the room meanwhile. */
function fill(): void {
  const { bavail, bsize } = statfsSync(root);
  try {
    writeFileSync(filler, Buffer.alloc(bavail * bsize));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
  }
  assert.equal(statfsSync(root).bavail, 0);
}

/** Numbered lines on stdout until it is told to end; the numbers of those that were said go to a tmpfs. */
const script = `trap 'echo last; exit 5' TERM
i=0; while :; do i=$((i+1)); echo "line $i of a log that has no room"; echo $i >/said/now; usleep 500; done`;

const said = async () => Number((await brig("exec", "talker", "cat", "/said/now")).stdout);
const numbers = (text: string) =>
  text.split("\n").flatMap((line) => /^line (\d+) of a log that has no room$/.exec(line)?.[1] ?? []);

test("a container goes on while its log has no room, loses whole lines only, and logs again when it has", async () => {
  // So large that the log never begins anew by itself.
  const log = ["--log-opt", "max-size=100m", "--tmpfs", "/said"];
  await brig("run", "-d", ...log, "--name", "talker", image, "sh", "-c", script);
  const attached = start("attach", "--no-stdin", "talker");
  let live = "";
  attached.stdout.setEncoding("latin1").on("data", (text) => (live += text));
  await until(() => live.includes("line "), "it talks");
  fill();
  const began = Number(numbers(live).at(-1));
  await until(() => Number(numbers(live).at(-1)) > began + 1500, "it has talked for a while");
  assert.equal((await brig("ps", "--format", "{{.Names}} {{.State}}")).stdout, "talker running\n");
  const during = Number(numbers(live).at(-1));
  rmSync(filler);
  assert.ok((await said()) >= during);
  await until(() => Number(numbers(live).at(-1)) > during + 500, "it goes on");
  assert.equal((await brig("stop", "talker")).code, 0);
  assert.equal((await brig("inspect", "-f", "{{.State.ExitCode}}", "talker")).stdout, "5\n");

  const heard = numbers(live).map(Number);
  assert.deepEqual(
    heard,
    Array.from({ length: heard.length }, (_, i) => heard[0]! + i),
  );
  const logged = (await brig("logs", "talker")).stdout;
  const lines = logged.trimEnd().split("\n");
  assert.equal(lines.at(-1), "last");
  assert.equal(numbers(logged).length, lines.length - 1, "a torn line");
  const kept = numbers(logged).map(Number);
  const gaps = kept.filter((number, i) => i > 0 && number !== kept[i - 1]! + 1);
  assert.ok(gaps.length >= 1 && kept.every((number, i) => i === 0 || number > kept[i - 1]!));
  assert.equal(kept[0], 1);
  assert.ok(kept.includes(during + 500) || kept.at(-1)! > during + 500);
  await brig("rm", "talker");
});

test("how a container ended is known, also when it ended while the disk was full", async () => {
  await brig(
    "run",
    "-d",
    "--name",
    "talker",
    image,
    "sh",
    "-c",
    "trap 'exit 5' TERM; while :; do usleep 500; done",
  );
  const before = statfsSync(root).bavail;
  assert.ok(before > 0);
  fill();
  const pid = Number((await brig("inspect", "-f", "{{.State.Pid}}", "talker")).stdout);
  process.kill(pid, "SIGTERM");
  await until(() => {
    try {
      return process.kill(pid, 0) && false;
    } catch {
      return true;
    }
  }, "it has ended");
  rmSync(filler);
  assert.equal((await brig("wait", "talker")).stdout, "5\n");
  assert.equal((await brig("ps", "-a", "--format", "{{.Names}} {{.State}}")).stdout, "talker exited\n");
  assert.equal((await brig("start", "talker")).code, 0);
});
