/**
 * A brig of a test file's own: bin/brig with a root in a temporary folder, and a word to find on the host all that it
 * makes there.
 *
 *   const { brig, about, end } = ownBrig();
 *   after(end);
 *   const { code, stdout, stderr } = await brig("run", "--rm", image, "true");
 */

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../fixtures/sources.ts";

/** Busybox, and in every brig. */
export const image = "brig.local/hello";

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function ownBrig() {
  const root = mkdtempSync(join(tmpdir(), "brig-cli-"));
  const hash = createHash("sha256").update(root).digest("hex").slice(0, 6);
  const environment = { ...process.env, BRIG_ROOT: root, BRIG_RUN_ROOT: join(root, "run") };
  const executable = join(checkout, "bin/brig");

  /** Started, with pipes for its streams. */
  const start = (...args: readonly string[]) =>
    spawn(executable, args, { env: environment, stdio: ["pipe", "pipe", "pipe"] });

  /** Run to its end with `input` as stdin. */
  const brigWith = async (input: string | Uint8Array, ...args: readonly string[]): Promise<Result> => {
    const child = start(...args);
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("latin1").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("latin1").on("data", (text) => (stderr += text));
    child.stdin.on("error", () => {}); // brig may end before it has read all
    child.stdin.end(input);
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, stdout, stderr };
  };

  /** Removes every container, and what a root keeps on the host between them. */
  const end = () => {
    const all = spawnSync(executable, ["ps", "-aq"], { env: environment, encoding: "utf8" }).stdout.split(
      "\n",
    );
    const ids = all.filter(Boolean);
    if (ids.length > 0) spawnSync(executable, ["rm", "-f", ...ids], { env: environment });
    const released = spawnSync(executable, ["system", "release"], { env: environment, encoding: "utf8" });
    if (released.status !== 0) throw new Error(`cannot clean up after the tests: ${released.stderr}`);
    rmSync(root, { recursive: true, force: true });
  };

  return {
    /** Run to its end without input. */
    brig: (...args: readonly string[]) => brigWith("", ...args),
    brigWith,
    start,
    executable,
    environment,
    root,
    /** Words that are in the name of whatever this brig makes on the host. */
    about: [root, hash],
    end,
  };
}

/** Tries again until the condition holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`waited in vain until ${typeof what === "string" ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
