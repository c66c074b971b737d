/** `brig cp` on the command line; where Docker copies the same, it is Docker's rules that are compared with. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { busyboxArchive } from "../fixtures/images.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";
import { type Isolation, isolate, startDocker } from "../fixtures/peers.ts";
import { ownBrig } from "./brig.ts";

const own = ownBrig();
const { brig, about, end } = own;
const folder = mkdtempSync(join(tmpdir(), "brig-copy-"));
const seed = join(folder, "seed");
let isolation: Isolation;
let host: HostState;

before(async () => {
  execFileSync("sh", [
    "-ec",
    `mkdir -p "$1/tree/sub/deep"; cd "$1"
     echo hi >file; chown 1000:1001 file; chmod 4755 file; echo a >tree/a; ln tree/a tree/sub/hard
     ln -s a tree/link; ln -s tree dirlink; ln -s file filelink; mkfifo tree/pipe; mkdir -m 700 tree/empty
     mkdir existing; echo old >existing/file; mkdir existing/tree; echo kept >existing/tree/kept`,
    "sh",
    seed,
  ]);
  isolation = await isolate();
  await brig("load", "-i", busyboxArchive());
  host = hostState({ about });
});
after(async () => {
  await isolation[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  end();
});

/** One after the other; each sees what those before it have left. */
const orders: readonly (readonly string[])[] = [
  ["file", "cc:/one"],
  ["file", "cc:/tmp"],
  ["file", "cc:/tmp/"],
  ["file", "cc:/nope/"],
  ["file", "cc:/nope/x"],
  ["file", "cc:tmp/relative"],
  ["tree", "cc:/one"],
  ["tree", "cc:/new"],
  ["tree/", "cc:/new1"],
  ["tree/.", "cc:/new2"],
  ["tree", "cc:/new"],
  ["tree", "cc:/new/"],
  ["tree/.", "cc:/new"],
  ["existing", "cc:/new2/sub"],
  ["existing/.", "cc:/new2"],
  ["file", "cc:/new2/tree"],
  ["existing/tree", "cc:/tmp/file"],
  ["nosuch", "cc:/x"],
  ["dirlink", "cc:/l1"],
  ["-L", "dirlink", "cc:/l2"],
  ["filelink", "cc:/l3"],
  ["-L", "filelink", "cc:/l4"],
  ["dirlink/", "cc:/l5"],
  ["dirlink/.", "cc:/l6"],
  ["file", "cc:/l1"],
  ["file", "cc:/l3"],
  ["-L", "filelink", "cc:/tmp"],
  ["cc:/new", "o1"],
  ["cc:/new/.", "o2"],
  ["cc:/new", "o1"],
  ["cc:/new/.", "o1"],
  ["cc:/nosuch", "out"],
  ["cc:/new", "nope/x"],
  ["cc:/new", "file"],
  ["cc:/one", "fresh/"],
  ["cc:/one", "existing"],
  ["cc:/one", "existing/renamed"],
  ["cc:/one", "filelink"],
  ["cc:/new", "dirlink"],
  ["cc:/l2", "o3"],
  ["cc:/l1", "o4"],
  ["-L", "cc:/l1", "o5"],
  ["cc:/bin/../one", "o6"],
  ["cc:/one", "cc:/two"],
  ["file", "file2"],
  ["-", "cc:/one"],
];

/** Names, kinds, modes, owners, contents and links of a folder, without the times. */
function listing(path: string): string {
  const format = "%P %y %m %U:%G %l %n\\n";
  const names = execFileSync("find", [path, "-printf", format], { encoding: "utf8" });
  const sums = execFileSync("sh", ["-c", 'cd "$1" && find . -type f | sort | xargs md5sum', "sh", path], {
    encoding: "utf8",
  });
  return names.split("\n").sort().join("\n") + sums;
}

