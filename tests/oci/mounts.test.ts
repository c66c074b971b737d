/** The file systems of a container: root, mounts with their options, masks (runtime-spec, config.md#mounts). */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Bundle, type Draft, notFor } from "./bundle.ts";

/** The options of the mount at `path`, per mount (field 6 of mountinfo) and of its file system, and its propagation. */
function optionsAt(bundle: Bundle, path: string, change: (config: Draft) => void) {
  const { code, stdout, stderr } = bundle.sh("cat /proc/self/mountinfo", change);
  assert.equal(code, 0, stderr);
  const line = stdout.split("\n").findLast((l) => l.split(" ")[4] === path);
  assert.ok(line, `nothing is mounted at ${path}:\n${stdout}`);
  const [left, right] = line.split(" - ");
  const fields = left!.split(" ");
  return {
    mount: fields[5]!.split(","),
    tags: fields.slice(6),
    type: right!.split(" ")[0]!,
    source: right!.split(" ")[1]!,
    system: right!.split(" ")[2]!.split(","),
  };
}

const tmpfs = (...options: string[]) => ({ destination: "/t", type: "tmpfs", source: "tmpfs", options });
const bind = (source: string, ...options: string[]) => ({
  destination: "/t",
  type: "bind",
  source,
  options: ["rbind", ...options],
});
const add = (mount: Draft) => (config: Draft) => void config.mounts.push(mount);

test("the root is read-only if the config says so, and else writable", () => {
  using bundle = new Bundle();
  assert.equal(bundle.sh("touch /x").code, 0);
  const { code, stderr } = bundle.sh("touch /y", (config) => void (config.root.readonly = true));
  assert.notEqual(code, 0);
  assert.match(stderr, /Read-only file system/);
});

test("an absolute root path is taken as it is", () => {
  using bundle = new Bundle();
  assert.equal(bundle.sh("true", (config) => void (config.root.path = bundle.rootfs)).code, 0);
});

test("a root that does not exist is an error, and nothing is left", () => {
  using bundle = new Bundle((config) => void (config.root.path = "nowhere"));
  assert.notEqual(bundle.run().code, 0);
  assert.equal(existsSync(join(bundle.state, bundle.id)), false);
});

// Options of the mount itself, and how mountinfo shows them.
const flags: readonly (readonly [
  options: readonly string[],
  shown: readonly string[],
  absent: readonly string[],
])[] = [
  [["ro"], ["ro"], ["rw"]],
  [["rw"], ["rw"], ["ro"]],
  [["nosuid"], ["nosuid"], []],
  [["nosuid", "suid"], [], ["nosuid"]],
  [["nodev"], ["nodev"], []],
  [["nodev", "dev"], [], ["nodev"]],
  [["noexec"], ["noexec"], []],
  [["noexec", "exec"], [], ["noexec"]],
  [["noatime"], ["noatime"], ["relatime"]],
  [["nodiratime"], ["nodiratime"], []],
  [["nodiratime", "diratime"], [], ["nodiratime"]],
  [["relatime"], ["relatime"], []],
  [["strictatime"], [], ["relatime", "noatime"]],
  [["noatime", "atime"], ["relatime"], ["noatime"]],
  [["async", "loud", "silent"], ["rw"], []],
  [["norelatime", "nostrictatime", "symfollow"], ["rw"], ["nosymfollow"]],
];

/** And how mountinfo shows those of the file system; false where it shows none. */
const systemFlags: readonly (readonly [option: string, shown: string | false])[] = [
  ["sync", "sync"],
  ["dirsync", "dirsync"],
  ["lazytime", "lazytime"],
  ["nolazytime", false],
  ["iversion", false],
  ["noiversion", false],
];

test("the options of a mount are set", {
  skip: notFor({
    runc: { before: "1.3", why: "gives silent and loud to the file system" },
    crun: "does not take nosuid back",
  }),
}, () => {
  using bundle = new Bundle();
  for (const [options, shown, absent] of flags) {
    const { mount } = optionsAt(bundle, "/t", add(tmpfs(...options)));
    for (const word of shown) assert.ok(mount.includes(word), `${options}: ${mount}`);
    for (const word of absent) assert.ok(!mount.includes(word), `${options}: ${mount}`);
  }
});

