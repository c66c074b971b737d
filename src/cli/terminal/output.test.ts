import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const module = fileURLToPath(new URL("output.ts", import.meta.url));

/** A program that writes ten times 100 kB to its stdout and says on stderr how it went. */
const writer = `
  const { Output, BrokenOutput } = await import(${JSON.stringify(module)});
  const output = new Output(1);
  try {
    for (let i = 0; i < 10; i++) await output.write("x".repeat(100_000));
    console.error("written");
  } catch (error) {
    console.error(error instanceof BrokenOutput ? "broken" : error);
  }
`;

async function run(stdout: "pipe" | "ignore", meet?: (child: ReturnType<typeof spawn>) => Promise<void>) {
  const child = spawn(process.execPath, ["--input-type=module", "-e", writer], {
    stdio: ["ignore", stdout, "pipe"],
  });
  let said = "";
  child.stderr!.on("data", (data) => (said += data));
  await meet?.(child);
  if (child.exitCode === null) await once(child, "close");
  return said.trim();
}

test("a slow reader gets everything", async () => {
  let size = 0;
  const said = await run("pipe", async (child) => {
    for await (const chunk of child.stdout!) {
      size += chunk.length;
      if (size < 200_000) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  assert.deepEqual([size, said], [1_000_000, "written"]);
});

test("a reader that goes away is told from other errors", async () => {
  const said = await run("pipe", async (child) => {
    await once(child.stdout!, "readable");
    child.stdout!.destroy();
    await once(child, "close");
  });
  assert.equal(said, "broken");
});

test("output that nobody wants is no obstacle", async () => {
  assert.equal(await run("ignore"), "written");
});
