/**
 * The same lines of a shell to brig and to Debian's docker: exit code, stdout and the shape of stderr are the same,
 * except where differences.ts says why not; and what is listed there must differ.
 *
 *   COMPARE=WORDS node --test tests/compare/compare.test.ts     prints what both say to lines with the words
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { brigEngine, cgroupOf } from "../../bench/engines.ts";
import { busyboxArchive } from "../fixtures/images.ts";
import { type Isolation, isolate, startDocker } from "../fixtures/peers.ts";
import { type Difference, differences } from "./differences.ts";
import { masked, shape } from "./masks.ts";
import { script } from "./script.ts";

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const sides = ["brig", "docker"] as const;
type Side = (typeof sides)[number];

const wanted = process.env.COMPARE;
let isolation: Isolation;

before(async () => {
  isolation = await isolate((work) => [cgroupOf(work)]);
  const docker = await startDocker(isolation);
  const commands = { brig: brigEngine(isolation.folder).command, docker: docker.command };
  for (const side of sides) {
    mkdirSync(join(home(side), ".bin"), { recursive: true });
    const d = join(home(side), ".bin/d");
    writeFileSync(d, `#!/bin/sh\nexec ${commands[side].join(" ")} "$@"\n`);
    chmodSync(d, 0o755);
    const { code, stderr } = await say(side, `d load -i ${busyboxArchive()}`);
    assert.equal(code, 0, stderr);
  }
});
after(async () => {
  await isolation?.[Symbol.asyncDispose]();
});

for (const { title, lines } of script)
  describe(title, () => {
    for (const line of lines)
      test(line, async () => {
        const [brig, docker] = await Promise.all([say("brig", line), say("docker", line)]);
        if (wanted !== undefined) {
          if (line.includes(wanted)) console.log(line, { brig, docker });
          return;
        }
        const known = differences.find((difference) => difference.line === line);
        assert.deepEqual(differing(brig, docker), known?.in ?? [], told(brig, docker, known));
      });
  });

test("every difference is one of a line of the script", () => {
  const lines = new Set(script.flatMap((chapter) => chapter.lines));
  assert.deepEqual(
    differences.filter(({ line }) => !lines.has(line)),
    [],
  );
});

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
const home = (side: Side): string => join(isolation.folder, `home-${side}`);

/** A line that an engine hangs on is a difference as well. */
const patience = 60_000;

/** In the isolation, in a folder of the side's own. */
function say(side: Side, line: string): Promise<Result> {
  const [program, ...args] = [
    ...isolation.prefix,
    "sh",
    "-c",
    `cd ${home(side)} && export PATH=$PWD/.bin:$PATH PORT=${ports[side]} && ${line}`,
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