test("folders, files and links go where docker cp puts them, and what it refuses is refused", async () => {
  const docker = await startDocker(isolation);
  const peers = {
    docker: { command: docker.command, environment: process.env },
    brig: { command: [own.executable], environment: own.environment },
  };
  const seen: Record<string, { readonly codes: unknown; readonly here: string; readonly there: string }> = {};
  for (const [name, { command, environment }] of Object.entries(peers)) {
    const here = join(folder, name);
    execFileSync("cp", ["-a", seed, here]);
    const run = (...args: readonly string[]) =>
      spawnSync(command[0]!, [...command.slice(1), ...args], {
        cwd: here,
        env: environment,
        input: "",
        maxBuffer: 1 << 28,
      });
    run("load", "-i", busyboxArchive());
    run("create", "--name", "cc", "busybox", "sleep", "1000");
    const codes = orders.map((order) => `${order.join(" ")}: ${run("cp", ...order).status}`);
    const there = join(folder, `${name}-inside`);
    mkdirSync(there);
    execFileSync("tar", ["-x", "-C", there], { input: run("export", "cc").stdout });
    for (const made of ["bin", "dev", "etc", "proc", "sys", ".dockerenv"])
      rmSync(join(there, made), { recursive: true, force: true });
    seen[name] = { codes, here: listing(here), there: listing(there) };
    run("rm", "-f", "cc");
  }
  assert.deepEqual(seen.brig!.codes, seen.docker!.codes);
  assert.equal(seen.brig!.there, seen.docker!.there);
  assert.equal(seen.brig!.here, seen.docker!.here);
});

test("times are kept, -a keeps owners on the way out, and without it they are the caller's", async () => {
  await brig("create", "--name", "times", "busybox", "true");
  execFileSync("touch", ["-d", "2001-02-03T04:05:06.789Z", join(seed, "tree/a"), join(seed, "tree/sub")]);
  assert.equal((await brig("cp", join(seed, "tree"), "times:/")).code, 0);
  assert.equal((await brig("cp", join(seed, "file"), "times:/")).code, 0);
  for (const name of ["tree", "file"]) await brig("cp", `times:/${name}`, join(folder, "times"));
  await brig("cp", "times:/tree", join(folder, "tree-out"));
  assert.equal(statSync(join(folder, "tree-out/a")).mtime.toISOString(), "2001-02-03T04:05:06.789Z");
  assert.equal(statSync(join(folder, "tree-out/sub")).mtime.toISOString(), "2001-02-03T04:05:06.789Z");
  await brig("cp", "times:/file", join(folder, "mine"));
  await brig("cp", "-a", "times:/file", join(folder, "theirs"));
  const owner = (name: string) => {
    const { uid, gid, mode } = lstatSync(join(folder, name));
    return [uid, gid, mode & 0o7777];
  };
  assert.deepEqual(owner("mine"), [process.getuid!(), process.getgid!(), 0o4755]);
  assert.deepEqual(owner("theirs"), [1000, 1001, 0o4755]);
  await brig("rm", "times");
});

test("a running container's volumes, binds and tmpfs are seen, and the kernel's trees are not", async () => {
  const bound = join(folder, "bound");
  mkdirSync(bound);
  const flags = ["-v", "vol:/vol", "-v", `${bound}:/bound`, "--tmpfs", "/mem", "-v", `${seed}:/ro:ro`];
  await brig("run", "-d", "--name", "mounts", ...flags, "busybox", "sleep", "1000");
  for (const target of ["vol", "bound", "mem"]) {
    assert.equal((await brig("cp", join(seed, "file"), `mounts:/${target}/file`)).code, 0);
    assert.equal((await brig("exec", "mounts", "cat", `/${target}/file`)).stdout, "hi\n");
    assert.equal((await brig("cp", `mounts:/${target}/file`, join(folder, `from-${target}`))).code, 0);
    assert.equal(readFileSync(join(folder, `from-${target}`), "utf8"), "hi\n");
  }
  assert.ok(existsSync(join(bound, "file")));
  assert.match((await brig("cp", join(seed, "file"), "mounts:/ro/x")).stderr, /read-only file system/);
  await brig("cp", "mounts:/", join(folder, "whole"));
  for (const empty of ["proc", "sys", "dev"])
    assert.equal(
      listing(join(folder, "whole", empty))
        .split("\n")
        .filter((l) => / [fcb] /.test(l)).length <= 1,
      true,
    );
  assert.equal(readFileSync(join(folder, "whole/vol/file"), "utf8"), "hi\n");
  await brig("stop", "-t", "0", "mounts");
  await brig("cp", "mounts:/vol/file", join(folder, "stopped"));
  assert.equal(readFileSync(join(folder, "stopped"), "utf8"), "hi\n");
  await brig("rm", "mounts");
});

