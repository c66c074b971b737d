/**
 * What a container sees by default, in brig and in Debian's docker (20.10), row by row of the table in SECURITY.md: the
 * same lines, or others for a reason that is given. What differs and is not listed fails, and so does what is listed and
 * does not differ.
 */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { brigEngine, cgroupOf } from "../../bench/engines.ts";
import { busyboxArchive } from "../fixtures/images.ts";
import { type Isolation, isolate, startDocker } from "../fixtures/peers.ts";
import { checkout } from "../fixtures/sources.ts";
import { compiled } from "../security/hostile.ts";
import { defaults, type Row } from "./defaults.ts";

const sides = ["brig", "docker"] as const;
type Side = (typeof sides)[number];

const probe = compiled("../compare/probe.c", "probe", ["musl-gcc", "-static", "-O1"]);
const legacy = existsSync("/sys/fs/cgroup/devices");
let isolation: Isolation;
let commands: Readonly<Record<Side, readonly string[]>>;
/** "cgroup:[4026531835]" and so on, of the place that both engines are in. */
let outside: readonly string[];

before(async () => {
  isolation = await isolate((work) => [cgroupOf(work)]);
  const docker = (await startDocker(isolation)).command;
  commands = { brig: [...isolation.prefix, ...brigEngine(isolation.folder).command], docker };
  for (const side of sides) said(side, "load", "-i", busyboxArchive());
  const [program, ...args] = [...isolation.prefix, "sh", "-c", "readlink /proc/self/ns/*"];
  outside = execFileSync(program!, args, { encoding: "utf8" }).split("\n");
});
after(async () => {
  await isolation?.[Symbol.asyncDispose]();
});

function said(side: Side, ...words: readonly string[]): string {
  const [program, ...args] = [...commands[side], ...words];
  const { stdout, stderr, status } = spawnSync(program!, args, { encoding: "utf8" });
  assert.equal(status, 0, `${side} ${words.join(" ")}: ${stderr}`);
  return stdout;
}

function linesOf(side: Side, { options = [], script }: Row): readonly string[] {
  const bind = ["-v", `${probe}:/probe:ro`];
  const text = said(side, "run", "--rm", ...options, ...bind, "busybox", "sh", "-c", script);
  return text.split("\n").map((line) => masked(line.trimEnd()));
}

/** What is another for each container, each engine or each host. */
function masked(line: string): string {
  const [, namespace] = /^(\w+):\[\d+\]$/.exec(line) ?? [];
  if (namespace !== undefined) return `${namespace} ${outside.includes(line) ? "the host's" : "its own"}`;
  return line
    .replace(/[0-9a-f]{64}/g, "ID")
    .replace(/,lowerdir.*/, "")
    .replace(/,size=\d+k,nr_inodes=\d+/, "");
}

for (const row of defaults)
  test(`${row.name}: ${row.options?.join(" ") ?? ""} ${row.script.slice(0, 60)}`, {
    skip: row.needs === "cgroup v1" && !legacy,
  }, () => {
    const [brig, docker] = sides.map((side) => linesOf(side, row)) as [readonly string[], readonly string[]];
    assert.ok(brig.length > 1);
    const only = {
      brig: brig.filter((line) => !docker.includes(line)),
      docker: docker.filter((line) => !brig.includes(line)),
    };
    for (const side of sides) {
      const known = (row.differences ?? []).flatMap((difference) => difference[side] ?? []);
      const unknown = only[side].filter((line) => !known.some((pattern) => pattern.test(line)));
      assert.deepEqual(unknown, [], `only in ${side}`);
      for (const pattern of known)
        assert.ok(
          only[side].some((line) => pattern.test(line)),
          `${side} does not differ by ${pattern}`,
        );
    }
  });

test("SECURITY.md has every row", () => {
  const text = readFileSync(join(checkout, "SECURITY.md"), "utf8");
  for (const { name, differences = [] } of defaults) {
    assert.ok(text.includes(`| ${name} |`), `there is no row "${name}"`);
    for (const { reason } of differences) assert.ok(text.includes(reason), `it does not say "${reason}"`);
  }
});
