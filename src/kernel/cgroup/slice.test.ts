import assert from "node:assert/strict";
import { test } from "node:test";
import { slicePath } from "./slice.ts";

for (const [slice, path] of [
  ["system.slice", "system.slice"],
  ["a-b-c.slice", "a.slice/a-b.slice/a-b-c.slice"],
  [
    "kubepods-besteffort-pod1_2.slice",
    "kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1_2.slice",
  ],
  ["-.slice", ""],
] as const)
  test(`the slice ${slice} is the cgroup /${path}`, () => assert.equal(slicePath(slice), path));

test("what is no name of a slice is refused", () => {
  for (const slice of [
    ...["", ".slice", "a", "a.scope", "a--b.slice", "-a.slice", "a-.slice", "--.slice"],
    ...["../a.slice", "a/b.slice", "a.slice/..", "a b.slice", `${"a".repeat(256)}.slice`],
  ])
    assert.throws(() => slicePath(slice), /invalid slice name/, slice);
});
