import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { i386Numbers } from "./seccomp/i386-numbers.ts";
import { type SyscallName, syscallNumber, syscallNumbers } from "./syscalls.ts";

const headers = "/usr/include/x86_64-linux-gnu/asm";

/** Names and numbers of a kernel header, newer or older than our table. */
function headerNumbers(path: string): ReadonlyMap<string, number> {
  const defines = readFileSync(path, "utf8").matchAll(/^#define __NR(?:3264)?_(\w+)\s+(\d+)$/gm);
  return new Map([...defines].map(([, name, number]) => [name!, Number(number)]));
}

test("the numbers of x86-64 are those of the kernel's header", { skip: !existsSync(headers) }, () => {
  const header = headerNumbers(`${headers}/unistd_64.h`);
  assert.ok(header.size > 350);
  for (const [name, number] of header) assert.equal(syscallNumber(name, "x86_64"), number, name);
});

test("the numbers of i386 are those of the kernel's header", { skip: !existsSync(headers) }, () => {
  for (const [name, number] of headerNumbers(`${headers}/unistd_32.h`)) {
    const ours = number < 424 ? i386Numbers[name] : syscallNumber(name, "x86_64");
    assert.equal(ours, number, name);
  }
});

test("the numbers of arm64 are those of the kernel's generic header", { skip: !existsSync(headers) }, () => {
  const header = headerNumbers("/usr/include/asm-generic/unistd.h");
  // Names that stand for another one, for an architecture's own calls, or for calls of 32-bit architectures.
  const others = new Set(["arch_specific_syscall", "syscalls", "sync_file_range2", "fstatat"]);
  for (const [name, number] of header) {
    if (others.has(name) || (number >= 403 && number < 424)) continue;
    assert.equal(syscallNumber(name, "aarch64"), number, name);
  }
  assert.equal(syscallNumber("newfstatat", "aarch64"), header.get("fstatat"));
});

test("no two calls of an architecture have the same number", () => {
  for (const architecture of ["x86_64", "aarch64"] as const) {
    const names = Object.keys(syscallNumbers) as SyscallName[];
    const numbers = names.map((name) => syscallNumber(name, architecture)).filter((n) => n !== undefined);
    assert.equal(new Set(numbers).size, numbers.length);
  }
});

test("from 424 on both architectures use the same number", () => {
  for (const [name, numbers] of Object.entries(syscallNumbers)) {
    if (numbers[0] >= 424) assert.equal(numbers[1], numbers[0], name);
  }
});

test("a name that no architecture has is undefined, also when Object.prototype has it", () => {
  for (const name of ["no_such_call", "constructor", "__proto__"]) {
    assert.equal(syscallNumber(name, "x86_64"), undefined);
  }
  assert.equal(syscallNumber("open" as string, "aarch64"), undefined);
});
