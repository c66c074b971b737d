/**
 * `make test-mutations`: shows that the tests of `tests/security` can fail. For each guard of `table.ts` a copy of the
 * tree is built without it, every security test runs there, and those named, and no others, must fail.
 *
 * ONLY=2019-5736 takes the mutations whose CVE contains the word.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../fixtures/sources.ts";
import { type Mutation, mutations, type Patch } from "./table.ts";

const only = process.env.ONLY ?? "";
const tree = mkdtempSync(join(tmpdir(), "brig-mutations-"));
process.on("exit", () => rmSync(tree, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

copyTree();
const wrong = mutations.filter(({ cve }) => cve.includes(only)).filter((mutation) => !shows(mutation));
if (wrong.length > 0) {
  console.log(`\n${wrong.length} mutations were not noticed as they should be`);
  process.exitCode = 1;
}

function copyTree(): void {
  const preserveTimestamps = true;
  for (const name of [
    "src",
    "native",
    "scripts",
    "tests",
    "Makefile",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
  ])
    cpSync(join(checkout, name), join(tree, name), { recursive: true, preserveTimestamps });
  for (const name of ["build/fixtures", "build/embedded-image.tar", "bin"])
    cpSync(join(checkout, name), join(tree, name), {
      recursive: true,
      preserveTimestamps,
      verbatimSymlinks: true,
    });
  symlinkSync(join(checkout, "node_modules"), join(tree, "node_modules"));
}

/** Says what failed; true where that is what should. */
function shows({ cve, guard, patches, fails = [] }: Mutation): boolean {
  const originals = new Map(patches.map(({ file }) => [file, readFileSync(join(tree, file))]));
  try {
    for (const patch of patches) apply(patch);
    execFileSync("make", ["build"], { cwd: tree, stdio: ["ignore", "ignore", "inherit"] });
    const failed = failures();
    const expected = [cve, ...fails].sort();
    const right = failed.join() === expected.join();
    console.log(
      `${right ? "shown " : "WRONG "} ${cve} without «${guard}»: ${failed.join(", ") || "nothing"} failed`,
    );
    if (!right) console.log(`       expected: ${expected.join(", ")}`);
    return right;
  } finally {
    for (const [file, text] of originals) writeFileSync(join(tree, file), text);
  }
}

function apply({ file, search, replacement }: Patch): void {
  const path = join(tree, file);
  const parts = readFileSync(path, "utf8").split(search);
  if (parts.length !== 2)
    throw new Error(
      `${file} has ${parts.length - 1} times, and not once: ${search}; mend tests/mutations/table.ts`,
    );
  writeFileSync(path, parts.join(replacement));
}

/** The CVEs of the tests that fail in the copy, each once; any other failure by its title. */
function failures(): readonly string[] {
  const files = globSync("tests/security/*.test.ts", { cwd: tree });
  const options = ["--test", "--test-reporter=tap", "--test-concurrency=2", "--test-timeout=120000"];
  const { stdout } = spawnSync(process.execPath, [...options, ...files], {
    cwd: tree,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  if (!/^# tests [1-9]/m.test(stdout)) throw new Error(`the tests did not run:\n${stdout}`);
  const titles = [...stdout.matchAll(/^not ok \d+ - (.*)$/gm)].map(([, title]) => title!);
  return [...new Set(titles.map((title) => /^CVE-\d+-\d+/.exec(title)?.[0] ?? title))].sort();
}
