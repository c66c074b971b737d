/** The devices of a container: the default ones, listed ones, and what is in their place (config-linux.md#devices). */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Bundle, type Draft, notFor } from "./bundle.ts";

test("the default devices are there, with the numbers and modes of Linux", () => {
  using bundle = new Bundle();
  const { stdout } = bundle.sh(
    "cd /dev; stat -c '%n %t:%T %a' null zero full random urandom tty; for link in ptmx fd stdin stdout stderr; do readlink $link; done; ls console 2>/dev/null",
  );
  const lines = [
    "null 1:3 666",
    "zero 1:5 666",
    "full 1:7 666",
    "random 1:8 666",
    "urandom 1:9 666",
    "tty 5:0 666",
  ];
  const links = ["pts/ptmx", "/proc/self/fd", "/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2"];
  assert.deepEqual(stdout.trim().split("\n"), [...lines, ...links]);
});

test("listed devices are made with their owner and mode, and those not allowed cannot be used", () => {
  using bundle = new Bundle();
  const { stdout, stderr } = bundle.sh(
    "stat -c '%F %t:%T %a %u:%g' /dev/mem0 /dev/deep/zero; head -c1 /dev/deep/zero | wc -c; cat /dev/mem0",
    ({ linux }) => {
      linux.devices = [
        { path: "/dev/mem0", type: "c", major: 1, minor: 1, fileMode: 0o640, uid: 0, gid: 4 },
        { path: "/dev/deep/zero", type: "c", major: 1, minor: 5, fileMode: 0o600, uid: 0, gid: 0 },
      ];
    },
  );
  assert.equal(stdout, "character special file 1:1 640 0:4\ncharacter special file 1:5 600 0:0\n1\n");
  assert.match(stderr, /Operation not permitted/);
});

test("a device may be a block device, an unbuffered one, or a fifo, which has no number", () => {
  using bundle = new Bundle();
  const { stdout, stderr } = bundle.sh("stat -c '%F %t:%T %a %u:%g' /dev/b /dev/u /dev/p", ({ linux }) => {
    linux.devices = [
      { path: "/dev/b", type: "b", major: 7, minor: 0, fileMode: 0o600 },
      { path: "/dev/u", type: "u", major: 1, minor: 3, fileMode: 0o666 },
      { path: "/dev/p", type: "p", fileMode: 0o622, uid: 1, gid: 2 },
    ];
  });
  const lines = ["block special file 7:0 600 0:0", "character special file 1:3 666 0:0", "fifo 0:0 622 1:2"];
  assert.equal(stdout, lines.map((line) => `${line}\n`).join(""), stderr);
});

test("in a user namespace another device of the host in a device's place is an error", {
  skip: notFor({ runc: "binds it", crun: "makes the device all the same" }),
}, () => {
  using bundle = new Bundle(({ linux }) => {
    linux.namespaces.push({ type: "user" });
    linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    linux.devices = [{ path: "/dev/full", type: "c", major: 1, minor: 5, fileMode: 0o666 }];
  });
  const { code, stderr } = bundle.run();
  assert.notEqual(code, 0);
  assert.match(stderr, /\/dev\/full/);
});

test("a file in a device's place is an error, the device itself is not", {
  skip: notFor({ runc: "leaves it there", crun: "leaves it there" }),
}, () => {
  using bundle = new Bundle();
  const device = (path: string) => ({ path, type: "c", major: 1, minor: 5, fileMode: 0o666, uid: 0, gid: 0 });
  const { code, stderr } = bundle.sh("true", ({ linux }) => {
    writeFileSync(join(bundle.rootfs, "taken"), "");
    linux.devices = [device("/taken")];
  });
  assert.notEqual(code, 0);
  assert.match(stderr, /\/taken/);
  const twice = ({ linux }: Draft) => void (linux.devices = [device("/made")]);
  assert.equal(bundle.sh("true", twice).code, 0);
  assert.equal(bundle.sh("true", twice).code, 0);
});
