/** Images and containers as archives: what Docker and skopeo make of them, and brig of theirs. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { busyboxArchive } from "../fixtures/images.ts";
import { type Isolation, isolate, type Peer, startDocker } from "../fixtures/peers.ts";
import { ownBrig } from "./brig.ts";

const { brig, brigWith, end } = ownBrig();
const folder = mkdtempSync(join(tmpdir(), "brig-archives-"));
const at = (name: string) => join(folder, name);
let isolation: Isolation;
let peer: Peer;

before(async () => {
  isolation = await isolate();
  peer = await startDocker(isolation);
  await brig("load", "-i", busyboxArchive());
});
after(async () => {
  await isolation[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  end();
});

/** Docker's stdout, or its whole answer where it is to fail. */
function docker(...args: readonly string[]): string {
  return execFileSync(peer.command[0]!, [...peer.command.slice(1), ...args], { encoding: "utf8" });
}

function skopeo(...args: readonly string[]): string {
  return execFileSync("skopeo", ["--insecure-policy", ...args], { encoding: "utf8", stdio: "pipe" });
}

const idOf = async (name: string) => (await brig("image", "inspect", "-f", "{{.Id}}", name)).stdout.trim();

test("what save writes loads in Docker under the same names and ids", async () => {
  await brig("tag", "busybox", "other/name:1");
  assert.deepEqual(await brig("save", "-o", at("saved.tar"), "busybox", "other/name:1"), {
    code: 0,
    stdout: "",
    stderr: "",
  });
  assert.match(
    docker("load", "-i", at("saved.tar")),
    /Loaded image: busybox:latest\nLoaded image: other\/name:1\n/,
  );
  assert.equal(docker("image", "inspect", "-f", "{{.Id}}", "other/name:1").trim(), await idOf("busybox"));
});

test("what save writes is an OCI archive and a Docker archive to skopeo, with the digests it has here", async () => {
  await brig("save", "-o", at("one.tar"), "busybox");
  const { stdout } = await brig("images", "--digests", "--format", "{{.Digest}}", "busybox");
  const inspected = (transport: string) => JSON.parse(skopeo("inspect", `${transport}:${at("one.tar")}`));
  assert.equal(inspected("oci-archive").Digest, stdout.trim());
  const config = execFileSync("skopeo", ["inspect", "--config", "--raw", `docker-archive:${at("one.tar")}`]);
  const sum = execFileSync("sha256sum", { input: config, encoding: "utf8" }).slice(0, 64);
  assert.equal(`sha256:${sum}`, await idOf("busybox"));
  skopeo("copy", `oci-archive:${at("one.tar")}`, `oci:${at("layout")}:x`);
  skopeo("copy", `docker-archive:${at("one.tar")}`, `dir:${at("dir")}`);
});

test("archives of docker save and of skopeo load and run", async () => {
  docker("save", "-o", at("docker.tar"), "busybox");
  skopeo("copy", `docker-archive:${at("docker.tar")}`, `oci-archive:${at("skopeo.tar")}:via.skopeo/image:2`);
  await brig("rmi", "-f", "busybox", "other/name:1");
  assert.equal((await brig("load", "-i", at("docker.tar"))).stdout, "Loaded image: busybox:latest\n");
  assert.equal((await brig("load", "-i", at("skopeo.tar"))).stdout, "Loaded image: via.skopeo/image:2\n");
  for (const image of ["busybox", "via.skopeo/image:2"])
    assert.equal((await brig("run", "--rm", image, "echo", "runs")).stdout, "runs\n");
});

test("the same images make the same archive, which brig loads again", async () => {
  const first = (await brig("save", "busybox")).stdout;
  assert.equal((await brig("save", "busybox")).stdout, first);
  const id = await idOf("busybox");
  assert.equal(
    (await brigWith(Buffer.from(first, "latin1"), "load", "-q")).stdout,
    "Loaded image: busybox:latest\n",
  );
  assert.equal(await idOf("busybox"), id);
  const byId = (await brig("save", id)).stdout;
  assert.equal((await brigWith(Buffer.from(byId, "latin1"), "load")).stdout, `Loaded image ID: ${id}\n`);
});

test("an archive that cannot be written is not begun", async () => {
  const refused: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [["save", "nosuch"], /No such image: nosuch/],
    [["save", "busybox", "nosuch"], /No such image: nosuch/],
    [["save", "-o", "/nope/x", "busybox"], /invalid output path: directory "\/nope" does not exist/],
    [["save", "-o", folder, "busybox"], /must be a regular file/],
    [["save", "-o", "/dev/null", "busybox"], /got a device/],
    [["save", "--platform", "linux/s390x", "busybox"], /linux\/s390x/],
    [["export", "nosuch"], /No such container: nosuch/],
    [["tag", "nosuch", "x"], /No such image: nosuch/],
    [["tag", "busybox", "BAD"], /must be lowercase/],
    [["tag", "busybox", `a@sha256:${"a".repeat(64)}`], /refusing to create a tag with a digest reference/],
    [["history", "nosuch"], /No such image: nosuch/],
    [["import", "-c", "RUN x", at("saved.tar")], /run is not a valid change command/],
  ];
  for (const [args, message] of refused) {
    const { code, stdout, stderr } = await brig(...args);
    assert.deepEqual([code, stdout], [1, ""], args.join(" "));
    assert.match(stderr, message);
  }
  const terminal = spawnSync(
    "script",
    ["-qec", `${join(import.meta.dirname, "../../bin/brig")} save x`, "/dev/null"],
    {
      encoding: "utf8",
      env: { ...process.env, BRIG_ROOT: at("no-root") },
    },
  );
  assert.match(terminal.stdout, /refusing to save to a terminal/);
  await brig("save", "-o", at("nothing.tar"), "nosuch");
  assert.ok(!existsSync(at("nothing.tar")));
});

