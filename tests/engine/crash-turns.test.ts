/**
 * Clients, shims and containers are killed in turn while eight clients go through the life of a container each: what a
 * client was told has happened, and every name can be used again. BRIG_CRASH_SEED and BRIG_CRASH_ROUNDS as for
 * crash.test.ts, of which rounds this takes a tenth.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { image, ownBrig, type Result, until } from "../cli/brig.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";
import { numbers } from "./numbers.ts";
import { contradictions, filesHeld, type Place, rowsOf } from "./remains.ts";

const rounds = Math.ceil(Number(process.env.BRIG_CRASH_ROUNDS ?? 10) / 10);
const seed = Number(process.env.BRIG_CRASH_SEED ?? 20261125);
const names = ["anne", "bart", "cook", "dave", "emma", "fred", "gina", "hugo"] as const;

const { brig, about, root, end, executable, environment } = ownBrig();
const place: Place = { root, runRoot: join(root, "run"), hash: about[1]! };
let host: HostState;

before(async () => {
  host = hostState({ about });
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
});
after(end);

/** Who is killed; undefined where there is no such process just then. */
const victims: Readonly<Record<string, (name: string, client: ChildProcess) => number | undefined>> = {
  client: (_, client) => client.pid,
  shim: (name) => {
    const shim = rowsOf(place).find((row) => row.name === name)?.shim;
    return shim ? Number(shim.split("_")[0]) : undefined;
  },
  container: (name) => rowsOf(place).find((row) => row.name === name)?.pid ?? undefined,
};

interface Step {
  readonly words: (name: string) => readonly string[];
  /** What must hold when the client was told that it is done. */
  readonly holds: (name: string, told: Result) => Promise<void>;
}

const limit = 64 << 20;

/** A life, in order. */
const steps: readonly Step[] = [
  {
    words: (name) => ["run", "-d", "--name", name, "-p", "80", image, "sleep", "1000"],
    holds: async (name, { stdout }) => assert.equal(await property(name, "{{.Id}}"), stdout.trim()),
  },
  {
    words: (name) => ["exec", name, "echo", "done"],
    holds: async (_, { stdout }) => assert.equal(stdout, "done\n"),
  },
  {
    words: (name) => ["update", "-m", String(limit), "--memory-swap", String(limit), name],
    holds: async (name) => assert.equal(await property(name, "{{.HostConfig.Memory}}"), String(limit)),
  },
  {
    words: (name) => ["rename", name, `${name}2`],
    holds: async (name) => {
      assert.match(await property(`${name}2`, "{{.Id}}"), /^\w{64}$/);
      await brig("rename", `${name}2`, name);
    },
  },
  {
    words: (name) => ["pause", name],
    // Or it has ended since.
    holds: async (name) => assert.notEqual(await property(name, "{{.State.Status}}"), "running"),
  },
  {
    words: (name) => ["unpause", name],
    holds: async (name) => assert.notEqual(await property(name, "{{.State.Status}}"), "paused"),
  },
  {
    words: (name) => ["stop", "-t", "0", name],
    holds: async (name) => assert.equal(await property(name, "{{.State.Running}}"), "false"),
  },
  {
    words: (name) => ["start", name],
    holds: async (name) => assert.match(await property(name, "{{.State.Status}}"), /^(?:running|exited)$/),
  },
  {
    words: (name) => ["rm", "-f", name],
    holds: async (name) => assert.match((await brig("inspect", name)).stderr, /No such/),
  },
];

async function property(name: string, template: string): Promise<string> {
  const { code, stdout, stderr } = await brig("inspect", "--type", "container", "-f", template, name);
  assert.equal(code, 0, `what was told is lost: ${stderr}`);
  return stdout.trim();
}

for (const [kind, victim] of Object.entries(victims))
  test(`a ${kind} that is killed loses nothing that was told, and no name`, {
    timeout: 60_000 + rounds * 60_000,
  }, async (t) => {
    t.diagnostic(`BRIG_CRASH_SEED=${seed} BRIG_CRASH_ROUNDS=${rounds * 10}`);
    await Promise.all(
      names.map(async (name, index) => {
        const random = numbers(seed + index);
        for (let round = 0; round < rounds; round++) await live(name, victim, random);
      }),
    );
    await until(
      () => contradictions(place).length === 0,
      () => contradictions(place).join("\n"),
    );
    await brig("system", "release");
    await assertSameHost(host, { about });
    await until(
      () => filesHeld(place).length === 0,
      () => filesHeld(place).join("\n"),
    );
    const check = await brig("system", "check", "--repair");
    assert.deepEqual([check.code, check.stderr], [0, ""], check.stdout);
  });

async function live(name: string, victim: (typeof victims)[string], random: () => number): Promise<void> {
  for (const { words, holds } of steps) {
    const told = await disturbed(words(name), (client) => victim(name, client), random);
    if (told.code === 0) await holds(name, told);
  }
  for (const each of [name, `${name}2`]) {
    const removed = await brig("rm", "-f", each);
    assert(removed.code === 0 || /No such container/.test(removed.stderr), removed.stderr);
  }
  const again = await brig("run", "--rm", "--name", name, image, "echo", "free");
  assert.deepEqual([again.code, again.stdout], [0, "free\n"], again.stderr);
}

/** Milliseconds in which a command does what it does. */
const span = 120;

/** In two of three cases somebody is killed meanwhile. */
async function disturbed(
  words: readonly string[],
  victim: (client: ChildProcess) => number | undefined,
  random: () => number,
): Promise<Result> {
  const client = spawn(executable, words, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  client.stdout.on("data", (text) => (stdout += text));
  client.stderr.on("data", (text) => (stderr += text));
  const closed = new Promise<number | null>((resolve) => client.on("close", resolve));
  if (random() < 2 / 3) {
    await Promise.race([closed, sleep(random() * span)]);
    kill(victim(client));
  }
  return { code: await closed, stdout, stderr };
}

function kill(pid: number | undefined): void {
  try {
    if (pid) process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
