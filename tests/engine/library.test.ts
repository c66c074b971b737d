/** The engine in process, as a program that imports it uses it: no command line, no build. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { ContainerSpec, Session } from "../../src/engine/index.ts";
import { BrigError, Engine } from "../../src/engine/index.ts";
import { ownBrig, until } from "../cli/brig.ts";
import { busyboxArchive } from "../fixtures/images.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";
import { contradictions } from "./remains.ts";

const { root, executable, about, end } = ownBrig();
const runRoot = join(root, "run");
const warnings: string[] = [];
const engine = Engine.open({ root, runRoot, self: [executable], warn: (text) => warnings.push(text) });
let host: HostState;

const spec = (...command: readonly string[]): ContainerSpec => ({ image: "busybox", command });
const both = { streams: { stdout: true, stderr: true } };

before(async () => {
  for await (const { reference } of engine.load(createReadStream(busyboxArchive())))
    assert.equal(reference, "busybox:latest");
  const { session } = await engine.run({ ...spec("true"), autoRemove: true });
  await session.wait();
  await engine.release();
  host = hostState({ about });
});
after(() => {
  engine[Symbol.dispose]();
  end();
});

async function textOf({ output }: Session): Promise<string> {
  let text = "";
  for await (const { stream, bytes } of output) text += `${stream} ${Buffer.from(bytes)}`;
  return text;
}

test("a container runs, its output is read, its end is awaited, and it is gone", async () => {
  const run = { ...spec("sh", "-c", "echo out; sleep 0.1; echo err >&2; exit 4"), autoRemove: true };
  const { session } = await engine.run(run, both);
  assert.equal(await textOf(session), "stdout out\nstderr err\n");
  assert.deepEqual(await session.wait(), { code: 4, oom: false });
  assert.deepEqual(await engine.list({ all: true }), []);
});

test("stdin goes in and comes out, with its end", async () => {
  const run = { ...spec("cat"), openStdin: true, stdinOnce: true, autoRemove: true };
  const { session } = await engine.run(run, { streams: { stdin: true, stdout: true } });
  await session.write(Buffer.from("to and fro"));
  await session.closeStdin();
  assert.equal(await textOf(session), "stdout to and fro");
  assert.equal((await session.wait()).code, 0);
});

test("a container that is left alone is found, entered, read, stopped and removed", async () => {
  const { id, session } = await engine.run({
    ...spec("sh", "-c", "echo hello; exec sleep 100"),
    name: "left",
  });
  await session.detach();
  const info = await engine.inspect("left");
  assert.deepEqual([info.id, info.state, info.command.at(-1)], [id, "running", "echo hello; exec sleep 100"]);
  const exec = await engine.exec("left", { command: ["sh", "-c", "hostname; exit 9"] }, both.streams);
  assert.equal(await textOf(exec), `stdout ${id.slice(0, 12)}\n`);
  assert.equal((await exec.wait()).code, 9);
  const lines: string[] = [];
  for await (const { bytes } of engine.logs("left", {})) lines.push(String(Buffer.from(bytes)));
  assert.deepEqual(lines, ["hello\n"]);
  await engine.stop("left", { seconds: 0 });
  assert.deepEqual(await engine.wait("left"), { code: 137, oom: false });
  await engine.remove("left");
});

test("what is wrong is told by an error of a kind, and leaves nothing", async () => {
  const failures: readonly (readonly [() => Promise<unknown>, string])[] = [
    [() => engine.run(spec("no-such-program")), "command-not-found"],
    [() => engine.run({ ...spec("true"), image: "no-such-image" }), "not-found"],
    [() => engine.run({ ...spec("true"), init: true, runtime: "/usr/bin/crun" }), "unsupported"],
    [() => engine.run({ ...spec("true"), user: "nobody-here", autoRemove: true }), "invalid"],
    [
      () =>
        engine.run({
          ...spec("true"),
          mounts: [
            {
              kind: "volume",
              name: "../../etc",
              target: "/x",
              readOnly: false,
              noCopy: false,
              driverOptions: {},
              labels: {},
            },
          ],
        }),
      "invalid",
    ],
    [() => engine.inspect("nothing"), "not-found"],
    [() => engine.kill("nothing", 9), "not-found"],
  ];
  for (const [attempt, kind] of failures)
    await assert.rejects(attempt, (error) => error instanceof BrigError && error.kind === kind, kind);
  for (const { id } of await engine.list({ all: true })) await engine.remove(id, { force: true });
});

test("twenty containers run at once in one process", async () => {
  const ends = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const { session } = await engine.run({ ...spec("sh", "-c", `exit ${i}`), autoRemove: true }, both);
      return (await session.wait()).code;
    }),
  );
  assert.deepEqual(
    ends,
    Array.from({ length: 20 }, (_, i) => i),
  );
});

/** For longer than a shim waits for its clients after the end. */
const lingers = 3000;

test("a reader who comes later and is slow misses nothing, even when the shim has left", async () => {
  const size = 3_000_000;
  const { session } = await engine.run({
    ...spec("sh", "-c", `read go; head -c ${size} /dev/zero; sleep 0.5`),
    name: "loud",
    openStdin: true,
  });
  await session.detach();
  const late = await engine.attach("loud", { stdin: true, stdout: true });
  await late.write(Buffer.from("go\n"));
  let got = 0;
  for await (const { bytes } of late.output) {
    if (got === 0) await new Promise((resolve) => setTimeout(resolve, lingers));
    got += bytes.length;
  }
  assert.equal(got, size);
  await engine.remove("loud", { force: true });
});

test("the host is as it was, and nobody was warned", async () => {
  // First, as the other look opens the database in this process.
  await engine.release();
  await assertSameHost(host, { about });
  const place = { root, runRoot, hash: about[1]! };
  await until(() => contradictions(place).length === 0, "all is in order").catch(() =>
    assert.deepEqual(contradictions(place), []),
  );
  assert.deepEqual(warnings, []);
});

test("importing the engine starts nothing and prints nothing", () => {
  const source = `import ${JSON.stringify(join(import.meta.dirname, "../../src/engine/index.ts"))}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", source], {
    encoding: "utf8",
  });
  assert.deepEqual([status, stdout, stderr], [0, "", ""]);
});
