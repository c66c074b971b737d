/**
 * Starts, waits for and removes containers through the library, without a command line, and prints the nanoseconds of
 * each round on a line of its own.
 *
 *   library.ts ROOT RUN-ROOT ROUNDS
 */

import { join } from "node:path";
import { Engine } from "../src/engine/index.ts";
import { checkout } from "../tests/fixtures/sources.ts";

const [root, runRoot, rounds] = process.argv.slice(2);
using engine = Engine.open({ root: root!, runRoot: runRoot!, self: [join(checkout, "bin/brig")] });

await once(); // caches are warm before anything counts
for (let round = 0; round < Number(rounds); round++) {
  const began = process.hrtime.bigint();
  await once();
  console.log(String(process.hrtime.bigint() - began));
}
process.exit();

async function once(): Promise<void> {
  const { id, session } = await engine.run({
    image: "busybox",
    command: ["true"],
    resources: { memory: 256 * 1024 * 1024, nanoCpus: 1e9, pidsLimit: 100 },
  });
  const { code } = await session.wait();
  if (code !== 0) throw new Error(`the container ended with ${code}`);
  await engine.remove(id);
}
