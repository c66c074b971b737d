/** Ports that nobody asked for by number, of two roots that know nothing of each other. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { image, ownBrig } from "./brig.ts";

const roots = [ownBrig(), ownBrig()];
after(() => {
  for (const { end } of roots) end();
});

test("containers of two roots get ports of their own, though a reserved port is in no list of the kernel's", async () => {
  const published = new Set<string>();
  for (const { brig } of roots) {
    const ran = await brig("run", "-d", "--name", "open", "-P", "--expose", "80", image, "sleep", "100");
    assert.equal(ran.code, 0, ran.stderr);
    published.add((await brig("port", "open", "80")).stdout.trim());
  }
  assert.equal(published.size, roots.length);
});
