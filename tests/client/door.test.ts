/** The same program with an engine in this process and with one behind its API: what it is told is the same. */

import assert from "node:assert/strict";
import { createReadStream, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { connect } from "../../src/client/index.ts";
import { type ContainerEngine, Engine, type Session } from "../../src/engine/index.ts";
import { ownService } from "../api/own-service.ts";
import { busyboxArchive } from "../fixtures/images.ts";

const own = ownService();
const engines: Record<string, ContainerEngine> = {};
const folder = mkdtempSync(join(tmpdir(), "brig-door-"));

before(async () => {
  await own.startService();
  const { root } = own;
  engines["in this process"] = Engine.open({ root, runRoot: join(root, "run"), self: [own.executable] });
  engines["behind its API"] = connect(`unix://${own.socket}`);
});
after(async () => {
  for (const engine of Object.values(engines)) engine[Symbol.dispose]();
  await own.stopService();
  own.end();
  rmSync(folder, { recursive: true });
});

/** No other test's, and none that the kernel gives away. */
const port = 20_000 + (process.pid % 10_000);

const all = { stdin: true, stdout: true, stderr: true };
const out = { stdout: true, stderr: true };

async function textOf({ output }: Session): Promise<{ stdout: string; stderr: string }> {
  const said = { stdout: "", stderr: "" };
  for await (const { stream, bytes } of output) said[stream] += Buffer.from(bytes);
  return said;
}

for (const where of ["in this process", "behind its API"])
  describe(`an engine ${where}`, () => {
    const engine = () => engines[where]!;
    const shell = (command: string) => ({ image: "busybox", command: ["sh", "-c", command] });

    test("loads an image and tells of it", async () => {
      const loaded = await Array.fromAsync(engine().load(createReadStream(busyboxArchive())));
      const { id, names, config } = await engine().inspectImage("busybox");
      assert.deepEqual(loaded, [{ reference: "busybox:latest", id }]);
      assert.deepEqual(names, ["busybox:latest"]);
      assert.equal(config.os, "linux");
      assert.deepEqual(
        (await engine().images()).map((image) => image.names),
        [["busybox:latest"]],
      );
    });

    test("runs a container: both streams, its end, and nothing is left", async () => {
      const spec = { ...shell("echo out; echo err >&2; exit 4"), autoRemove: true };
      const { session } = await engine().run(spec, { streams: out });
      assert.deepEqual(await textOf(session), { stdout: "out\n", stderr: "err\n" });
      assert.equal((await session.wait()).code, 4);
      assert.deepEqual(await engine().list({ all: true }), []);
    });

    test("feeds stdin, with its end", async () => {
      const spec = { ...shell("wc -c"), openStdin: true, stdinOnce: true, autoRemove: true };
      const { session } = await engine().run(spec, { streams: all });
      const piece = Buffer.alloc(100_000, "x");
      for (let i = 0; i < 20; i++) await session.write(piece);
      await session.closeStdin();
      assert.equal((await textOf(session)).stdout, "2000000\n");
      assert.equal((await session.wait()).code, 0);
    });

    test("passes ten megabytes, however slowly they are read", async () => {
      const { session } = await engine().run(
        { ...shell("head -c 10000000 /dev/zero"), autoRemove: true },
        { streams: out },
      );
      let size = 0;
      for await (const { bytes } of session.output) {
        size += bytes.length;
        if (size < 200_000) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assert.equal(size, 10_000_000);
      assert.equal((await session.wait()).code, 0);
    });

    test("has terminals, with sizes", async () => {
      const spec = {
        ...shell("read x; stty size; exit 3"),
        terminal: true,
        openStdin: true,
        autoRemove: true,
      };
      const { session } = await engine().run(spec, { streams: all });
      await session.resize(31, 77);
      await session.write(Buffer.from("\n"));
      assert.match((await textOf(session)).stdout, /31 77/);
      assert.equal((await session.wait()).code, 3);
    });

    test("sends signals, and tells of the end", async () => {
      await using box = await engine().container(shell("trap 'exit 9' TERM; while :; do sleep 0.1; done"));
      const session = await box.start(out);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await session.signal(15);
      assert.equal((await session.wait()).code, 9);
      assert.equal((await box.wait()).code, 9);
    });

    test("leaves a container to itself, and comes back to it", async () => {
      await using box = await engine().container(shell("sleep 0.5; echo later; sleep 100"));
      const session = await box.start(out);
      await session.detach();
      const attached = await box.attach();
      const { value } = await attached.output[Symbol.asyncIterator]().next();
      assert.equal(Buffer.from(value?.bytes ?? []).toString(), "later\n");
      await attached.detach();
      assert.equal((await box.inspect()).state, "running");
    });

    test("executes commands, with their codes, their input and their errors", async () => {
      await using box = await engine().container({ ...shell("sleep 100"), hostname: "h" });
      await box.start();
      const { code, stdout, stderr } = await box.exec(["sh", "-c", "hostname; echo no >&2; exit 7"]);
      assert.deepEqual([code, stdout.toString(), stderr.toString()], [7, "h\n", "no\n"]);
      assert.equal((await box.exec({ command: ["cat"] }, "fed")).stdout.toString(), "fed");
      const env = {
        command: ["sh", "-c", "echo $A; pwd; id -u"],
        env: ["A=b"],
        workingDirectory: "/tmp",
        user: "7",
      };
      assert.equal((await box.exec(env)).stdout.toString(), "b\n/tmp\n7\n");
      assert.deepEqual(await engine().executions(box.id), []);
    });

    test("tells of a container what was asked for", async () => {
      const asked = {
        ...shell("sleep 100"),
        name: "told",
        labels: { a: "b" },
        env: ["A=1"],
        resources: { memory: 64 << 20, pidsLimit: 50 },
        network: { publish: [`127.0.0.1:${port}:80`], expose: ["80"] },
        mounts: [{ kind: "tmpfs", target: "/t", readOnly: false, options: ["size=1m"] }],
      } as const;
      await using box = await engine().container(asked);
      await box.start();
      const { name, state, spec, endpoint, image, pid = 0 } = await box.inspect();
      assert.deepEqual([name, state, image, pid > 0], ["told", "running", "busybox", true]);
      assert.deepEqual(spec.resources?.memory, 64 << 20);
      assert.deepEqual({ ...spec.labels }, { a: "b" });
      assert.equal(spec.mounts?.[0]?.target, "/t");
      assert.deepEqual(
        endpoint?.ports.map(({ hostIp, containerPort, protocol }) => [hostIp, containerPort, protocol]),
        [["127.0.0.1", 80, "tcp"]],
      );
      assert.equal((await engine().list())[0]?.id, box.id);
      assert.match((await engine().top(box.id)).titles.join(" "), /PID/);
      const { usage } = await engine().stats(box.id);
      assert.ok(Number(usage?.cgroup.memory.usage.usage) > 0);
      assert.equal(Number(usage?.cgroup.memory.usage.limit), 64 << 20);
      assert.deepEqual(
        await engine().update(box.id, { resources: { memory: 32 << 20, memorySwap: -1 } }),
        [],
      );
      assert.equal((await box.inspect()).spec.resources?.memory, 32 << 20);
      await engine().pause(box.id);
      assert.equal((await box.inspect()).state, "paused");
      await engine().unpause(box.id);
      await engine().rename(box.id, "renamed");
      assert.equal((await engine().inspect("renamed")).id, box.id);
      await engine().restart(box.id, { seconds: 0 });
      await box.stop({ seconds: 0 });
      assert.equal((await box.inspect()).state, "exited");
    });

    test("has logs, from whenever, of either stream, and while they are written", async () => {
      await using box = await engine().container(shell("echo one; echo two >&2; sleep 0.5; echo three"));
      await box.start();
      const text = async (query: Parameters<typeof box.logs>[0]) =>
        (await Array.fromAsync(box.logs(query))).map(
          ({ stream, bytes }) => `${stream} ${Buffer.from(bytes)}`,
        );
      assert.deepEqual(await text({ follow: true }), ["stdout one\n", "stderr two\n", "stdout three\n"]);
      assert.deepEqual(await text({ tail: 1 }), ["stdout three\n"]);
      assert.deepEqual(await text({ stdout: false }), ["stderr two\n"]);
      const [first] = await Array.fromAsync(box.logs({}));
      assert.match(first?.time ?? "", /^\d{4}-\d\d-\d\dT.*Z$/);
      assert.deepEqual(await text({ since: BigInt(Date.now() + 1000) * 1_000_000n }), []);
    });

    test("can be told to give up", async () => {
      await using box = await engine().container(shell("echo one; sleep 100"));
      await box.start();
      await assert.rejects(box.wait({ signal: AbortSignal.timeout(50) }), { name: "TimeoutError" });
      const seen = await Array.fromAsync(box.logs({ follow: true, signal: AbortSignal.timeout(300) }));
      assert.equal(seen.length, 1);
      assert.deepEqual(await Array.fromAsync(box.events({ signal: AbortSignal.timeout(50) })), []);
    });

    test("tells what happens", async () => {
      const since = Date.now();
      const box = await engine().container({ ...shell("exit 5"), name: "seen" });
      await box.start();
      await box.wait();
      await box.remove();
      const events = await Array.fromAsync(await engine().events({ since, until: Date.now() + 300 }));
      const own = events.filter(({ subject }) => subject === box.id);
      assert.deepEqual(
        own.map(({ type, action }) => `${type} ${action}`).filter((text) => !text.includes("attach")),
        ["container create", "container start", "container die", "container destroy"],
      );
      assert.equal(own.find(({ action }) => action === "die")?.attributes.exitCode, "5");
    });

    test("copies files in and out, by the rules of cp", async () => {
      const place = mkdtempSync(join(folder, "cp-"));
      writeFileSync(join(place, "file"), "content");
      symlinkSync("/etc/passwd", join(place, "link"));
      await using box = await engine().container(shell("mkdir /d; ln -s /d /to-d; sleep 100"));
      await box.start();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await engine().copyIn(box.id, { hostPath: join(place, "file"), path: "/d/new" });
      await engine().copyIn(box.id, { hostPath: join(place, "file"), path: "/to-d" });
      await engine().copyIn(box.id, { hostPath: `${place}/.`, path: "/d" });
      assert.equal((await box.exec(["ls", "/d"])).stdout.toString(), "file\nlink\nnew\n");
      await engine().copyOut(box.id, { path: "/d", hostPath: join(place, "tree") });
      await engine().copyOut(box.id, { path: "/d/new", hostPath: place });
      await engine().copyOut(box.id, { path: "/d/.", hostPath: join(place, "content") });
      for (const path of ["tree/new", "new", "content/file"])
        assert.equal(readFileSync(join(place, path), "utf8"), "content");
      await assert.rejects(engine().copyOut(box.id, { path: "/nosuch", hostPath: place }), {
        kind: "not-found",
      });
      await assert.rejects(engine().copyIn(box.id, { hostPath: place, path: "/d/file" }), {
        kind: "conflict",
      });
      assert.equal((await engine().statFile(box.id, "/to-d")).linkTarget, "/d");
      assert.equal((await engine().statFile(box.id, "/d/new")).size, "content".length);
      const changed = (await engine().changes(box.id)).map(({ kind, path }) => `${kind} ${path}`);
      assert.ok(changed.includes("added /d/new"), changed.join("\n"));
    });

    test("exports, imports, saves, tags, tells the history and removes", async () => {
      await using box = await engine().container(shell("echo kept > /note"));
      await box.start();
      await box.wait();
      const { id } = await engine().importImage(engine().export(box.id), {
        reference: "noted:1",
        message: "a note",
        changes: ['CMD ["cat", "/note"]'],
      });
      assert.match(id, /^sha256:/);
      await engine().tag("noted:1", "example.org/noted:2");
      const saved: Uint8Array[] = [];
      for await (const bytes of await engine().save({ references: ["example.org/noted:2"] }))
        saved.push(bytes);
      assert.ok(Buffer.concat(saved).length > 100_000);
      assert.equal((await engine().history("noted:1"))[0]?.comment, "a note");
      await assert.rejects(engine().save({ references: ["nosuch"] }), { kind: "not-found" });
      assert.deepEqual(await engine().removeImage("noted:1"), [{ kind: "untagged", what: "noted:1" }]);
      const removed = await engine().removeImage("example.org/noted:2");
      assert.ok(removed.some(({ kind, what }) => kind === "deleted" && what === id));
    });

    test("has volumes and networks", async () => {
      const { name, labels } = await engine().createVolume({ name: "vol", labels: { a: "b" } });
      assert.deepEqual([name, { ...labels }], ["vol", { a: "b" }]);
      assert.ok((await engine().volumes()).some((volume) => volume.name === "vol"));
      await engine().removeVolume("vol");
      await assert.rejects(engine().inspectVolume("vol"), { kind: "not-found" });
      assert.deepEqual((await engine().networks()).map((network) => network.name).sort(), [
        "bridge",
        "host",
        "none",
      ]);
      assert.equal((await engine().inspectNetwork("bridge")).driver, "bridge");
      assert.equal((await engine().info()).Images, 1);
    });

    const failures: readonly (readonly [
      string,
      (engine: ContainerEngine) => Promise<unknown>,
      string,
      string,
    ])[] = [
      ["a container that is not there", (e) => e.inspect("nosuch"), "not-found", "no-such-container"],
      ["an image that is not there", (e) => e.run({ image: "nosuch" }), "not-found", "no-such-image"],
      ["a name that is none", (e) => e.create({ image: "busybox", name: "a/b" }), "invalid", ""],
      ["a signal for what does not run", (e) => e.kill("idle", 9), "conflict", ""],
      ["a command for what does not run", (e) => e.exec("idle", { command: ["true"] }, {}), "conflict", ""],
      ["a second start", async (e) => e.start("busy"), "conflict", "already-running"],
      ["a removal of what runs", (e) => e.remove("busy"), "conflict", ""],
      [
        "a command that does not exist",
        (e) => e.run({ image: "busybox", command: ["nosuch"], autoRemove: true }, { streams: out }),
        "command-not-found",
        "",
      ],
      [
        "a command that is none",
        (e) => e.run({ image: "busybox", command: ["/etc"], autoRemove: true }, { streams: out }),
        "command-not-executable",
        "",
      ],
    ];

    describe("refuses", () => {
      before(async () => {
        await engine().create({ ...shell("true"), name: "idle" });
        const { session } = await engine().run({ ...shell("sleep 100"), name: "busy" });
        await session.detach();
      });
      after(async () => {
        for (const name of ["idle", "busy"]) await engine().remove(name, { force: true });
      });
      for (const [what, act, kind, code] of failures)
        test(what, async () => {
          await assert.rejects(act(engine()), (error: { kind: string; code: string; message: string }) => {
            assert.equal(error.kind, kind, error.message);
            if (code !== "") assert.equal(error.code, code, error.message);
            return true;
          });
        });
    });
  });

test("what Docker's API has no word for is refused by the one behind it", async () => {
  const engine = engines["behind its API"]!;
  for (const act of [
    () => engine.check(),
    () => engine.release(),
    () => engine.explain({ image: "busybox" }),
  ])
    await assert.rejects(act(), { kind: "unsupported", code: "local-only" });
});
