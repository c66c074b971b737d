/** House rules that can be read off the sources: names, lengths, markers, and what a folder may touch. */

import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import { importsOf, type Source, sourcesUnder, withoutComments } from "./fixtures/sources.ts";

const typescript = ["src", "tests", "bench"].flatMap((folder) => sourcesUnder(folder, /\.ts$/));
const native = sourcesUnder("native", /\.[ch]$/);
const scripts = sourcesUnder("scripts", /\.sh$/);
const shipped = typescript.filter(({ path }) => path.startsWith("src/") && !path.endsWith(".test.ts"));

/** A longer file needs a second thought; tests begin with tables and may have more. */
const longest = (path: string) => (path.endsWith(".test.ts") ? 500 : 300);
/** Tables, and state machines that would not be clearer in pieces. */
const longFiles: Readonly<Record<string, string>> = {
  "src/cli/options/program.ts": "every command, and the tree of names that lead to them",
  "tests/compare/script.ts": "what is typed at both engines, a line each",
  "tests/compare/requests/differences.ts": "the one list of where answers may differ, with reasons",
};

test("no source is longer than 300 lines, unless it is a declared table", () => {
  const long = [...typescript, ...native, ...scripts]
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ path, lines }) => lines > longest(path) && !(path in longFiles));
  assert.deepEqual(long, []);
});

test("no file or folder has a name that could hold anything", () => {
  const vague = /(?:^|[-_./])(?:utils?|helpers?|common|misc|manager|shared|stuff)(?:[-_./]|$)/;
  const wrong = [...typescript, ...native, ...scripts]
    .map(({ path }) => path)
    .filter((path) => vague.test(path));
  assert.deepEqual(wrong, []);
});

test("no source carries a marker of unfinished work", () => {
  // Written in two halves so that this file does not find itself.
  const marker = new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`);
  assert.deepEqual(linesWith([...typescript, ...native, ...scripts], marker), []);
});

/** Folders whose files need no head, and why. */
const selfEvident: Readonly<Record<string, string>> = {
  "src/cli/options":
    "one command each, named by its file; the table's own texts are what the user reads as help",
};

test("every source says what it is for, before its first line of code or after its imports", () => {
  const preamble = /^(?:#!.*\n)?(?:import\s[^;]*;\n|#include .*\n|\s*\n)*\/[*/]/;
  const bare = [...shipped, ...native]
    .filter(({ path, text }) => !preamble.test(text) && !(posix.dirname(path) in selfEvident))
    .map(({ path }) => path);
  assert.deepEqual(bare, []);
});

test("no module keeps mutable state", () => {
  assert.deepEqual(linesWith(shipped.map(uncommented), /^(?:export )?(?:let|var)\b/), []);
});

test("all TypeScript can be erased: no enum, namespace, decorator or parameter property", () => {
  const lasting =
    /^\s*(?:export\s+)?(?:declare\s+)?(?:(?:const\s+)?enum|namespace|module)\s+\w+\s*\{|^\s*@\w+|constructor\((?:[^{}]*,)?\s*(?:private|public|protected|readonly)\s/;
  assert.deepEqual(linesWith(typescript.map(uncommented), lasting), []);
});

/** npm packages that sources may import, and why each is better than our own code. */
const packages: Readonly<Record<string, string>> = {
  dockerode: "a client whose programs must run unchanged: tests/api/clients",
  testcontainers: "the same",
  ajv: "tests hold the OpenAPI document against its JSON schema, and answers against the document",
  "fast-check": "tests draw requests that shrink to nothing special, with a seed",
};

test("no npm package is imported that is not on the list", () => {
  const wrong = imports(typescript)
    .filter(({ file, specifier }) => file === undefined && !specifier.startsWith("node:"))
    .filter(({ specifier }) => !(packageOf(specifier) in packages));
  assert.deepEqual(wrong.map(inWords), []);
});

test("what is shipped does not import tests or the benchmark", () => {
  const wrong = imports(shipped).filter(
    ({ file, specifier }) => specifier === "node:test" || /^(?:tests|bench)\/|\.test\.ts$/.test(file ?? ""),
  );
  assert.deepEqual(wrong.map(inWords), []);
});

/**
 * Folders whose work includes paths that a container or an archive can shape. There only the executor's session, which
 * resolves beneath a root, opens paths; a file or folder that uses node:fs for paths of our own making says so here.
 */
const guarded = ["image", "registry", "build", "vm", "runtime", "network", "volume"];
const ownPaths: Readonly<Record<string, string>> = {
  "src/image/stream/file.ts": "the archive that the user named",
  "src/runtime/oci":
    "the caller's bundle, pid file and state folder; below the bundle's root only that it is there",
  "src/image/layers/layer-store.ts": "the folders of layers, named by digest; never what is in them",
  "src/image/layers/temporary.ts":
    "folders of layers before and after, named by their owner; never what is in them",
  "src/image/layers/give-name.ts": "the folders of layers and their marks",
  "src/image/layers/collect-layers.ts": "the folders of layers and their marks",
  "src/image/store": "the image layout: every name is fixed or a digest that was verified",
};

test("node:fs stays away from paths that a container can shape", () => {
  const wrong = imports(shipped)
    .filter(({ path, specifier }) => guarded.includes(path.split("/")[1]!) && /^node:fs\b/.test(specifier))
    .filter(({ path }) => !(path in ownPaths) && !(posix.dirname(path) in ownPaths));
  assert.deepEqual(wrong.map(inWords), []);
});

test("every exception is still needed", () => {
  const files = [...typescript, ...native, ...scripts].map(({ path }) => path);
  const known = new Set([...files, ...files.map((path) => posix.dirname(path))]);
  const named = [longFiles, selfEvident, ownPaths].flatMap((table) => Object.keys(table));
  const used = new Set(imports(typescript).map(({ specifier }) => packageOf(specifier)));
  const stale = [
    ...named.filter((path) => !known.has(path)),
    ...Object.keys(packages).filter((name) => !used.has(name)),
  ];
  assert.deepEqual(stale, []);
});

function imports(sources: readonly Source[]) {
  return sources.flatMap((source) => importsOf(source).map((found) => ({ path: source.path, ...found })));
}

function inWords({ path, specifier }: { readonly path: string; readonly specifier: string }): string {
  return `${path} imports ${specifier}`;
}

/** `@scope/name/sub` → `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function uncommented({ path, text }: Source): Source {
  return { path, text: withoutComments(text) };
}

/** `path:line: text` of every line that matches. */
function linesWith(sources: readonly Source[], pattern: RegExp): readonly string[] {
  return sources.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((line, index) =>
        pattern.test(line) ? [`${posix.normalize(path)}:${index + 1}: ${line.trim()}`] : [],
      ),
  );
}
