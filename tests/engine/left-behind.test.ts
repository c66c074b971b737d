/** What a container leaves behind when its command ends, in a pid namespace of its own and in the host's: nothing. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";
import { image, ownBrig, until } from "../cli/brig.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";

const { brig, about, end } = ownBrig();
let host: HostState;

before(async () => {
  host = hostState({ about });
  assert.equal((await brig("run", "--rm", image, "true")).code, 0);
});
/** What a test that failed has left. */
afterEach(() => brig("rm", "-f", "parent"));
after(end);

/** A time to sleep that no other process of the host has. */
const mark = String(100_000 + process.pid);

/** Forks twice and leads a session, so that nobody in the container is its parent, or hears of its terminal. */
const daemon = `(setsid sh -c 'exec sleep ${mark}' </dev/null >/dev/null 2>&1 &)`;
/** The same with every signal ignored that can be. */
const deaf = `(setsid sh -c 'trap "" HUP INT TERM QUIT; sleep ${mark}; true' </dev/null >/dev/null 2>&1 &)`;

function text(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

const processes = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name));
const marked = () => processes().filter((pid) => text(`/proc/${pid}/cmdline`) === `sleep\0${mark}\0`);
const parentOf = (pid: string) => /^PPid:\s+(\d+)$/m.exec(text(`/proc/${pid}/status`))?.[1];
const zombiesOf = (parent: string) =>
  processes().filter((pid) => parentOf(pid) === parent && /^State:\tZ/m.test(text(`/proc/${pid}/status`)));

for (const [namespace, options] of [
  ["a pid namespace of its own", []],
  ["the host's pid namespace", ["--pid", "host"]],
] as const) {
  test(`daemons of a container in ${namespace} end when its command does`, async () => {
    const script = `${daemon}; ${deaf}; until [ -e /go ]; do sleep 0.05; done; exit 3`;
    await brig("run", "-d", ...options, "--name", "parent", image, "sh", "-c", script);
    await until(() => marked().length === 2, "the daemons are there");
    await brig("exec", "parent", "touch", "/go");
    assert.equal((await brig("wait", "parent")).stdout, "3\n");
    assert.deepEqual(marked(), []);
    await brig("rm", "parent");
  });

  for (const verb of ["stop", "kill", "rm"] as const)
    test(`they end with ${verb} in ${namespace}, and with what exec has left`, async () => {
      const script = `trap 'exit 0' TERM; ${daemon}; while :; do sleep 0.05; done`;
      await brig("run", "-d", ...options, "--name", "parent", image, "sh", "-c", script);
      await brig("exec", "parent", "sh", "-c", deaf);
      await until(() => marked().length === 2, "the daemons are there");
      await brig(verb, ...(verb === "rm" ? ["-f"] : []), "parent");
      if (verb === "kill") await brig("wait", "parent");
      assert.deepEqual(marked(), []);
      if (verb !== "rm") await brig("rm", "parent");
    });
}

test("orphans in the host's pid namespace are their shim's, which buries them", async () => {
  const script = `for i in 1 2 3 4 5; do (setsid sh -c 'sleep 0.1' &); done; ${daemon}; sleep 1000`;
  await brig("run", "-d", "--pid", "host", "--name", "parent", image, "sh", "-c", script);
  await until(() => marked().length === 1, "the daemon is there");
  const pid = (await brig("inspect", "-f", "{{.State.Pid}}", "parent")).stdout.trim();
  const shim = parentOf(pid)!;
  await until(() => parentOf(marked()[0]!) === shim, "its parent has gone");
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(zombiesOf(shim), []);
  await brig("rm", "-f", "parent");
  assert.deepEqual(marked(), []);
  await until(() => !existsSync(`/proc/${shim}`), "the shim has gone");
});

test("the host is as it was before the first run", async () => {
  await brig("system", "release");
  await assertSameHost(host, { about });
});
