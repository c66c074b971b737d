/** `--userns`: containers whose root is nobody on the host. What they see, what the host sees of them, and what they leave. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { image, ownBrig, until } from "../cli/brig.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";
import { contradictions } from "./remains.ts";

const { brig, brigWith, about, root, end } = ownBrig();
const place = { root, runRoot: join(root, "run"), hash: about[1]! };
const ledger = "/var/lib/brig-ids";
let host: HostState;

before(async () => {
  host = hostState({ about });
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
});
after(end);

/** Succeeds without a complaint. */
async function ok(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await brig(...words);
  assert.deepEqual([code, stderr], [0, ""], words.join(" "));
  return stdout.trim();
}
const inside = (options: readonly string[], script: string) =>
  ok("run", "--rm", "--userns", "private", ...options, image, "sh", "-c", script);
const told = (name: string, what: string) => ok("inspect", "-f", `{{${what}}}`, name);
const numbers = (text: string) => text.trim().split(/\s+/).map(Number);

/** First id of the host and how many, as the kernel has them. */
async function rangeOf(name: string) {
  const [, first, size] = numbers(readFileSync(`/proc/${await told(name, ".State.Pid")}/uid_map`, "utf8"));
  return { first: first!, size: size! };
}

async function running(name: string, ...options: readonly string[]): Promise<void> {
  await ok("run", "-d", "--name", name, ...options, image, "sleep", "1000");
}

