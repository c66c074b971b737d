/**
 * A root that is damaged by hand: `system check` tells of each damage in the lines that are expected and no others,
 * `--repair` mends it, and a following check finds nothing.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";
import { ownBrig } from "../../cli/brig.ts";
import { type Place, rowsOf } from "../remains.ts";

export interface Damage {
  readonly what: string;
  /** By brig, whose commands put some of the damage right. */
  readonly prepare?: () => unknown;
  readonly make: () => unknown;
  /** A line each. */
  readonly told: readonly RegExp[];
  /** After the repair. */
  readonly mended?: () => unknown;
}

export const clean = { code: 0, stdout: "", stderr: "" } as const;

export function damagedRoot() {
  const own = ownBrig();
  const { brig, brigWith, root } = own;
  const hash = own.about[1]!;
  const place: Place = { root, runRoot: join(root, "run"), hash };
  const inRoot = (...parts: readonly string[]) => join(root, ...parts);
  const rowOf = (name: string) => rowsOf(place).find((row) => row.name === name)!;

  /** Succeeds, and says nothing on stderr. */
  async function ok(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await brig(...words);
    assert.deepEqual([code, stderr], [0, ""], words.join(" "));
    return stdout.trim();
  }

  /** Without foreign keys, as any other program has them. */
  function sql(text: string): void {
    const database = new DatabaseSync(join(root, "brig.db"), {
      timeout: 10_000,
      enableForeignKeyConstraints: false,
    });
    database.exec(text);
    database.close();
  }

  /** Of one layer, which no other image has. */
  async function importImage(name: string): Promise<void> {
    const folder = inRoot("..", `${hash}-${name}`);
    mkdirSync(folder);
    writeFileSync(join(folder, "file"), name.repeat(1000));
    const archive = execFileSync("tar", ["-C", folder, "-c", "."]);
    rmSync(folder, { recursive: true });
    assert.equal((await brigWith(archive, "import", "-", name)).code, 0);
  }

  function manifestOf(name: string): string {
    const { manifests } = JSON.parse(readFileSync(inRoot("image", "index.json"), "utf8"));
    const entry = manifests.find(({ annotations }: { annotations: Record<string, string> }) =>
      Object.values(annotations).some((text) => text.endsWith(`/${name}:latest`)),
    );
    return inRoot("image", "blobs", entry.digest.replace(":", "/"));
  }

  function blobOf(name: string): string {
    const { layers } = JSON.parse(readFileSync(manifestOf(name), "utf8"));
    return inRoot("image", "blobs", layers[0].digest.replace(":", "/"));
  }

  async function afflict(t: TestContext, damages: readonly Damage[]): Promise<void> {
    for (const { prepare = () => {} } of damages) await prepare();
    for (const { make } of damages) await make();
    const { code, stdout, stderr } = await brig("system", "check", "--deep");
    assert.deepEqual([code, stderr], [1, ""]);
    const lines = linesOf(stdout);
    for (const { what, told } of damages)
      await t.test(`${what}: is told`, () => {
        for (const line of told) assert.equal(lines.filter((each) => line.test(each)).length, 1, `${line}`);
      });
    const expected = damages.flatMap(({ told }) => told);
    assert.deepEqual(
      lines.filter((line) => !expected.some((each) => each.test(line))),
      [],
    );
    const repaired = await brig("system", "check", "--deep", "--repair");
    assert.deepEqual([repaired.code, repaired.stderr], [0, ""], repaired.stdout);
    for (const line of linesOf(repaired.stdout)) assert.match(line, /; mended: /);
    assert.deepEqual(await brig("system", "check", "--deep"), clean);
    for (const { what, mended = () => {} } of damages)
      await t.test(`${what}: is mended`, async () => void (await mended()));
  }

  return {
    ...own,
    hash,
    place,
    ok,
    sql,
    inRoot,
    afflict,
    importImage,
    manifestOf,
    blobOf,
    idOf: (name: string) => rowOf(name).id,
    shimOf: (name: string) => Number(rowOf(name).shim!.split("_")[0]),
    processOf: (name: string) => rowOf(name).pid!,
  };
}

export const linesOf = (text: string) => text.split("\n").filter(Boolean);

/** Of the host's tools: what it prints. */
export function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