test("defaults is no option of the file system", {
  skip: notFor({ runc: "gives it to the file system" }),
}, () => {
  using bundle = new Bundle();
  assert.ok(optionsAt(bundle, "/t", add(tmpfs("defaults"))).mount.includes("rw"));
});

test("the options of a file system that the kernel knows for all of them are set", {
  skip: notFor({ crun: "gives iversion to the file system" }),
}, () => {
  using bundle = new Bundle();
  for (const [option, shown] of systemFlags) {
    const { system } = optionsAt(bundle, "/t", add(tmpfs(option)));
    if (shown !== false) assert.ok(system.includes(shown), `${option}: ${system}`);
  }
});

test("the options of a bind mount are set, and leave the source as it was", {
  skip: notFor({
    runc: { before: "1.3", why: "gives silent and loud to the file system" },
    crun: "does not take nosuid back",
  }),
}, () => {
  using bundle = new Bundle();
  const source = join(bundle.path, "source");
  mkdirSync(source);
  for (const [options, shown, absent] of flags) {
    const { mount } = optionsAt(bundle, "/t", add(bind(source, ...options)));
    for (const word of shown) assert.ok(mount.includes(word), `${options}: ${mount}`);
    for (const word of absent) assert.ok(!mount.includes(word), `${options}: ${mount}`);
  }
  writeFileSync(join(source, "still-writable"), "");
});

test("nosymfollow is set", {
  skip: notFor({ crun: "sets it with the old mount call only" }),
}, () => {
  using bundle = new Bundle();
  assert.ok(optionsAt(bundle, "/t", add(tmpfs("nosymfollow"))).mount.includes("nosymfollow"));
});

test("words that are no options of mounts are the file system's", () => {
  using bundle = new Bundle();
  const { system } = optionsAt(
    bundle,
    "/t",
    add(tmpfs("size=1m", "mode=700", "nr_inodes=50", "sync", "dirsync")),
  );
  for (const word of ["size=1024k", "mode=700", "nr_inodes=50"])
    assert.ok(system.includes(word), String(system));
});

test("a word that the file system does not know is an error", () => {
  using bundle = new Bundle(add(tmpfs("frobnicate=3")));
  assert.notEqual(bundle.run().code, 0);
});

test("recursive options reach the mounts below", {
  skip: notFor({ crun: "fails at rnoatime" }),
}, () => {
  using bundle = new Bundle();
  const source = join(bundle.path, "source");
  mkdirSync(join(source, "below"), { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "below", join(source, "below")]);
  try {
    for (const [option, shown] of [
      ["rro", "ro"],
      ["rnosuid", "nosuid"],
      ["rnodev", "nodev"],
      ["rnoexec", "noexec"],
      ["rnoatime", "noatime"],
    ] as const) {
      const { mount } = optionsAt(bundle, "/t/below", add(bind(source, option)));
      assert.ok(mount.includes(shown), `${option}: ${mount}`);
      assert.ok(!optionsAt(bundle, "/t/below", add(bind(source, shown))).mount.includes(shown), shown);
    }
  } finally {
    execFileSync("umount", [join(source, "below")]);
  }
});

test("bind does not take the mounts below along, rbind does", () => {
  using bundle = new Bundle();
  const source = join(bundle.path, "source");
  mkdirSync(join(source, "below"), { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "below", join(source, "below")]);
  try {
    writeFileSync(join(source, "below/file"), "");
    assert.equal(bundle.sh("ls /t/below", add({ ...bind(source), options: ["bind"] })).stdout, "");
    assert.equal(bundle.sh("ls /t/below", add(bind(source))).stdout, "file\n");
  } finally {
    execFileSync("umount", [join(source, "below")]);
  }
});

