import assert from "node:assert/strict";
import { test } from "node:test";
import * as M from "../../kernel/abi/mount.ts";
import { type MountOptions, mountOptionWords, parseMountOptions } from "./mount-options.ts";

const none: MountOptions = {
  bind: "no",
  set: 0,
  clear: 0,
  recursiveSet: 0,
  recursiveClear: 0,
  propagation: [],
  remount: false,
  idmap: "no",
  copyUp: false,
  data: [],
};

/** Words, and what of the result is not as for no words at all. */
const table: readonly (readonly [string, Partial<MountOptions>])[] = [
  ["", {}],
  ["defaults async loud", {}],
  ["ro nosuid nodev noexec", { set: 0b1111 }],
  ["bind", { bind: "bind" }],
  ["bind rbind", { bind: "rbind" }],
  ["rbind bind", { bind: "rbind" }],
  [
    "private rshared",
    {
      propagation: [
        { flag: M.MS_PRIVATE, recursive: false },
        { flag: M.MS_SHARED, recursive: true },
      ],
    },
  ],
  ["rro rnosuid", { recursiveSet: M.MOUNT_ATTR_RDONLY | M.MOUNT_ATTR_NOSUID }],
  ["ridmap", { idmap: "ridmap" }],
  ["remount", { remount: true }],
  ["tmpcopyup", { copyUp: true }],
  ["size=64m mode=755 unheard", { data: ["size=64m", "mode=755", "unheard"] }],
  ["nosymfollow", { set: M.MOUNT_ATTR_NOSYMFOLLOW }],
];

test("words go to whom they are for", () => {
  for (const [words, expected] of table)
    assert.deepEqual(parseMountOptions(words.split(" ").filter(Boolean)), { ...none, ...expected }, words);
});

test("of two words about the same attribute the later holds", () => {
  const both = (...words: string[]) => {
    const { set, clear } = parseMountOptions(words);
    return [set & M.MOUNT_ATTR_RDONLY, clear & M.MOUNT_ATTR_RDONLY];
  };
  assert.deepEqual(both("ro", "rw"), [0, 1]);
  assert.deepEqual(both("rw", "ro"), [1, 0]);
  assert.deepEqual(both("rw", "ro", "nosuid", "ro"), [1, 0]);
});

test("an access time is one of three, and setting one clears the others", () => {
  for (const [word, set] of [
    ["noatime", M.MOUNT_ATTR_NOATIME],
    ["strictatime", M.MOUNT_ATTR_STRICTATIME],
    ["relatime", 0],
  ] as const) {
    const options = parseMountOptions(["noatime", "strictatime", word]);
    assert.equal(options.set & M.MOUNT_ATTR__ATIME, set, word);
    assert.equal(options.clear & M.MOUNT_ATTR__ATIME, M.MOUNT_ATTR__ATIME, word);
  }
});

test("nothing is both set and cleared, but for the access times, which the kernel takes so", () => {
  for (const a of mountOptionWords())
    for (const b of mountOptionWords()) {
      const { set, clear, recursiveSet, recursiveClear } = parseMountOptions([a, b]);
      const other = ~M.MOUNT_ATTR__ATIME;
      assert.equal(set & clear & other, 0, `${a},${b}`);
      assert.equal(recursiveSet & recursiveClear & other, 0, `${a},${b}`);
    }
});

test("every word that is listed is understood, once", () => {
  assert.equal(new Set(mountOptionWords()).size, mountOptionWords().length);
  const forFileSystem = new Set(["dirsync", "lazytime", "nolazytime", "mand", "sync"]);
  for (const word of mountOptionWords()) {
    const { data } = parseMountOptions([word]);
    assert.equal(data.length > 0, forFileSystem.has(word), word);
  }
});

test("names of an object's own methods are the file system's words", () => {
  for (const word of ["constructor", "toString", "__proto__", "rconstructor", "hasOwnProperty"])
    assert.deepEqual(parseMountOptions([word]), { ...none, data: [word] }, word);
});
