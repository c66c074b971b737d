/**
 * What is found around containers: rows, processes, cgroups, addresses, folders, locks. What is not brig's stays, and so
 * does a container that runs.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { gone } from "../../../src/image/store/fixture.ts";
import { identifyProcess, isRunning } from "../../../src/kernel/procfs/process.ts";
import { image } from "../../cli/brig.ts";
import { contradictions, membersOf, rowsOf } from "../remains.ts";
import { clean, type Damage, damagedRoot, run } from "./damage.ts";

const { brig, root, hash, place, ok, sql, inRoot, afflict, idOf, shimOf, processOf, end } = damagedRoot();
const strayId = "5".repeat(64);
const freezers = ["/sys/fs/cgroup/freezer", "/sys/fs/cgroup"];
const [tree, freezing, froze, thawed] = existsSync(freezers[0]!)
  ? [freezers[0], "freezer.state", "FROZEN", "THAWED"]
  : [freezers[1], "cgroup.freeze", "1", "0"];

before(() => ok("run", "-d", "--name", "web", "-p", "18501:80", "-v", "data:/data", image, "sleep", "1000"));
after(end);

/** None of these has to do with another one. */
const damages: readonly Damage[] = [
  {
    what: "a shim that was killed",
    prepare: async () => {
      await ok("run", "-d", "--name", "orphan", image, "sleep", "1000");
    },
    make: () => {
      process.kill(shimOf("orphan"), "SIGKILL");
    },
    told: [
      /^container orphan \(\w{12}\): its row says that it is running, and its shim is gone; --repair finishes/,
    ],
    mended: async () =>
      assert.equal(
        await ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "orphan"),
        "exited 137",
      ),
  },
  {
    what: "the row of a container that runs",
    prepare: async () => {
      await ok("run", "-d", "--name", "lone", "-p", "18502:80/udp", image, "sleep", "1000");
    },
    make: () => {
      lone = { shim: shimOf("lone"), first: processOf("lone") };
      sql("DELETE FROM container WHERE name = 'lone'");
    },
    told: [
      /^shim process \d+: it is that of a container \w{12}, of which there is no row; --repair kills it/,
      /^cgroup \/brig-\w{6}\/(?!5{9})\w{64}: there is no such container; 1 processes are in it; --repair kills/,
      /^interface veth(?!abcdef0)\w{7}: it is in the bridge brig-\w{6} for no container; --repair deletes it/,
      /^published port ip ports udp \. 18502 : [\d.]+ \. 80: no container publishes it, .* has it; --repair takes/,
      /^lease bridge [\d.]+: it is kept for container \w{12}, which does not run; --repair gives it back/,
      /^port udp {2}18502: it is kept for container \w{12}, which does not run; --repair gives it back/,
      /^run folder \S+\/(?!5{9})\w{16}: there is no such container; --repair removes it$/,
      /^folder \S+\/containers\/(?!5{9})\w{64}: there is no such container; --repair removes it, with what/,
    ],
    mended: () => {
      for (const pid of Object.values(lone)) assert(hasEnded(pid), `${pid}`);
    },
  },
  {
    what: "a restart whose process is gone",
    prepare: async () => {
      await ok("run", "--name", "again", image, "true");
    },
    make: () => {
      sql(`UPDATE container SET restarter = '${gone}' WHERE name = 'again'`);
    },
    told: [/^container again .*: whoever restarts it was killed; --repair gives the restart up/],
  },
  {
    what: "a process at work on a container that is gone",
    prepare: async () => {
      await ok("create", "--name", "claimed", image, "true");
    },
    make: () => {
      sql(`UPDATE container SET owner = '${gone}' WHERE name = 'claimed'`);
    },
    told: [
      /^container claimed .*: its row names a process that is at work on it and is gone; --repair forgets/,
    ],
  },
  {
    what: "a removal whose process is gone",
    prepare: async () => {
      await ok("create", "--name", "leaving", image, "true");
    },
    make: () => {
      sql(`UPDATE container SET state = 'removing', owner = '${gone}' WHERE name = 'leaving'`);
    },
    told: [/^container leaving .*: whoever removes it was killed; --repair finishes/],
    mended: () => assert(!rowsOf(place).some(({ name }) => name === "leaving")),
  },
  {
    what: "a container that somebody has frozen",
    prepare: async () => {
      await ok("run", "-d", "--name", "cold", image, "sleep", "1000");
    },
    make: () => {
      writeFileSync(`${tree}/brig-${hash}/${idOf("cold")}/${freezing}`, froze!);
    },
    told: [/^container cold .*: its row says that it runs, and its cgroup is frozen; --repair lets it run/],
    mended: async () => assert.equal(await ok("exec", "cold", "echo", "awake"), "awake"),
  },
  {
    what: "a paused container that somebody has thawed",
    prepare: async () => {
      await ok("run", "-d", "--name", "warm", image, "sleep", "1000");
      await ok("pause", "warm");
    },
    make: () => {
      writeFileSync(`${tree}/brig-${hash}/${idOf("warm")}/${freezing}`, thawed!);
    },
    told: [/^container warm .*: its row says that it is paused, and its processes run; --repair records/],
    mended: async () => assert.equal(await ok("exec", "warm", "echo", "awake"), "awake"),
  },
  {
    what: "the files of a container that has ended",
    prepare: async () => {
      await ok("run", "--name", "bare", image, "sh", "-c", "echo x > /x");
    },
    make: () => {
      rmSync(inRoot("containers", idOf("bare")), { recursive: true });
    },
    told: [/^container bare .*: what it has written is gone; --repair makes it an empty folder/],
    mended: () => ok("start", "-a", "bare"),
  },
  {
    what: "a log that ends in the middle of a line",
    prepare: async () => {
      await ok("run", "--name", "torn", image, "echo", "whole");
    },
    make: () => {
      appendFileSync(
        inRoot("containers", idOf("torn"), "container.log"),
        "2026-01-01T00:00:00.000000000Z stdo",
      );
    },
    told: [
      /^log \S+: the log of container torn ends in the middle of a line, after 35 bytes of it; --repair cuts/,
    ],
    mended: async () => assert.equal(await ok("logs", "torn"), "whole"),
  },
  {
    what: "a cgroup of no container, with a process",
    make: () => {
      mkdirSync(`${tree}/brig-${hash}/${strayId}`);
      const child = spawn("sleep", ["1000"], { stdio: "ignore" });
      child.unref();
      writeFileSync(`${tree}/brig-${hash}/${strayId}/cgroup.procs`, String(child.pid));
    },
    told: [/^cgroup \/brig-\w{6}\/5{64}: there is no such container; 1 processes are in it; --repair kills/],
  },
  {
    what: "an element of the table's map that nobody has published",
    make: () =>
      run("nft", "add", "element", "ip", `brig-${hash}`, "ports", "{ tcp . 18503 : 10.1.2.3 . 80 }"),
    told: [
      /^published port ip ports tcp \. 18503 : 10\.1\.2\.3 \. 80: no container publishes it, .* --repair takes/,
    ],
  },
  {
    what: "an element that is gone",
    make: () => run("nft", "delete", "element", "ip", `brig-${hash}`, "ports", "{ tcp . 18501 }"),
    told: [
      /^published port ip ports tcp \. 18501 : [\d.]+ \. 80: container web publishes it, .* does not have it; --repair/,
    ],
  },
  {
    what: "an interface in the bridge as brig makes them",
    make: () => {
      run(
        "ip",
        "link",
        "add",
        "vethabcdef0",
        "index",
        "268435457",
        "type",
        "veth",
        "peer",
        "name",
        `p${hash}`,
      );
      run("ip", "link", "set", "vethabcdef0", "master", `brig-${hash}`);
    },
    told: [/^interface vethabcdef0: it is in the bridge brig-\w{6} for no container; --repair deletes it/],
  },
  {
    what: "the interface of a container out of the bridge",
    prepare: async () => {
      await ok("run", "-d", "--name", "loose", image, "sleep", "1000");
    },
    make: () => {
      const { host } = JSON.parse(readRow("endpoint", "loose"));
      run("ip", "link", "set", host.name, "nomaster");
    },
    told: [
      /^interface veth\w{7}: that of container loose is not in the bridge brig-\w{6}; --repair connects it/,
    ],
  },
  {
    what: "the lease of a container that runs",
    prepare: async () => {
      await ok("run", "-d", "--name", "unleased", image, "sleep", "1000");
    },
    make: () => {
      sql(`DELETE FROM lease WHERE container = '${idOf("unleased")}'`);
    },
    told: [/^lease bridge [\d.]+: container \w{12} has it, and it is kept for nobody; --repair keeps it/],
  },
  {
    what: "the ids of a container that has a user namespace",
    prepare: () => ok("create", "--name", "mapped", "--userns", "private", image, "true"),
    make: () => sql("DELETE FROM id_pool"),
    told: [
      /^ids \d+-\d+: they are kept for this root, which does not know of it; --repair lets the root use/,
    ],
  },
  {
    what: "commands of a container without a row, and of a starter that is gone",
    prepare: () => ok("create", "--name", "commanded", image, "true"),
    make: () =>
      sql(`INSERT INTO execution (id, container, created, spec, owner) VALUES
        ('${"7".repeat(64)}', '${strayId}', 1, '{}', NULL),
        ('${"8".repeat(64)}', '${idOf("commanded")}', 1, '{}', '${gone}')`),
    told: [
      /^command 7{12}: it is of a container 5{12}, of which there is no row; --repair removes the row/,
      /^command 8{12}: process 4194304, which started it and was to record its end, is gone; --repair records/,
    ],
  },
  {
    what: "a lock whose owner is gone",
    make: () => sql(`INSERT INTO lock (name, owner) VALUES ('volume x', '${gone}')`),
    told: [/^lock volume x: process 4194304, which took it, is gone; --repair removes it/],
  },
  {
    what: "run folder of no container",
    make: () => {
      mkdirSync(inRoot("run", "c", strayId.slice(0, 16)), { mode: 0o700 });
      writeFileSync(inRoot("run", "c", strayId.slice(0, 16), "exit.new"), "");
    },
    told: [/^run folder \S+\/c\/5{16}: there is no such container; --repair removes it/],
  },
  {
    what: "the folder of no container",
    make: () => mkdirSync(inRoot("containers", strayId, "upper"), { recursive: true, mode: 0o700 }),
    told: [/^folder \S+\/containers\/5{64}: there is no such container; --repair removes it/],
  },
  {
    what: "the folder of a volume",
    prepare: async () => {
      await ok("volume", "create", "empty");
    },
    make: () => {
      rmdirSync(inRoot("volumes", "empty"));
    },
    told: [/^volume empty: its folder is gone, with what it had; --repair makes it an empty one/],
    mended: () => assert.deepEqual(readdirSync(inRoot("volumes", "empty")), []),
  },
  {
    what: "a volume that no container has, mounted",
    prepare: () => ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "brief"),
    make: () => {
      mkdirSync(inRoot("volumes", "brief"), { recursive: true });
      run("mount", "-t", "tmpfs", "tmpfs", inRoot("volumes", "brief"));
    },
    told: [/^mount \S+\/volumes\/brief: no container that runs has the volume brief; --repair takes it off/],
    mended: () =>
      assert.equal(readFileSync("/proc/self/mountinfo", "utf8").includes(inRoot("volumes", "brief")), false),
  },
  {
    what: "a copy that was interrupted, one that was complete, and a removal",
    make: () => {
      mkdirSync(inRoot("volumes", ".fill-half-01234567", "sub"), { recursive: true });
      mkdirSync(inRoot("volumes", ".full-full", "sub"), { recursive: true });
      mkdirSync(inRoot("volumes", ".removed-0123456789abcdef", "sub"), { recursive: true });
    },
    told: [
      /^copy \S+\/\.fill-half-01234567: it was to become the volume half, and whoever made it is gone; --repair/,
      /^copy \S+\/\.full-full: it was to become the volume full, and whoever made it is gone; --repair/,
      /^folder \S+\/\.removed-0123456789abcdef: it was a volume that somebody has removed; --repair/,
    ],
    mended: () => {
      assert.deepEqual(readdirSync(inRoot("volumes", "full")), ["sub"]);
      assert.deepEqual(
        readdirSync(inRoot("volumes")).filter((name) => name.startsWith(".")),
        [],
      );
    },
  },
  {
    what: "files of processes that are gone",
    make: () => {
      mkdirSync(inRoot("image", "ingest", `${gone}-0123456789abcdef`));
      writeFileSync(inRoot("image", "ingest", `${gone}-0123456789abcdef`, "part"), "x");
      writeFileSync(inRoot("image", "index.lock", `${gone}-0123456789abcdef`), "");
      writeFileSync(inRoot("cache", "seccomp", `${strayId}.4194304`), "");
      mkdirSync(inRoot("layers", "mount-points.4194304", "dev"), { recursive: true });
    },
    told: [
      /^unfinished blobs \S+\/ingest\/4194304_\S+: the process that made it is gone; --repair removes it/,
      /^lock \S+\/index\.lock\/4194304_\S+: the process that made it is gone; --repair removes it/,
      /^file \S+\/seccomp\/5{64}\.4194304: the process that made it is gone; --repair removes it/,
      /^file \S+\/mount-points\.4194304: the process that made it is gone; --repair removes it/,
    ],
  },
  {
    what: "a blob of no image",
    make: () => writeFileSync(inRoot("image", "blobs", "sha256", strayId), "x", { mode: 0o600 }),
    told: [/^blob \S+\/5{64}: no image needs it; --repair removes it/],
  },
  {
    what: "folders that everybody may enter",
    make: () => {
      chmodSync(inRoot("layers"), 0o755);
      chmodSync(inRoot("containers", idOf("web")), 0o711);
      chmodSync(inRoot("image"), 0o750);
    },
    told: [
      /^mode \S+\/layers: others than root may reach it: its mode is 755; --repair gives it to root alone/,
      /^mode \S+\/containers\/\w{64}: others than root may reach it: its mode is 711; --repair/,
      /^mode \S+\/image: others than root may reach it: its mode is 750; --repair/,
    ],
    mended: () => assert.equal(statSync(inRoot("layers")).mode & 0o777, 0o700),
  },
];