test("a volume is filled before its container has ever run", async () => {
  await brig("create", "--name", "early", "-v", "/data", "busybox", "cat", "/data/sub/hard");
  assert.equal((await brig("cp", `${seed}/tree/.`, "early:/data")).code, 0);
  assert.equal((await brig("start", "-a", "early")).stdout, "a\n");
  await brig("rm", "-v", "early");
});

test("a read-only root is not written to", async () => {
  await brig("create", "--name", "sealed", "--read-only", "busybox", "true");
  const { code, stderr } = await brig("cp", join(seed, "file"), "sealed:/x");
  assert.equal(code, 1);
  assert.match(stderr, /read-only file system/);
  await brig("rm", "sealed");
});

test("an archive goes out to stdout, and in from stdin, plain or compressed", async () => {
  await brig("create", "--name", "tar", "busybox", "true");
  const archive = execFileSync("tar", ["-c", "-C", seed, "tree", "file"]);
  const into = (input: Uint8Array, ...args: string[]) => own.brigWith(input, "cp", ...args);
  assert.equal((await into(archive, "-", "tar:/tmp")).code, 0);
  execFileSync("gzip", ["-kf", "-c"], { input: archive });
  assert.equal((await into(execFileSync("gzip", ["-c"], { input: archive }), "-", "tar:/var")).code, 0);
  const { stdout } = await brig("cp", "tar:/tmp/tree", "-");
  const out = Buffer.from(stdout, "latin1");
  const names = execFileSync("tar", ["-t"], { input: out, encoding: "utf8" });
  assert.deepEqual(names.trim().split("\n"), [
    ...["tree/", "tree/a", "tree/empty/", "tree/link", "tree/pipe", "tree/sub/", "tree/sub/deep/"],
    "tree/sub/hard",
  ]);
  const there = join(folder, "untarred");
  mkdirSync(there);
  execFileSync("tar", ["-x", "-C", there], { input: out });
  assert.equal(listing(join(there, "tree")), listing(join(seed, "tree")));
  assert.equal((await into(Buffer.from("nonsense"), "-", "tar:/tmp")).code, 1);
  assert.match((await into(archive, "-", "tar:/nope")).stderr, /must be a directory/);
  await brig("rm", "tar");
});

test("an archive's names lead through the container's own links, and make the folders they lack", async () => {
  await brig("create", "--name", "links", "busybox", "true");
  const source = join(folder, "links");
  mkdirSync(join(source, "lib/x/y"), { recursive: true });
  cpSync(join(seed, "tree/a"), join(source, "lib/x/y/z"));
  execFileSync("ln", ["-s", "/usr", join(folder, "usr-link")]);
  await brig("cp", join(folder, "usr-link"), "links:/lib");
  const archive = execFileSync("tar", ["-c", "--no-recursion", "-C", source, "lib/x/y/z"]);
  assert.equal((await own.brigWith(archive, "cp", "-", "links:/")).code, 0);
  await brig("cp", "links:/usr/x/y/z", join(folder, "through"));
  assert.equal(readFileSync(join(folder, "through"), "utf8"), "a\n");
  const whole = execFileSync("tar", ["-c", "-C", source, "lib"]);
  const refused = await own.brigWith(whole, "cp", "-", "links:/");
  assert.match(refused.stderr, /cannot overwrite non-directory "lib" with directory/);
  await brig("rm", "links");
});

test("a start waits for a copy, and nothing is left on the host", async () => {
  await brig("create", "--name", "waiting", "busybox", "ls", "/tmp/tree");
  const copy = own.start("cp", "-", "waiting:/tmp");
  const archive = execFileSync("tar", ["-c", "-C", seed, "tree"]);
  copy.stdin.write(archive.subarray(0, 600));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const started = brig("start", "-a", "waiting");
  await new Promise((resolve) => setTimeout(resolve, 300));
  copy.stdin.end(archive.subarray(600));
  assert.equal((await started).stdout, "a\nempty\nlink\npipe\nsub\n");
  await brig("rm", "waiting");
  await assertSameHost(host, { about });
});
