/** Both channels keep the same promises: Node's in this process, Bun's in one of Bun. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { promises } from "./channel.contract.ts";
import { nodeChannel } from "./node.ts";

for (const [title, holds] of Object.entries(promises)) test(`in Node, ${title}`, () => holds(nodeChannel));

test("in Bun, all of that holds too", async () => {
  const bun = join(import.meta.dirname, "../../../node_modules/@oven/bun-linux-x64/bin/bun");
  const contract = join(import.meta.dirname, "channel.contract.ts");
  const { stdout } = await promisify(execFile)(bun, [contract, "hold"], { timeout: 60_000 });
  assert.deepEqual(
    stdout.trim().split("\n"),
    Object.keys(promises).map((title) => `held: ${title}`),
  );
});
