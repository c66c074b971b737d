/**
 * Engines to which the same lines of a shell are said, and what differs from the answer of one of them, which is Docker. In
 * the lines `d` is the engine, and `$PORT` a port of its own.
 *
 *   COMPARE=WORDS     prints what all say to lines with the words
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { busyboxArchive } from "../fixtures/images.ts";
import type { Isolation } from "../fixtures/peers.ts";
import type { Difference } from "./differences.ts";
import { masked, shape } from "./masks.ts";
import type { Chapter } from "./script.ts";

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One that is compared with Docker. */
export interface Side {
  readonly name: string;
  readonly differences: readonly Difference[];
}

/** Where a side is, and what is typed there for `d`. */
export interface Place {
  readonly isolation: Isolation;
  readonly command: readonly string[];
  /** Free in the isolation. */
  readonly port: number;
}

/** By the names of the sides. */
export type Places = Readonly<Record<string, Place>>;

/** The side that the others are compared with. */
export const reference = "docker";

const wanted = process.env.COMPARE;

/** Gives each side a folder with its engine, and all the image busybox. */
export async function prepare(places: Places): Promise<void> {
  for (const [name, { isolation, command }] of Object.entries(places)) {
    const folder = home(isolation, name);
    mkdirSync(join(folder, ".bin"), { recursive: true });
    const d = join(folder, ".bin/d");
    writeFileSync(d, `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`);
    chmodSync(d, 0o755);
    const { code, stderr } = await say(places, name, `d load -i ${busyboxArchive()}`);
    assert.equal(code, 0, stderr);
  }
}

/** A test for every line, which is said to all at the same time. */
export function compareLines(script: readonly Chapter[], sides: readonly Side[], places: () => Places): void {
  const names = [reference, ...sides.map(({ name }) => name)];
  for (const { title, lines } of script)
    describe(title, () => {
      for (const line of lines)
        test(line, async () => {
          const said = await Promise.all(names.map((name) => say(places(), name, line)));
          const [theirs, ...ours] = said as [Result, ...Result[]];
          if (wanted !== undefined) {
            if (line.includes(wanted))
              console.log(line, Object.fromEntries(names.map((n, i) => [n, said[i]])));
            return;
          }
          for (const [i, side] of sides.entries()) compareWith(theirs, ours[i]!, line, side);
        });
    });

  for (const { name, differences } of sides)
    test(`every difference of ${name} is one of a line of the script`, () => {
      const lines = new Set(script.flatMap((chapter) => chapter.lines));
      assert.deepEqual(
        differences.filter(({ line }) => !lines.has(line)),
        [],
      );
    });
}

function compareWith(theirs: Result, ours: Result, line: string, { name, differences }: Side): void {
  const known = differences.find((difference) => difference.line === line);
  const text = ({ code, stdout, stderr }: Result) => `exit ${code}\n${stdout}-- stderr\n${stderr}`;
  const told = `${name}: ${text(ours)}\ndocker: ${text(theirs)}\nlisted: ${JSON.stringify(known?.in ?? "no")}`;
  for (const { code } of [ours, theirs]) assert.notEqual(code, null, told);
  assert.deepEqual(differing(ours, theirs), known?.in ?? [], told);
}

function differing(ours: Result, theirs: Result): Difference["in"] {
  return [
    ...(ours.code === theirs.code ? [] : (["code"] as const)),
    ...(masked(ours.stdout) === masked(theirs.stdout) ? [] : (["stdout"] as const)),
    ...(shape(ours.stderr) === shape(theirs.stderr) ? [] : (["stderr"] as const)),
  ];
}

const home = ({ folder }: Isolation, side: string): string =>
  join(folder, `home-${side.replace(/\W+/g, "-")}`);

/** A line that an engine hangs on has failed. */
const patience = 60_000;

/** In the isolation, in a folder of the side's own. */
function say(places: Places, side: string, line: string): Promise<Result> {
  const { isolation, port } = places[side]!;
  const [program, ...args] = [
    ...isolation.prefix,
    "sh",
    "-c",
    // On a line of its own, as what is done in the background is all that stands before the `&`.
    `cd ${home(isolation, side)} && export PATH=$PWD/.bin:$PATH PORT=${port} || exit\n${line}`,
  ];
  const child = spawn(program!, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const timer = setTimeout(() => child.kill("SIGKILL"), patience);
  return new Promise((resolve) =>
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    }),
  );
}
