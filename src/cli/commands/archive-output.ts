/** Where an archive goes: stdout, unless it is a terminal, or a file, which appears complete or not at all. */

import { randomBytes } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { BrigError, messageOf } from "../../base/errors.ts";
import type { Context } from "./context.ts";

/** Writes the whole archive; `what` is "save image" or "export container". */
export async function writeArchive(
  what: string,
  output: string | undefined,
  archive: () => Promise<AsyncIterable<Uint8Array>>,
  context: Context,
): Promise<void> {
  const { stdout, directory } = context;
  if (output) return toFile(what, output, resolve(directory, output), archive);
  if (stdout.terminal())
    throw new BrigError(
      "invalid",
      `cowardly refusing to ${what.split(" ")[0]} to a terminal. Use the -o flag or redirect`,
    );
  for await (const chunk of await archive()) await stdout.write(chunk);
}

/** What only the caller may read, keys among it: a new file, or none. */
export async function writePrivate(
  output: string,
  directory: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const path = resolve(directory, output);
  try {
    const file = await open(path, "wx", 0o600);
    try {
      for await (const chunk of chunks) await file.writeFile(chunk);
    } finally {
      await file.close();
    }
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === "EEXIST";
    throw new BrigError(
      exists ? "conflict" : "invalid",
      exists ? `cannot write ${output}: it exists` : `cannot write ${output}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

async function toFile(
  what: string,
  output: string,
  path: string,
  archive: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<void> {
  await checkOutput(what, output, path);
  const chunks = await archive();
  const draft = `${path}.${randomBytes(4).toString("hex")}`;
  const file = await open(draft, "wx", 0o600);
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.close();
    await rename(draft, path);
  } catch (error) {
    await file.close();
    await rm(draft, { force: true });
    throw error;
  }
}

async function checkOutput(what: string, output: string, path: string): Promise<void> {
  const refused = (why: string) => new BrigError("invalid", `failed to ${what}: invalid output path: ${why}`);
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (!folder) throw refused(`directory "${dirname(output)}" does not exist`);
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw refused(`"${output}" must be a regular file or not exist: got a directory`);
  if (there && !there.isFile())
    throw refused(
      `"${output}" must be a directory or a regular file: got ${there.isCharacterDevice() || there.isBlockDevice() ? "a device" : "an irregular file"}`,
    );
}