/** A folder of the host. */
function folder(name: string, mode: number, owner = 0): string {
  const path = join(root, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  writeFileSync(join(path, "file"), "of the host\n");
  for (const each of [path, join(path, "file")]) chownSync(each, owner, owner);
  chmodSync(path, mode);
  return path;
}

test("root of the container is root there, and on the host a user that nobody else is", async () => {
  await running("one", "--userns", "private");
  await running("two", "--userns", "auto");
  const [one, two] = [await rangeOf("one"), await rangeOf("two")];
  assert.deepEqual([one.size, two.size], [65_536, 65_536]);
  assert.ok(one.first + one.size <= two.first || two.first + two.size <= one.first, "the ranges overlap");
  assert.deepEqual(numbers(await ok("exec", "one", "cat", "/proc/self/uid_map", "/proc/self/gid_map")), [
    ...[0, one.first, 65_536],
    ...[0, one.first, 65_536],
  ]);
  assert.equal(await ok("exec", "one", "id", "-u"), "0");
  const status = readFileSync(`/proc/${await told("one", ".State.Pid")}/status`, "utf8");
  assert.match(status, new RegExp(`^Uid:(?:\\t${one.first}){4}$`, "m"));
  assert.match(status, new RegExp(`^Gid:(?:\\t${one.first}){4}$`, "m"));
  await ok("rm", "-f", "one", "two");
});

test("inspect tells the mode and the ids, also of one that does not run", async () => {
  await ok("create", "--name", "kept", "--userns", "auto:size=1000", image, "true");
  assert.equal(await told("kept", ".HostConfig.UsernsMode"), "auto:size=1000");
  const maps = JSON.parse(await told("kept", "json .HostConfig.IDMappings"));
  assert.match(maps.UidMap[0], /^0:\d+:1000$/);
  assert.deepEqual(maps.GidMap, maps.UidMap);
  await ok("create", "--name", "plain", image, "true");
  assert.equal(await told("plain", ".HostConfig.UsernsMode"), "");
  await ok("rm", "kept", "plain");
});

test("the image's files have the owners that the image says, and nothing was changed on the disk", async () => {
  assert.equal(await inside([], "stat -c %u:%g / /bin/busybox /etc/passwd"), "0:0\n0:0\n0:0");
  await ok(
    "create",
    "--name",
    "writer",
    "--userns",
    "private",
    image,
    "sh",
    "-c",
    "touch /w /v; chown 7:8 /w; chmod 4755 /v",
  );
  await ok("start", "-a", "writer");
  const upper = await told("writer", ".GraphDriver.Data.UpperDir");
  const written = statSync(join(upper, "w"));
  assert.deepEqual([written.uid, written.gid], [7, 8], "the layer has the container's ids");
  assert.equal(statSync(join(root, "containers")).mode & 0o077, 0, "and no other user can come to it");
  await ok("rm", "writer");
});

test("what brig makes in a container is its root's: files in /etc, file systems in memory, the terminal", async () => {
  const owners = "stat -c %u:%g /etc/hosts /etc/hostname /etc/resolv.conf /dev /dev/shm /dev/pts /mem";
  assert.deepEqual(
    (
      await inside(["--tmpfs", "/mem"], `${owners}; echo 1.2.3.4 more >>/etc/hosts && tail -n1 /etc/hosts`)
    ).split("\n"),
    [...Array(7).fill("0:0"), "1.2.3.4 more"],
  );
  const seen = await inside(["-t"], "stat -c %u:%g $(tty) /dev/console");
  assert.deepEqual(seen.trim().split(/\s+/), ["0:5", "0:5"]);
  const user = await inside(["-t", "-u", "1000"], "stat -c %u:%g $(tty); id -u");
  assert.deepEqual(user.trim().split(/\s+/), ["1000:5", "1000"]);
  assert.equal(await inside([], "echo x >/dev/null && head -c 3 /dev/zero | wc -c"), "3");
});

test("a volume belongs to the root of whatever container has it, with a user namespace or without", async () => {
  const write = (name: string) => `echo ${name} >/data/${name}; stat -c '%n %u' /data/*`;
  await inside(["-v", "goods:/data"], write("one"));
  await ok("run", "--rm", "-v", "goods:/data", image, "sh", "-c", write("plain"));
  const all = await inside(["-v", "goods:/data"], `${write("two")}; rm /data/one /data/plain && ls /data`);
  assert.deepEqual(all.split("\n"), ["/data/one 0", "/data/plain 0", "/data/two 0", "two"]);
  await running("lender", "--userns", "private", "-v", "goods:/data");
  assert.equal(await inside(["--volumes-from", "lender"], "rm /data/two && ls /data"), "");
  await ok("rm", "-f", "lender");
  await ok("volume", "rm", "goods");
});

test("a folder of the host keeps its owners: what is written there has the host's ids of the container", async () => {
  const open = folder("open", 0o777);
  await running("one", "--userns", "private", "-v", `${open}:/open`);
  const { first } = await rangeOf("one");
  const seen = await ok(
    "exec",
    "-u",
    "5:6",
    "one",
    "sh",
    "-c",
    "stat -c %u /open/file; touch /open/new; stat -c %u:%g /open/new",
  );
  assert.deepEqual(seen.split("\n"), ["65534", "5:6"]);
  const made = statSync(join(open, "new"));
  assert.deepEqual([made.uid, made.gid], [first + 5, first + 6]);
  await ok("restart", "-t", "0", "one");
  assert.equal(
    await ok("exec", "one", "stat", "-c", "%u", "/open/new"),
    "5",
    "the range is the same after a restart",
  );
  await ok("rm", "-f", "one");
});

test("with idmap root of the container owns what root of the host does", async () => {
  const mine = folder("mine", 0o755);
  for (const flags of [
    ["-v", `${mine}:/mine:idmap`],
    ["--mount", `type=bind,src=${mine},dst=/mine,idmap`],
  ]) {
    assert.equal(await inside(flags, "stat -c %u /mine/file; echo more >>/mine/file; touch /mine/new"), "0");
    assert.equal(statSync(join(mine, "new")).uid, 0);
    rmSync(join(mine, "new"));
  }
  assert.equal(readFileSync(join(mine, "file"), "utf8"), "of the host\nmore\nmore\n");
  const readOnly = await brig(
    "run",
    "--rm",
    "--userns",
    "private",
    "-v",
    `${mine}:/mine:ro,idmap`,
    image,
    "touch",
    "/mine/no",
  );
  assert.match(readOnly.stderr, /Read-only file system/);
});

test("parts of images and of volumes are its own as well, and what the options of a volume mount is the host's", async () => {
  const parts = [
    ...["--mount", `type=image,src=${image},dst=/image,subpath=etc`],
    ...["--mount", "type=volume,src=goods,dst=/part,volume-subpath=sub"],
  ];
  await inside(["-v", "goods:/data"], "mkdir /data/sub; touch /data/sub/f; chown 5 /data/sub/f");
  const owners = "stat -c %u /image /image/passwd /part /part/f";
  assert.equal(await inside(parts, `${owners}; touch /part/new && echo made`), "0\n0\n0\n5\nmade");
  const bound = folder("bound", 0o755);
  await ok("volume", "create", "bound", "--opt", "type=none", "--opt", `device=${bound}`, "--opt", "o=bind");
  assert.equal(await inside(["-v", "bound:/b"], "stat -c %u /b/file"), "65534");
  assert.equal(await inside(["-v", "bound:/b:idmap"], "stat -c %u /b/file"), "0");
  await ok("volume", "rm", "bound", "goods");
});

test("where the image is copied in place of an overlay the copy is mapped", async () => {
  const vfs = (...words: readonly string[]) => ok("--storage-driver", "vfs", ...words);
  await vfs("run", "--name", "copy", "--userns", "private", image, "sh", "-c", "touch /w; chown 7 /w");
  assert.equal(statSync(join(root, "containers", await told("copy", ".Id"), "root/w")).uid, 7);
  assert.match(await ok("diff", "copy"), /^A \/w$/m);
  await ok("rm", "copy");
});

/** Owner and name of what `cp` says is at a path. */
async function listed(path: string): Promise<readonly string[]> {
  const { stdout } = await brig("cp", `box:${path}`, "-");
  const tar = spawnSync("tar", ["tv", "--numeric-owner"], { input: Buffer.from(stdout, "latin1") });
  const lines = tar.stdout.toString().trim().split("\n");
  return lines.map((line) => line.replace(/^\S+\s+(\S+) .* (\S+)$/, "$1 $2"));
}

test("files go in and out of it as it sees them, while it runs and when it has ended", async () => {
  const [out, open] = [folder("out", 0o755), folder("open", 0o777)];
  const source = folder("source", 0o755, 1234);
  chownSync(join(source, "file"), 4_000_000, 0);
  await running("box", "--userns", "private", "-v", "box:/data", "-v", `${open}:/open`);
  const { first } = await rangeOf("box");
  await ok("exec", "box", "sh", "-c", "echo q >/q; chown 33:44 /q; mkdir /d; ln /q /d/q; echo o >/open/made");
  for (const state of ["running", "exited"]) {
    assert.equal(await told("box", ".State.Status"), state);
    assert.deepEqual(await listed("/q"), ["33/44 q"], state);
    assert.deepEqual(await listed("/open"), ["65534/65534 open/", "65534/65534 open/file", "0/0 open/made"]);
    await ok("cp", "-a", "box:/d", join(out, `kept-${state}`));
    await ok("cp", "box:/d/.", join(out, `taken-${state}`));
    const [kept, taken] = ["kept", "taken"].map((how) => statSync(join(out, `${how}-${state}`, "q")));
    assert.deepEqual([kept!.uid, kept!.gid, taken!.uid, taken!.gid], [33, 44, 0, 0], state);
    for (const folder of ["", "/data"]) await ok("cp", source, `box:${folder}/${state}`);
    await ok("cp", join(out, `kept-${state}`, "q"), "box:/open/put");
    assert.equal(statSync(join(open, "put")).uid, first + 33, state);
    rmSync(join(open, "put"));
    const archive = spawnSync("tar", ["c", "-C", source, "file"]).stdout;
    assert.equal((await brigWith(archive, "cp", "-", "box:/tmp")).code, 0);
    assert.match(await ok("diff", "box"), /^A \/q$/m);
    const exported = spawnSync("tar", ["tv", "--numeric-owner"], {
      input: Buffer.from((await brig("export", "box")).stdout, "latin1"),
    });
    assert.match(exported.stdout.toString(), /33\/44 .* d\/q$/m);
    if (state === "running") await ok("stop", "-t", "0", "box");
  }
  await ok("start", "box");
  for (const state of ["/running", "/exited", "/data/running", "/data/exited"])
    assert.equal(
      await ok("exec", "box", "stat", "-c", "%u", state, `${state}/file`),
      "1234\n0",
      "its own id, and root's for one that the container does not have",
    );
  assert.equal(await ok("exec", "box", "stat", "-c", "%u", "/tmp/file"), "0");
  await ok("rm", "-f", "box");
  await ok("volume", "rm", "box");
});

test("commands, users, published ports, an init, limits and read-only roots are as without one", async () => {
  await running(
    "web",
    "--userns",
    "private",
    "--init",
    "--read-only",
    "-m",
    "64m",
    "-p",
    "127.0.0.1:18473:80",
  );
  assert.equal(await ok("exec", "-u", "1000:2000", "web", "sh", "-c", "id -u; id -g"), "1000\n2000");
  assert.match(await ok("exec", "web", "cat", "/proc/1/cmdline"), /docker-init/);
  await ok("exec", "-d", "web", "sh", "-c", "while :; do echo hello | nc -l -p 80; done");
  await until(() => greets(18473), "the port answers");
  await ok("pause", "web");
  await ok("unpause", "web");
  await ok("rename", "web", "renamed");
  assert.match(await ok("top", "renamed"), /sleep 1000/);
  await ok("rm", "-f", "renamed");
  const free = "cat /proc/sys/net/ipv4/ping_group_range; nc -l -p 80 & sleep 0.3; kill $! && echo listens";
  assert.match(
    await inside(["-u", "1000"], free),
    /^0\s+65535\nlistens$/,
    "a user may ping, and listen below 1024",
  );
  assert.equal(
    await inside(["--sysctl", "net.ipv4.ip_default_ttl=77"], "cat /proc/sys/net/ipv4/ip_default_ttl"),
    "77",
  );
});

async function greets(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (bytes) => (text += bytes)).on("error", () => {});
  await new Promise((resolve) => socket.on("close", resolve));
  return text === "hello\n";
}