const script = [
  "mkdir /new /new/sub; echo x >/new/file; ln /new/file /new/sub/hard; ln -s file /new/link",
  "rm /bin/acpid; chmod 700 /tmp; mkfifo /new/pipe; rm -r /var; mkdir /var; echo >/var/y; touch /root/t",
  "mkdir -p /gone/deep; rm -r /gone; cp /bin/busybox /bin/copy; mv /bin/copy /bin/moved; echo done",
  "dd if=/dev/zero of=/new/holes bs=1 count=1 seek=9999999 2>/dev/null; sleep 1000",
].join("; ");

test("diff tells what Docker tells, while the container runs and afterwards", async () => {
  const args = ["--name", "changed", "-v", "/volume", "busybox", "sh", "-c", script];
  await brig("run", "-d", ...args);
  docker("run", "-d", "--network", "none", "--cgroup-parent", isolation.cgroup, ...args);
  const until = async (output: () => string | Promise<string>) => {
    while (!(await output()).includes("done")) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await until(async () => (await brig("logs", "changed")).stdout);
  await until(() => docker("logs", "changed"));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const sorted = (text: string) => text.split("\n").filter(Boolean).sort();
  const running = (await brig("diff", "changed")).stdout;
  assert.deepEqual(sorted(running), sorted(docker("diff", "changed")));
  await brig("stop", "-t", "0", "changed");
  assert.equal((await brig("diff", "changed")).stdout, running);
  docker("rm", "-f", "changed");
});

test("an export has the whole root and none of its mounts, the same bytes each time", async () => {
  const stopped = (await brig("export", "changed")).stdout;
  await brig("start", "changed");
  await brig("stop", "-t", "0", "changed");
  await brig("export", "-o", at("export.tar"), "changed");
  const names = execFileSync("tar", ["-tvf", at("export.tar")], { encoding: "utf8" });
  assert.match(names, /hrw-r--r-- .* new\/sub\/hard link to new\/file/);
  assert.match(names, /prw-r--r-- .* new\/pipe/);
  assert.match(names, /lrwxrwxrwx .* new\/link -> file/);
  assert.match(names, / 10000000 .* new\/holes/);
  assert.doesNotMatch(names, /bin\/acpid/);
  assert.match(names, /volume\/\n/);
  assert.equal((await brig("export", "changed")).stdout, (await brig("export", "changed")).stdout);
  assert.ok(stopped.length > 10_000_000);
});

test("what was exported is imported with changes, and runs", async () => {
  const changes = [
    'CMD ["cat","/new/sub/hard"]',
    "ENV A=b",
    "WORKDIR /new",
    "EXPOSE 80",
    "STOPSIGNAL SIGINT",
  ];
  const flags = changes.flatMap((change) => ["-c", change]);
  const imported = await brig("import", ...flags, "-m", "from here", at("export.tar"), "mine:1");
  assert.match(imported.stdout, /^sha256:[0-9a-f]{64}\n$/, imported.stderr);
  assert.equal((await brig("run", "--rm", "mine:1")).stdout, "x\n");
  assert.equal((await brig("run", "--rm", "mine:1", "sh", "-c", "pwd; echo $A")).stdout, "/new\nb\n");
  const { stdout } = await brig("history", "--format", "{{.Comment}}|{{.CreatedBy}}", "mine:1");
  assert.equal(stdout, "from here|\n");
  await brig("rm", "changed");
});

test("attributes, owners and devices come through an export and an import", async () => {
  mkdirSync(at("root"));
  execFileSync("sh", [
    "-ec",
    'cd "$1"; echo x >caps; chmod 755 caps; setfattr -n user.note -v text caps 2>/dev/null || true; mknod null c 1 3; chown 1:2 caps',
    "sh",
    at("root"),
  ]);
  const root = execFileSync("tar", ["-c", "--xattrs", "-C", at("root"), "."]);
  await brigWith(root, "import", "-", "attributes");
  await brig("create", "--name", "attributes", "attributes", "x");
  await brig("export", "-o", at("attributes.tar"), "attributes");
  const names = execFileSync("tar", ["-tvf", at("attributes.tar")], { encoding: "utf8" });
  assert.match(names, /-rwxr-xr-x 1\/2 .* caps/);
  assert.match(names, /crw.* 1,3 .* null/);
  if (root.includes("user.note"))
    assert.ok(readFileSync(at("attributes.tar")).includes("SCHILY.xattr.user.note=text"));
  await brig("rm", "attributes");
});

test("history has Docker's columns", async () => {
  docker("load", "-i", busyboxArchive());
  for (const flags of [["--no-trunc"], ["-q"], ["-q", "--no-trunc"], ["--format", "{{.ID}} {{.CreatedBy}}"]])
    assert.equal(
      (await brig("history", ...flags, "busybox")).stdout
        .replace(/\d[\d.]*[kM]?B/g, "SIZE")
        .replace(/ +/g, " "),
      docker("history", ...flags, "busybox")
        .replace(/\d[\d.]*[kM]?B/g, "SIZE")
        .replace(/ +/g, " "),
      flags.join(" "),
    );
  const [titles] = (await brig("history", "-H=false", "busybox")).stdout.split("\n");
  assert.match(titles!, /^IMAGE +CREATED AT +CREATED BY +SIZE +COMMENT$/);
});
