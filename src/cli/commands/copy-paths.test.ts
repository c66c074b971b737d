import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { copyOrder, localPath } from "./copy-paths.ts";

describe("the operands of cp", () => {
  test("say which side is the container's", () => {
    assert.deepEqual(copyOrder("a:/x", "y"), { kind: "out", container: "a", path: "/x", local: "y" });
    assert.deepEqual(copyOrder("y", "a:x:y"), { kind: "in", container: "a", path: "x:y", local: "y" });
    assert.deepEqual(copyOrder("-", "a:/"), { kind: "in", container: "a", path: "/", local: "-" });
    assert.deepEqual(copyOrder("./a:b", "c:/"), { kind: "in", container: "c", path: "/", local: "./a:b" });
    assert.deepEqual(copyOrder("/a:b", "c:/"), { kind: "in", container: "c", path: "/", local: "/a:b" });
  });

  const refused: readonly (readonly [source: string, target: string, message: string])[] = [
    ["a:/x", "b:/x", "copying between containers is not supported"],
    ["a", "b", "must specify at least one container source"],
    ["", "b:/x", "source can not be empty"],
    ["b:/x", "", "destination can not be empty"],
    ["b:", "x", "bad parameter: path cannot be empty"],
    [":/x", "x", "must specify at least one container source"],
  ];
  for (const [source, target, message] of refused)
    test(`are refused: ${source || "''"} ${target || "''"}`, () =>
      assert.throws(() => copyOrder(source, target), { message }));

  test("keep the end that means something", () => {
    const paths = ["a", "a/", "a/.", ".", "..", "/", "./", "a/../b/"].map((path) => localPath("/w", path));
    assert.deepEqual(paths, ["/w/a", "/w/a/", "/w/a/.", "/w/.", "/", "/", "/w/", "/w/b/"]);
  });
});