/** CAP_SYS_RESOURCE of this process. */
const mayRaise =
  (BigInt(`0x${/^CapEff:\t(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]}`) >> 24n) & 1n;

test("limits are raised and scores are lowered as without one", {
  skip: mayRaise === 0n && "this host does not allow it to anybody (CAP_SYS_RESOURCE)",
}, async () => {
  const limits = ["--ulimit", "memlock=-1:-1", "--ulimit", "nofile=2000:3000"];
  const shown = "ulimit -l; ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj";
  await running("high", "--userns", "private", ...limits, "--oom-score-adj", "-500");
  assert.equal(await inside([...limits, "--oom-score-adj", "-500"], shown), "unlimited\n2000\n3000\n-500");
  assert.equal(await ok("exec", "high", "sh", "-c", shown), "unlimited\n2000\n3000\n-500");
  await ok("rm", "-f", "high");
});

test("privileges are those over itself: it mounts what a user namespace may, and has no device of the host's", async () => {
  const seen = await inside(
    ["--privileged"],
    "mount -t tmpfs none /tmp && echo mounted; mknod /n c 1 5 || echo refused; hostname other && hostname; echo 1 >/proc/sys/vm/drop_caches || echo kept out",
  ).catch((error: Error) => error.message);
  for (const word of ["mounted", "refused", "other", "kept out"]) assert.ok(seen.includes(word), seen);
});