/** Zombies have, too. */
function hasEnded(pid: number): boolean {
  const process = identifyProcess(pid);
  return process === undefined || !isRunning(process);
}

let lone = { shim: 0, first: 0 };

function readRow(column: string, name: string): string {
  using database = new DatabaseSync(join(root, "brig.db"), { readOnly: true, timeout: 10_000 });
  return String(database.prepare(`SELECT ${column} AS it FROM container WHERE name = ?`).get(name)!.it);
}

test("a root on which all is well has no finding", async () => {
  assert.deepEqual(await brig("system", "check", "--deep"), clean);
});

/** Things in brig's places that brig has not made: a cgroup, an interface in the bridge, and folders. */
const foreign = {
  cgroup: `${tree}/brig-${hash}/of-the-user`,
  link: `own${hash}`,
  folders: ["containers", "layers", "volumes", "run/c"].map((folder) => inRoot(folder, "of-the-user")),
};

function makeForeign(): void {
  mkdirSync(foreign.cgroup);
  run("ip", "link", "add", foreign.link, "type", "veth", "peer", "name", `two${hash}`);
  run("ip", "link", "set", foreign.link, "master", `brig-${hash}`);
  for (const folder of foreign.folders) mkdirSync(folder, { mode: 0o700 });
}

/** Fails for what is not there any more. */
function removeForeign(): void {
  rmdirSync(foreign.cgroup);
  run("ip", "link", "delete", foreign.link);
  for (const folder of foreign.folders) rmdirSync(folder);
}

test("every kind of damage is found and told, mended, and not found again", async (t) => {
  const running = membersOf(place, idOf("web"));
  makeForeign();
  await afflict(t, damages);
  await t.test("what is not brig's stays, and so does the container that runs", () => {
    removeForeign();
    assert.deepEqual(membersOf(place, idOf("web")), running);
    assert.deepEqual(contradictions(place), []);
  });
});