test("the propagation of a mount is what the options say", {
  skip: notFor({ crun: "leaves a shared mount private" }),
}, () => {
  using bundle = new Bundle();
  const source = join(bundle.path, "source");
  mkdirSync(source);
  for (const word of ["private", "rprivate"])
    assert.deepEqual(optionsAt(bundle, "/t", add(bind(source, word))).tags, [], word);
  for (const word of ["shared", "rshared"])
    assert.match(optionsAt(bundle, "/t", add(bind(source, word))).tags.join(), /shared:/, word);
  for (const word of ["unbindable", "runbindable"])
    assert.deepEqual(optionsAt(bundle, "/t", add(bind(source, word))).tags, ["unbindable"], word);
});

test("the propagation of the root is what rootfsPropagation says", {
  skip: notFor({ runc: { before: "1.3", why: "leaves a shared root private" } }),
}, () => {
  using bundle = new Bundle();
  const tagsOf = (word: string) =>
    optionsAt(bundle, "/", ({ linux }) => void (linux.rootfsPropagation = word)).tags.join();
  assert.equal(tagsOf("private"), "");
  assert.match(tagsOf("shared"), /shared:/);
  assert.match(tagsOf("unbindable"), /unbindable/);
});

test("a root that is a slave gets what the host mounts in it, another does not", {
  skip: notFor({ runc: { before: "1.5", why: "leaves it private" }, crun: "leaves it private" }),
}, () => {
  using bundle = new Bundle();
  mkdirSync(join(bundle.rootfs, "late"));
  execFileSync("mount", ["--bind", bundle.rootfs, bundle.rootfs]);
  execFileSync("mount", ["--make-shared", bundle.rootfs]);
  try {
    for (const [word, seen] of [
      ["slave", "file\n"],
      ["private", ""],
    ] as const) {
      bundle.write((config) => {
        config.process.args = ["sleep", "60"];
        config.linux.rootfsPropagation = word;
      });
      bundle.start();
      execFileSync("mount", ["-t", "tmpfs", "late", join(bundle.rootfs, "late")]);
      try {
        writeFileSync(join(bundle.rootfs, "late/file"), "");
        assert.equal(bundle.oci("exec", bundle.id, "ls", "/late").stdout, seen, word);
      } finally {
        execFileSync("umount", [join(bundle.rootfs, "late")]);
        bundle.oci("delete", "--force", bundle.id);
      }
    }
  } finally {
    execFileSync("umount", ["--lazy", bundle.rootfs]);
  }
});

test("a label for mounts where no SELinux is is an error", {
  skip:
    (existsSync("/sys/fs/selinux/enforce") && "the host has SELinux") || notFor({ crun: "takes no notice" }),
}, () => {
  using bundle = new Bundle(({ linux }) => {
    linux.mountLabel = "system_u:object_r:svirt_sandbox_file_t:s0:c715,c811";
  });
  assert.notEqual(bundle.run().code, 0);
});

test("mounts are made in the order of the config, and a later one covers an earlier one", () => {
  using bundle = new Bundle();
  const { stdout } = bundle.sh("ls /t/in; cat /t/in/word", (config) => {
    mkdirSync(join(bundle.path, "one"), { recursive: true });
    writeFileSync(join(bundle.path, "one/word"), "deep\n");
    config.mounts.push(tmpfs(), {
      destination: "/t/in",
      type: "bind",
      source: "one",
      options: ["bind", "ro"],
    });
  });
  assert.equal(stdout, "word\ndeep\n");
});

test("a relative source is meant from the bundle, a relative destination from the root", () => {
  using bundle = new Bundle();
  writeFileSync(join(bundle.path, "note"), "from the bundle\n");
  const { stdout } = bundle.sh("cat /put/here", (config) => {
    config.mounts.push({ destination: "put/here", type: "bind", source: "note", options: ["bind"] });
  });
  assert.equal(stdout, "from the bundle\n");
});