test("it shares the network and the name of the host where that is asked for", async () => {
  const seen = await inside(
    ["--network", "host", "--uts", "host"],
    "readlink /proc/self/ns/net; readlink /proc/self/ns/uts",
  );
  assert.deepEqual(
    seen.split("\n"),
    ["net", "uts"].map((type) => readlinkSync(`/proc/self/ns/${type}`)),
  );
  assert.match(await inside(["--ipc", "host"], "readlink /proc/self/ns/ipc; touch /dev/shm"), /^ipc:/);
});

test("containers that share a user namespace can share all others too", async () => {
  await running("pod", "--userns", "private", "--hostname", "pod");
  const all = ["userns", "pid", "ipc", "network"].map((type) => `--${type}=container:pod`);
  const seen = await ok(
    "run",
    "--rm",
    ...all,
    image,
    "sh",
    "-c",
    "readlink /proc/self/ns/user; ps; touch /etc/hosts /dev/mqueue",
  );
  assert.match(seen, /^ *1 .*sleep 1000$/m);
  assert.equal(seen.split("\n")[0], readlinkSync(`/proc/${await told("pod", ".State.Pid")}/ns/user`));
  await ok("run", "-d", "--name", "other", "--userns", "container:pod", image, "sleep", "1000");
  assert.deepEqual(await rangeOf("other"), await rangeOf("pod"));
  await ok("exec", "other", "true");
  const { first } = await rangeOf("pod");
  await ok("rm", "-f", "pod");
  await running("next", "--userns", "private");
  assert.notEqual((await rangeOf("next")).first, first, "the one that is left still has the range");
  assert.match((await brig("restart", "-t", "0", "other")).stderr, /cannot join the user namespace/);
  await ok("rm", "-f", "other", "next");
});

