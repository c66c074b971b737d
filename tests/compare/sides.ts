/**
 * Two engines, to which the same lines of a shell are said, and what differs in what they answer. In the lines `d` is
 * the engine, and `$PORT` a port of its own.
 *
 *   COMPARE=WORDS     prints what both say to lines with the words
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

export const sides = ["brig", "docker"] as const;
export type Side = (typeof sides)[number];

const wanted = process.env.COMPARE;

/** Where the sides are: together, or each in an isolation of its own, where two of one kind would be in each other's way. */
export type Places = Isolation | Readonly<Record<Side, Isolation>>;

const placeOf = (places: Places, side: Side): Isolation => ("prefix" in places ? places : places[side]);

/** Gives each side a folder with its engine, and both the image busybox. */
export async function prepareSides(
  places: Places,
  commands: Readonly<Record<Side, readonly string[]>>,
): Promise<void> {
  for (const side of sides) {
    const folder = home(placeOf(places, side), side);
    mkdirSync(join(folder, ".bin"), { recursive: true });
    const d = join(folder, ".bin/d");
    writeFileSync(d, `#!/bin/sh\nexec ${commands[side].join(" ")} "$@"\n`);
    chmodSync(d, 0o755);
    const { code, stderr } = await say(placeOf(places, side), side, `d load -i ${busyboxArchive()}`);
    assert.equal(code, 0, stderr);
  }
}

/** A test for every line. */
export function compareLines(
  script: readonly Chapter[],
  differences: readonly Difference[],
  places: () => Places,
): void {
  for (const { title, lines } of script)
    describe(title, () => {
      for (const line of lines)
        test(line, async () => {
          const [brig, docker] = await Promise.all(
            sides.map((side) => say(placeOf(places(), side), side, line)),
          );
          if (wanted !== undefined) {
            if (line.includes(wanted)) console.log(line, { brig, docker });
            return;
          }
          for (const side of [brig!, docker!])
            assert.notEqual(side.code, null, told(brig!, docker!, undefined));
          const known = differences.find((difference) => difference.line === line);
          assert.deepEqual(differing(brig!, docker!), known?.in ?? [], told(brig!, docker!, known));
        });
    });

  test("every difference is one of a line of the script", () => {
    const lines = new Set(script.flatMap((chapter) => chapter.lines));
    assert.deepEqual(
      differences.filter(({ line }) => !lines.has(line)),
      [],
    );
  });
}

function differing(brig: Result, docker: Result): Difference["in"] {
  return [
    ...(brig.code === docker.code ? [] : (["code"] as const)),
    ...(masked(brig.stdout) === masked(docker.stdout) ? [] : (["stdout"] as const)),
    ...(shape(brig.stderr) === shape(docker.stderr) ? [] : (["stderr"] as const)),
  ];
}

function told(brig: Result, docker: Result, known: Difference | undefined): string {
  const text = ({ code, stdout, stderr }: Result) => `exit ${code}\n${stdout}-- stderr\n${stderr}`;
  return `brig: ${text(brig)}\ndocker: ${text(docker)}\nlisted: ${JSON.stringify(known?.in ?? "no")}`;
}

const ports = { brig: "15080", docker: "25080" } as const;
const home = ({ folder }: Isolation, side: Side): string => join(folder, `home-${side}`);

/** A line that an engine hangs on has failed. */
const patience = 60_000;

/** In the isolation, in a folder of the side's own. */
function say(isolation: Isolation, side: Side, line: string): Promise<Result> {
  const [program, ...args] = [
    ...isolation.prefix,
    "sh",
    "-c",
    // On a line of its own, as what is done in the background is all that stands before the `&`.
    `cd ${home(isolation, side)} && export PATH=$PWD/.bin:$PATH PORT=${ports[side]} || exit\n${line}`,
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
