/** The names of the library: each has a comment that says what it means, and none comes or goes by accident. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkout } from "../fixtures/sources.ts";

interface Exported {
  readonly name: string;
  readonly file: string;
}

/** What `index` exports, and from where. */
function exportsOf(index: string): readonly Exported[] {
  const path = join(checkout, index);
  return [...readFileSync(path, "utf8").matchAll(/^export (?:type )?\{([^}]*)\} from "([^"]+)";$/gm)].flatMap(
    ([, names, from]) =>
      names!
        .split(",")
        .map((name) => name.trim().replace(/^type /, ""))
        .filter((name) => name !== "")
        .map((name) => ({ name, file: join(path, "..", from!) })),
  );
}

/** Follows a name that a file only hands on. */
function declarationOf({ name, file }: Exported): string {
  const text = readFileSync(file, "utf8");
  const declared = new RegExp(
    `([^\\n]*)\\nexport (?:abstract )?(?:class|interface|type|function|const) ${name}\\b`,
  ).exec(text);
  if (declared) return declared[1]!;
  const handed = new RegExp(`export (?:type )?\\{[^}]*\\b${name}\\b[^}]*\\} from "([^"]+)"`).exec(text);
  assert.ok(handed, `${name} is not declared in ${file}`);
  return declarationOf({ name, file: join(file, "..", handed[1]!) });
}

for (const index of ["src/engine/index.ts", "src/client/index.ts"])
  test(`every name of ${index} says what it means`, () => {
    const all = exportsOf(index);
    assert.ok(all.length > 5);
    const bare = all.filter((each) => !declarationOf(each).endsWith("*/")).map(({ name }) => name);
    assert.deepEqual(bare, []);
  });