test("a symbolic link in the image cannot lead a mount out of the root", {
  skip: notFor({ crun: "fails where the link leads to nothing" }),
}, () => {
  using bundle = new Bundle();
  const outside = join(bundle.path, "outside");
  mkdirSync(outside);
  symlinkSync("../../../../../../../../../../../..", join(bundle.rootfs, "up"));
  symlinkSync(outside, join(bundle.rootfs, "away"));
  const { code } = bundle.sh("touch /away/in /up/in-root", (config) => {
    config.mounts.push({ ...tmpfs(), destination: "/away" }, { ...tmpfs(), destination: "/up/t" });
  });
  assert.equal(code, 0);
  assert.deepEqual(execFileSync("ls", [outside], { encoding: "utf8" }), "");
  assert.equal(existsSync("/t"), false);
});

test("a mount with mappings shows its files with other owners, of a tree also those below", {
  skip: notFor({
    runc: { before: "1.3", why: "has no mappings of mounts" },
    crun: "wants a user namespace of the same mapping",
  }),
}, () => {
  using bundle = new Bundle();
  const source = join(bundle.path, "source");
  mkdirSync(source);
  writeFileSync(join(source, "file"), "");
  const { stdout, stderr } = bundle.sh("stat -c %u:%g /t/file", (config) => {
    config.mounts.push({
      ...bind(source, "ridmap"),
      uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
      gidMappings: [{ containerID: 0, hostID: 2000, size: 10 }],
    });
  });
  assert.equal(stdout, "1000:2000\n", stderr);
});

test("idmap without mappings of its own uses those of the container", {
  skip: notFor({ runc: { before: "1.3", why: "has no mappings of mounts" } }),
}, () => {
  using bundle = new Bundle();
  const source = join(bundle.path, "source");
  mkdirSync(source);
  writeFileSync(join(source, "file"), "");
  mkdirSync(join(bundle.rootfs, "t"));
  const { stdout, stderr } = bundle.sh("stat -c %u:%g /t/file", (config) => {
    config.linux.namespaces.push({ type: "user" });
    config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    config.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    config.mounts.push(bind(source, "idmap"));
  });
  assert.equal(stdout, "0:0\n", stderr);
  assert.equal(statSync(join(source, "file")).uid, 0);
});

test("masked paths are empty or unreadable, read-only paths cannot be written, missing ones are passed over", () => {
  using bundle = new Bundle();
  const { stdout, stderr } = bundle.sh(
    "cat /secret; ls /hidden; cat /plain; echo no >/plain; echo no >/proc/sys/kernel/hostname",
    ({ linux }) => {
      mkdirSync(join(bundle.rootfs, "hidden"));
      for (const file of ["secret", "hidden/file", "plain"])
        writeFileSync(join(bundle.rootfs, file), `${file}\n`);
      linux.maskedPaths = ["/secret", "/hidden", "/not/there"];
      linux.readonlyPaths = ["/plain", "/proc/sys", "/not/there"];
    },
  );
  assert.equal(stdout, "plain\n");
  assert.equal(stderr.match(/[Rr]ead-only file system/g)?.length, 2);
  assert.equal(readFileSync(join(bundle.rootfs, "secret"), "utf8"), "secret\n");
});

test("the host's mounts cannot be reached or seen", () => {
  using bundle = new Bundle();
  const { stdout } = bundle.sh("cat /proc/self/mountinfo | wc -l; ls /..");
  assert.ok(Number(stdout.split("\n")[0]) < 15, stdout);
});

test("the mounts of a container never reach the host", () => {
  using bundle = new Bundle((config) => {
    config.process.args = ["sleep", "60"];
    config.mounts.push(tmpfs());
  });
  bundle.start();
  assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(bundle.path));
  assert.notEqual(readlinkSync(`/proc/${bundle.stateOf().pid}/ns/mnt`), readlinkSync("/proc/self/ns/mnt"));
});

