/**
 * The import table of the design, ARCHITECTURE.md "Layers": imports go down only, and folders of one row do not know
 * each other. Read off the sources as text, so that it needs neither a compiler nor a build.
 */

import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import { importsOf, type Source, sourcesUnder, withoutComments } from "./fixtures/sources.ts";

/** From the top down. A folder may import the rows below its own. */
const rows: readonly (readonly string[])[] = [
  [""], // src/main.ts, which puts the doors together
  ["cli", "api", "cri"],
  ["client"],
  ["docker"],
  ["cluster"],
  ["engine"],
  ["build", "vm", "runtime", "network", "volume"],
  ["registry", "image"],
  ["kernel"],
  ["spec"],
  ["base"], // errors, ids and units are what the parsers of spec are made of, so it lies below them
];

/** The folders that do no I/O at all, so that everything in them can be tested without a machine. */
const pure: readonly string[] = ["base", "spec"];
const ioModules =
  /^node:(?:fs|net|http|https|http2|dgram|dns|tls|child_process|worker_threads|cluster|sqlite|os)\b/;

/** Files outside src that sources may import, and why. */
const outside: Readonly<Record<string, string>> = {
  "package.json": "the version that brig prints",
};

const sources = sourcesUnder("src", /\.ts$/);

test("every folder of src has its row in the table", () => {
  const known = rows.flat();
  assert.deepEqual(
    sources.map((source) => source.path).filter((path) => !known.includes(folderOf(path))),
    [],
  );
});

test("imports go down the rows, never up or sideways", () => {
  const wrong: string[] = [];
  for (const source of sources) {
    for (const { file, specifier } of importsOf(source)) {
      if (file === undefined) continue;
      const complaint = file.startsWith("src/") ? judge(source.path, file) : judgeOutside(source.path, file);
      if (complaint) wrong.push(`${source.path}: "${specifier}" ${complaint}`);
    }
  }
  assert.deepEqual(wrong, []);
});

function judge(from: string, to: string): string | undefined {
  const [a, b] = [folderOf(from), folderOf(to)];
  const [rowA, rowB] = [rowOf(a), rowOf(b)];
  if (a === b || rowB > rowA) return undefined;
  return rowA === rowB ? `goes sideways from ${a} to ${b}` : `goes up from ${a} to ${b}`;
}

function judgeOutside(from: string, to: string): string | undefined {
  if (to in outside) return undefined;
  if (isTest(from) && to.startsWith("tests/fixtures/")) return undefined;
  return "leaves src";
}

test("base and spec do no I/O", () => {
  const wrong = sources
    .filter((source) => pure.includes(folderOf(source.path)) && !isTest(source.path))
    .flatMap((source) => importsOf(source).map((found) => `${source.path}: ${found.specifier}`))
    .filter((line) => ioModules.test(line.split(": ")[1]!));
  assert.deepEqual(wrong, []);
});

/** What only the kernel folder may do, and the files elsewhere that may all the same, with their reason. */
const linuxOnly: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  {
    what: "reads or writes /proc, /sys or /dev",
    pattern: /\b\w*(?:read|write|open|stat|access|exists|watch)\w*\(\s*["'`]\/(?:proc|sys|dev)\//i,
  },
  { what: "starts a program", pattern: /["']node:child_process["']/ },
  { what: "calls native code", pattern: /["']bun:ffi["']|\bprocess\.dlopen\(/ },
];
const linuxAllowed: Readonly<Record<string, string>> = {
  "src/cli/terminal/terminal.ts": "stty sets the modes of the user's own terminal that Node cannot",
  "src/cli/commands/system-dial-stdio.ts":
    "the service of a client that comes by ssh outlives the connection",
  "src/client/dial/ssh.ts": "ssh is the user's own, with his keys, his agent and his settings",
  "src/image/compression/program.ts": "xz and zstd decode what Node has no decoder for",
};

test("only kernel knows Linux: no other folder reads /proc, starts programs or calls native code", () => {
  const wrong: string[] = [];
  for (const source of sources) {
    if (folderOf(source.path) === "kernel" || isTest(source.path) || source.path in linuxAllowed) continue;
    const text = withoutComments(source.text);
    for (const { what, pattern } of linuxOnly) if (pattern.test(text)) wrong.push(`${source.path} ${what}`);
  }
  assert.deepEqual(wrong, []);
});

test("no folders import each other in a circle", () => {
  const edges = new Map<string, Set<string>>();
  for (const source of sources) {
    const from = posix.dirname(source.path);
    for (const { file, runs } of importsOf(source)) {
      // The name of a type may be borrowed from a neighbour; what runs may not.
      const to = file === undefined || !runs ? from : posix.dirname(file);
      // A folder and the folders inside it are one thing seen at two distances.
      if (`${to}/`.startsWith(`${from}/`) || `${from}/`.startsWith(`${to}/`)) continue;
      edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  assert.deepEqual(circles(edges), []);
});

test("no files import each other in a circle at run time", () => {
  const edges = new Map<string, Set<string>>();
  for (const source of sources) {
    const targets = importsOf(source).filter((found) => found.runs && found.file !== undefined);
    edges.set(source.path, new Set(targets.map((found) => found.file!)));
  }
  assert.deepEqual(circles(edges), []);
});

test("the rules can fail: an import upwards, one sideways and a circle are found", () => {
  assert.match(judge("src/kernel/a.ts", "src/engine/b.ts") ?? "", /goes up from kernel to engine/);
  assert.match(judge("src/network/a.ts", "src/runtime/b.ts") ?? "", /goes sideways/);
  assert.equal(judge("src/engine/a.ts", "src/base/b.ts"), undefined);
  const sample: Source = {
    path: "src/a/b.ts",
    text: 'import type { X } from "../c/d.ts";\nawait import("./e.ts");\n',
  };
  assert.deepEqual(importsOf(sample), [
    { specifier: "../c/d.ts", file: "src/c/d.ts", runs: false },
    { specifier: "./e.ts", file: "src/a/e.ts", runs: true },
  ]);
  const edges = new Map([
    ["a", new Set(["b"])],
    ["b", new Set(["c"])],
    ["c", new Set(["a"])],
  ]);
  assert.deepEqual(circles(edges), ["a → b → c → a"]);
});

function folderOf(path: string): string {
  return path.split("/").length > 2 ? path.split("/")[1]! : "";
}

function rowOf(folder: string): number {
  return rows.findIndex((row) => row.includes(folder));
}

function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

/** Each circle in the graph that a depth-first walk closes, as `a → b → a`. */
function circles(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (node: string): void => {
    const at = path.indexOf(node);
    if (at >= 0) found.push([...path.slice(at), node].join(" → "));
    if (at >= 0 || done.has(node)) return;
    path.push(node);
    for (const next of edges.get(node) ?? []) walk(next);
    path.pop();
    done.add(node);
  };
  for (const node of edges.keys()) walk(node);
  return found;
}
