import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type CopySource,
  type CopyTarget,
  givesContent,
  type Placement,
  placementOf,
} from "./destination.ts";

const file: CopySource = { name: "f", isDirectory: false, contentOnly: false };
const folder: CopySource = { name: "d", isDirectory: true, contentOnly: false };
const content: CopySource = { name: "d", isDirectory: true, contentOnly: true };
const target = (kind: CopyTarget["kind"], asserted = false): CopyTarget => ({ name: "t", kind, asserted });

const into = (name: string): Placement => ({ kind: "into", name });
const as: Placement = { kind: "as", name: "t" };

const placed: readonly (readonly [what: string, CopySource, CopyTarget, Placement])[] = [
  ["a file into a folder", file, target("directory"), into("f")],
  ["a file onto a file", file, target("other"), as],
  ["a file to a new name", file, target(undefined), as],
  ["a folder into a folder", folder, target("directory"), into("d")],
  ["a folder to a new name", folder, target(undefined), as],
  ["a folder to a new name with a slash", folder, target(undefined, true), as],
  ["what a folder holds into a folder", content, target("directory"), { kind: "content", of: "target" }],
  ["what a folder holds to a new name", content, target(undefined), as],
];

const refused: readonly (readonly [what: string, CopySource, CopyTarget, message: string])[] = [
  ["a folder onto a file", folder, target("other"), "cannot copy directory"],
  ["what a folder holds onto a file", content, target("other"), "cannot copy directory"],
  ["a file to a new name with a slash", file, target(undefined, true), "no such directory"],
];

describe("a copy", () => {
  for (const [what, from, to, placement] of placed)
    test(`of ${what} has its place`, () => assert.deepEqual(placementOf(from, to), placement));
  for (const [what, from, to, message] of refused)
    test(`of ${what} is refused`, () => assert.throws(() => placementOf(from, to), { message }));
  test("gives what a folder holds where the path ends in a dot, or is the root", () => {
    for (const path of [".", "/", "//", "/a/.", "./."]) assert.equal(givesContent(path), true, path);
    for (const path of ["/a", "/a/", "/a.", "/a/..", "..", ""]) assert.equal(givesContent(path), false, path);
  });
});
