/**
 * Ten thousand containers: lists and look-ups take bounded time and memory. The rows are put into the database directly,
 * after one that brig made; an engine only sees the database.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { image, ownBrig } from "../cli/brig.ts";

const { brig, root, executable, environment, end } = ownBrig();
const count = 10_000;

/** Times what a busy machine needs; without the limit of memory a list of everything would take all it wants. */
const most = { milliseconds: 5_000, megabytes: 400 };

const idOf = (number: number) => createHash("sha256").update(String(number)).digest("hex");

before(async () => {
  assert.equal((await brig("create", "--name", "first", "--label", "kind=one", image, "true")).code, 0);
  using database = new DatabaseSync(join(root, "brig.db"));
  const row = database.prepare("SELECT * FROM container").get()!;
  const names = Object.keys(row);
  const insert = database.prepare(
    `INSERT INTO container (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
  );
  database.exec("BEGIN");
  for (let number = 1; number < count; number++)
    insert.run(...Object.values({ ...row, id: idOf(number), name: `many-${number}` }));
  database.exec("COMMIT");
});
after(() => {
  {
    using database = new DatabaseSync(join(root, "brig.db"));
    database.exec("DELETE FROM container WHERE name LIKE 'many-%'");
  }
  end();
});

interface Measured {
  readonly stdout: string;
  readonly milliseconds: number;
  readonly megabytes: number;
}

/** Its highest mark of memory is read while its output, if that is more than a pipe holds, is not. */
async function measured(...args: readonly string[]): Promise<Measured> {
  const began = performance.now();
  const child = spawn(executable, args, { env: environment, stdio: ["ignore", "pipe", "inherit"] });
  let [stdout, kibibytes] = ["", 0];
  const look = () => {
    const status = textOf(`/proc/${child.pid}/status`);
    kibibytes = Math.max(kibibytes, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
  };
  const watch = setInterval(look, 10);
  child.stdout.setEncoding("utf8").on("data", (text) => {
    look();
    stdout += text;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(watch);
  assert.equal(code, 0);
  return { stdout, milliseconds: performance.now() - began, megabytes: kibibytes / 1024 };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** What is asked, and how many lines that gives. */
const questions: readonly (readonly [args: readonly string[], lines: number])[] = [
  [["ps", "-a"], count + 1],
  [["ps", "-aq", "--no-trunc"], count],
  [["ps", "-a", "--format", "{{.ID}} {{.Names}} {{.Status}} {{.Ports}}"], count],
  [["ps", "-a", "--format", "json"], count],
  [["ps", "-a", "--filter", "label=kind=one", "--filter", "name=many-77"], 1 + 111],
  [["ps", "-a", "--last", "5"], 6],
  [["ps"], 1],
  [["inspect", "-f", "{{.Name}}", "many-9999"], 1],
];

for (const [args, lines] of questions)
  test(`${args.join(" ")} among ${count} containers takes bounded time and memory`, async (t) => {
    const { stdout, milliseconds, megabytes } = await measured(...args);
    assert.equal(stdout.trimEnd().split("\n").length, lines);
    t.diagnostic(`${Math.round(milliseconds)} ms, ${Math.round(megabytes)} MB`);
    assert.ok(milliseconds < most.milliseconds && megabytes < most.megabytes);
  });

test("a container is made, found by the beginning of its id, run and removed among them", async () => {
  const id = (await brig("create", "--name", "last", image, "echo", "here")).stdout.trim();
  const short = id.slice(0, 12);
  assert.equal((await brig("start", "-a", short)).stdout, "here\n");
  assert.equal((await brig("rm", short)).stdout, `${short}\n`);
  const ambiguous = await brig("inspect", idOf(1)[0]!);
  assert.deepEqual(
    [ambiguous.code, ambiguous.stderr],
    [1, `brig: multiple IDs found with provided prefix: ${idOf(1)[0]}\n`],
  );
  assert.match(
    (await brig("create", "--name", "many-42", image)).stderr,
    /name "\/many-42" is already in use/,
  );
});