/** Flags, and why not. */
const refused: readonly (readonly [flags: string, stderr: RegExp])[] = [
  ["--userns keep-id", /keep-id is for containers of a user who is not root.*use private/],
  ["--userns nomap", /nomap is for containers of a user who is not root/],
  ["--userns auto:uidmapping=0:1:1", /of auto only the size can be chosen/],
  ["--userns auto:size=0", /leaves no id/],
  ["--userns auto:size=9999999", /a container can have 1 to 4194304/],
  ["--userns container:nosuch", /No such container: nosuch/],
  ["--userns container:plain", /cannot join the user namespace of container .* it has that of the host/],
  ["--userns private --pid host", /may not mount \/proc for the PID namespace of the host/],
  ["--userns private --pid container:plain", /PID namespace that belongs to another user namespace/],
  ["--userns private --ipc container:plain", /IPC namespace that belongs to another user namespace/],
  ["--userns private --runtime crun", /not supported with another runtime/],
  ["--userns auto:size=1000 -u 1000", /has the ids 0 to 999, and not 1000.*auto:size=1001/],
  ["--userns private -v /proc:/p:idmap", /the file system there cannot do that with this kernel/],
  ["-v /tmp:/t:idmap", /idmap is for containers with a user namespace; use --userns private/],
  ["--mount type=tmpfs,dst=/t,idmap", /cannot mix 'idmap' with mount type 'tmpfs'/],
];

test("what it cannot have is refused with a reason, and leaves nothing", async () => {
  await running("plain");
  for (const [flags, stderr] of refused) {
    const result = await brig("run", "--rm", ...flags.split(" "), image, "true");
    assert.equal(result.code, 125, flags);
    assert.match(result.stderr, stderr, flags);
  }
  assert.equal(await ok("ps", "-a", "--format", "{{.Names}}"), "plain");
  await ok("rm", "-f", "plain");
});

test("few ids are enough for what needs no more", async () => {
  const seen = await ok("run", "--rm", "-t", "--userns", "auto:size=1", image, "cat", "/proc/self/uid_map");
  assert.match(seen, /^\s*0\s+\d+\s+1\s*$/);
});

test("explain shows the user namespace, its maps and the mapped layers, and leases nothing", async () => {
  const shown = await ok("explain", "run", "--userns", "private", "-v", "goods:/data", image, "true");
  for (const line of [
    /CLONE_NEWUSER/,
    /"0 \d+ 65536\\n"/,
    /map the owners of .*\/layers/,
    /map the owners of \/data/,
  ])
    assert.match(shown, line);
  assert.equal(await ok("ps", "-aq"), "");
});

test("a range is free again when its container goes, whether it is removed or its shim is killed", async () => {
  await ok("create", "--name", "keeper", "--userns", "private", image, "true");
  for (const how of ["rm", "kill"]) {
    await ok(
      "run",
      "-d",
      "--rm",
      "--name",
      "short",
      "--userns",
      "private",
      "-v",
      "/data",
      image,
      "sleep",
      "1000",
    );
    const pid = await told("short", ".State.Pid");
    if (how === "rm") await ok("rm", "-f", "short");
    else
      process.kill(
        Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]),
        "SIGKILL",
      );
    await until(
      async () => (await brig("ps", "-a", "--format", "{{.Names}}")).stdout.trim() === "keeper",
      "it has gone",
    );
    await until(() => contradictions(place).length === 0, "nothing is left");
  }
  assert.match(readFileSync(ledger, "utf8"), new RegExp(`"root":"${root}"`));
  await ok("rm", "keeper");
  assert.doesNotMatch(read(ledger), new RegExp(root), "with the last container the root gives its ids back");
});

test("many that are started at once have ranges of their own", async () => {
  const names = Array.from({ length: 8 }, (_, i) => `many${i}`);
  await Promise.all(names.map((name) => running(name, "--userns", "private")));
  const firsts = await Promise.all(names.map(async (name) => (await rangeOf(name)).first));
  assert.equal(new Set(firsts).size, names.length);
  assert.ok(
    firsts.every((first) => firsts.every((other) => first === other || Math.abs(first - other) >= 65_536)),
  );
  await ok("rm", "-f", ...names);
});

test("nothing of all this stays on the host", async () => {
  await ok("system", "release").catch(() => {});
  await assertSameHost(host, { about });
  assert.doesNotMatch(read(ledger), new RegExp(root));
});

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