test("the container's own cgroup is shown at a mount of type cgroup", () => {
  using bundle = new Bundle();
  const { code, stdout, stderr } = bundle.sh(
    "ls /sys/fs/cgroup/memory /sys/fs/cgroup 2>/dev/null | grep -c 'memory\\|cgroup.procs'",
    (config) => {
      config.linux.namespaces.push({ type: "cgroup" });
      config.mounts.push({
        destination: "/sys/fs/cgroup",
        type: "cgroup",
        source: "cgroup",
        options: ["ro", "nosuid"],
      });
    },
  );
  assert.equal(code, 0, stderr);
  assert.ok(Number(stdout) > 0);
});

test("remount changes the options of what is mounted already", {
  skip: notFor({ crun: "fails on it" }),
}, () => {
  using bundle = new Bundle();
  const { mount } = optionsAt(bundle, "/t", (config) => {
    config.mounts.push(tmpfs(), { destination: "/t", source: "none", options: ["remount", "ro", "noexec"] });
  });
  assert.ok(mount.includes("ro") && mount.includes("noexec"), String(mount));
});

test("a tmpfs with tmpcopyup begins with what the image has there, and leaves it as it was", () => {
  using bundle = new Bundle();
  const directory = join(bundle.rootfs, "t");
  mkdirSync(join(directory, "deep"), { recursive: true });
  writeFileSync(join(directory, "deep/file"), "of the image\n");
  chownSync(join(directory, "deep/file"), 5, 6);
  chmodSync(join(directory, "deep/file"), 0o4640);
  writeFileSync(join(directory, "large"), Buffer.alloc(3_000_000, "x"));
  symlinkSync("/etc/passwd", join(directory, "link"));
  const look =
    "cd /t; stat -c '%n %a %u:%g %s' deep/file large; readlink link; stat -f -c %T .; ls; rm -r deep";
  const { stdout, stderr } = bundle.sh(look, (config) => {
    config.process.capabilities.effective.push("CAP_DAC_OVERRIDE");
    config.mounts.push(tmpfs("tmpcopyup", "mode=755"));
  });
  const lines = [
    "deep/file 4640 5:6 13",
    "large 644 0:0 3000000",
    "/etc/passwd",
    "tmpfs",
    "deep",
    "large",
    "link",
  ];
  assert.deepEqual(stdout.trim().split("\n"), lines, stderr);
  assert.equal(readFileSync(join(directory, "deep/file"), "utf8"), "of the image\n");
});

test("a link in the place of such a tmpfs, or in it, does not lead to the host's files", {
  skip: notFor({ crun: "fails where the link leads to nothing" }),
}, () => {
  using bundle = new Bundle();
  const outside = join(bundle.path, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "the host's\n");
  symlinkSync(outside, join(bundle.rootfs, "away"));
  mkdirSync(join(bundle.rootfs, "t"));
  symlinkSync(outside, join(bundle.rootfs, "t/in"));
  const { stdout } = bundle.sh("ls -d /away/* /t/in/* 2>/dev/null; readlink /t/in", (config) => {
    config.mounts.push(tmpfs("tmpcopyup"), { ...tmpfs("tmpcopyup"), destination: "/away" });
  });
  assert.equal(stdout, `${outside}\n`);
});

test("a tmpfs with tmpcopyup begins empty where the image has nothing, and may be read-only", () => {
  using bundle = new Bundle();
  assert.equal(bundle.sh("ls -A /t", add(tmpfs("tmpcopyup"))).stdout, "");
  writeFileSync(join(bundle.rootfs, "t/file"), "");
  const { stdout, stderr } = bundle.sh("ls -A /t; touch /t/new", add(tmpfs("tmpcopyup", "ro")));
  assert.equal(stdout, "file\n", stderr);
  assert.match(stderr, /Read-only file system/);
});

test("what tmpcopyup would copy does not fit is an error", () => {
  using bundle = new Bundle();
  mkdirSync(join(bundle.rootfs, "t"));
  writeFileSync(join(bundle.rootfs, "t/large"), Buffer.alloc(3_000_000, "x"));
  assert.notEqual(bundle.sh("true", add(tmpfs("tmpcopyup", "size=1m"))).code, 0);
});
