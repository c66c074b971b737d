import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerSpec } from "./spec.ts";
import { checkUser, checkUserNamespace, lastGroup, terminalGroup } from "./user-namespace.ts";

const own: ContainerSpec = { image: "i", namespaces: { user: { kind: "private" } } };
const ids = (size: number) => ({ first: 1_879_048_192, size });

test("a kernel without overlays on mapped layers is refused, and only where a user namespace is asked for", () => {
  for (const kernel of [
    [5, 18],
    [4, 19],
  ] as const) {
    assert.throws(() => checkUserNamespace(own, kernel), /need Linux 5\.19, and this is/);
    assert.doesNotThrow(() => checkUserNamespace({ image: "i" }, kernel));
    assert.doesNotThrow(() => checkUserNamespace({ ...own, namespaces: { user: { kind: "host" } } }, kernel));
  }
  for (const kernel of [
    [5, 19],
    [6, 1],
  ] as const)
    assert.doesNotThrow(() => checkUserNamespace(own, kernel));
});

test("every id of a process must be one that there is", () => {
  const as = (uid: number, gid: number, ...additionalGids: number[]) => ({
    user: { uid, gid, additionalGids },
  });
  assert.doesNotThrow(() => checkUser(as(99, 99, 99), ids(100)));
  assert.doesNotThrow(() => checkUser(as(100_000, 0), undefined));
  for (const process of [as(100, 0), as(0, 100), as(0, 0, 5, 100)])
    assert.throws(() => checkUser(process, ids(100)), /has the ids 0 to 99, and not 100; .*auto:size=101/);
});

test("groups that are written down for a namespace are such as it has", () => {
  assert.deepEqual(
    [terminalGroup(ids(5)), terminalGroup(ids(6)), terminalGroup(undefined)],
    [[], ["gid=5"], ["gid=5"]],
  );
  assert.deepEqual([lastGroup(ids(5)), lastGroup(undefined)], [4, 2_147_483_647]);
});
