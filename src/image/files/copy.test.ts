import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { readXattr, shim } from "../../../tests/fixtures/jail.ts";
import type { HostPath } from "../../base/ids.ts";
import * as F from "../../kernel/abi/files.ts";
import { Executor } from "../../kernel/executor/executor.ts";
import { endExecutor } from "../../kernel/executor/pipeline.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import { sessionJail } from "../layers/session-jail.ts";
import { encodeText } from "../tar/byte-string.ts";
import { readTar } from "../tar/read.ts";
import { TreeArchive } from "./archive.ts";
import { TreeCopy } from "./copy.ts";
import { TreeReader } from "./reader.ts";
import { resolveInRoot } from "./resolve.ts";
import { FileSession, type Side } from "./side.ts";
import type { FileStat } from "./stat.ts";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "brig-files-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Both sides are folders of the host. */
async function between<T>(
  from: string,
  to: string,
  work: (session: FileSession, from: Side, to: Side) => Promise<T>,
): Promise<T> {
  const executor = Executor.start({ shim });
  try {
    const { slots } = executor;
    const lowest = [slots.slot("file").fd, slots.slot("copy").fd] as const;
    const [source, target] = [slots.slot("from"), slots.slot("to")];
    const p = new ProgramBuilder();
    for (const [path, slot] of [
      [from, source],
      [to, target],
    ] as const)
      p.call("open", "openat", [F.AT_FDCWD, path, F.O_RDONLY | F.O_DIRECTORY, 0], { slot });
    await executor.run(p.instructions);
    const session = new FileSession(executor, lowest);
    return await work(session, session.side(source.fd), session.side(target.fd));
  } finally {
    await endExecutor(executor);
  }
}

async function topOf(session: FileSession, { top }: Side): Promise<FileStat> {
  const found = await resolveInRoot(session.pipeline, {
    root: top,
    into: session.slot(),
    path: encodeText("/"),
  });
  return found!.stat!;
}

function made(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

const options = { owner: () => ({ uid: 0, gid: 0 }), shifting: false };
const copied = (from: string, to: string) =>
  between(from, to, async (session, source, target) => {
    const copy = new TreeCopy(session, source, target, options);
    await copy.contents({ path: ".", mountRoot: false }, ".");
    return copy.copied;
  });

test("a wide and deep tree is copied whole", async (t) => {
  const from = made("wide");
  for (let d = 0; d < 300; d++) {
    mkdirSync(join(from, `d${d % 20}/e${d}`), { recursive: true });
    for (let f = 0; f < 10; f++)
      writeFileSync(join(from, `d${d % 20}/e${d}/f${f}`), `${d} ${f}\n`.repeat(100 * f));
  }
  const deep = join(from, ...Array.from({ length: 300 }, (_, i) => `deep${i}`));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, "bottom"), "here");
  const to = made("wide-copy");
  const begin = performance.now();
  await copied(from, to);
  t.diagnostic(`3,000 files: ${Math.round(performance.now() - begin)} ms`);
  execFileSync("diff", ["-r", from, to]);
});

test("a folder of many names is listed in the order of their bytes", async () => {
  const from = made("many");
  for (let i = 0; i < 3000; i++) writeFileSync(join(from, `${"x".repeat(i % 200)}${i}`), "");
  execFileSync("ln", ["-s", "nowhere", join(from, "link")]);
  const [files] = await between(from, from, (session, side) =>
    new TreeReader(session.pipeline, side).list([{ path: ".", mountRoot: false }]),
  );
  assert.equal(files!.length, 3001);
  assert.deepEqual(
    files!.map(({ name }) => name),
    readdirSync(from).sort(),
  );
  const link = files!.find(({ name }) => name === "link")!;
  assert.deepEqual([link.stat.kind, link.link], ["symbolic-link", "nowhere"]);
});

test("names that are no text come through", async () => {
  const [from, to] = [made("bytes"), made("bytes-copy")];
  const name = Buffer.from([0x66, 0xff, 0xfe, 0x0a]);
  writeFileSync(Buffer.concat([Buffer.from(`${from}/`), name]), "x");
  await copied(from, to);
  assert.deepEqual(readdirSync(to, { encoding: "buffer" }), [name]);
});

test("what is there is merged with, replaced, or a reason to stop", async () => {
  const [from, to] = [made("new"), made("old")];
  mkdirSync(join(from, "sub"));
  writeFileSync(join(from, "sub/a"), "new");
  mkdirSync(join(to, "sub"));
  for (const name of ["a", "b"]) writeFileSync(join(to, "sub", name), "old");
  await copied(from, to);
  assert.deepEqual(
    ["a", "b"].map((name) => readFileSync(join(to, "sub", name), "utf8")),
    ["new", "old"],
  );
  rmSync(join(to, "sub"), { recursive: true });
  writeFileSync(join(to, "sub"), "");
  await assert.rejects(copied(from, to), /cannot overwrite non-directory "sub" with directory/);
  rmSync(join(from, "sub"), { recursive: true });
  writeFileSync(join(from, "x"), "");
  mkdirSync(join(to, "x"));
  await assert.rejects(copied(from, to), /cannot overwrite directory "x" with non-directory/);
});

test("a full disk is told, and nothing after it is copied", async () => {
  const [from, to] = [made("large"), made("full")];
  writeFileSync(join(from, "a"), Buffer.alloc(3 << 20));
  writeFileSync(join(from, "b"), "after");
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", to]);
  try {
    await assert.rejects(copied(from, to), {
      kind: "exhausted",
      message: /cannot copy to "a": no space left/,
    });
    assert.ok(!existsSync(join(to, "b")));
  } finally {
    execFileSync("umount", ["--lazy", to]);
  }
});

test("a tree becomes an archive with the content of large files", async () => {
  const from = made("archived");
  const content = Buffer.from(Array.from({ length: 3_500_000 }, (_, i) => (i * 31) & 0xff));
  writeFileSync(join(from, "large"), content);
  writeFileSync(join(from, "small"), "small");
  const sizes = await between(from, from, async (session, side) => {
    const found: [string, number, boolean][] = [];
    const bytes = new TreeArchive(session, side, { xattrs: "all" }).contents();
    for await (const { header, body } of readTar(ended(bytes))) {
      const parts: Uint8Array[] = [];
      for await (const part of body) parts.push(part);
      const all = Buffer.concat(parts);
      found.push([header.path, all.length, header.path !== "large" || all.equals(content)]);
    }
    return found;
  });
  assert.deepEqual(sizes, [
    ["large", content.length, true],
    ["small", 5, true],
  ]);
  assert.equal(statSync(join(from, "large")).size, content.length);
});

async function* ended(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* archive;
  yield Buffer.alloc(1024);
}

test("an exact copy has owners, modes, attributes, links, devices, times and holes as they are", async () => {
  const from = made("exact") as HostPath;
  const [colour, capability, long] = ["user.colour", "security.capability", "user.long"];
  const values = new Map([
    [`plain ${colour}`, Buffer.from("red")],
    [`plain ${capability}`, Buffer.from("AQAAAgAgAAAAAAAAAAAAAAAAAAA=", "base64")],
    [`shut ${long}`, Buffer.alloc(200, "x")],
    ...Array.from({ length: 60 }, (_, i) => [`shut/file user.name-${i}`, Buffer.from(`${i}`)] as const),
    [`. ${colour}`, Buffer.from("blue")],
  ]);
  const script = `cd "$1"; echo a >plain; chown 5:6 plain; chmod 4751 plain; ln plain hard; ln -s nowhere soft; mkfifo pipe
     mknod null c 1 3; mkdir -m 1777 open; mkdir shut; echo x >shut/file; chmod 700 shut; chown 7:8 shut
     truncate -s 64M holes; printf data | dd of=holes bs=1 seek=30M conv=notrunc status=none`;
  await run("sh", ["-ec", script, "sh", from]);
  const jail = await sessionJail({ shim, directory: from });
  await jail.run(
    [...values].map(([at, value]) => {
      const [path, name] = at.split(" ") as [string, string];
      return {
        kind: "finish",
        path: encodeText(path),
        xattrs: [{ name: encodeText(name), value, required: true }],
      };
    }),
  );
  await jail.settle();
  await jail.close();
  const times = `cd "$1"; touch -h -d 2001-02-03T04:05:06.789 plain shut soft; chmod 750 .; chown 9:10 .; touch -d 1999-01-01 .`;
  await run("sh", ["-ec", times, "sh", from]);
  const to = made("exact-copy");
  await between(from, to, async (session, source, target) => {
    const copy = new TreeCopy(session, source, target, {
      owner: ({ uid, gid }) => ({ uid, gid }),
      shifting: false,
      exact: true,
    });
    await copy.everything(await topOf(session, source));
  });
  const listing = `cd "$1"; find . -printf '%P %y %m %U:%G %n %s %T@ %l\\n' | sort; stat -c %t:%T null; md5sum holes`;
  const listed = async (path: string) => (await run("sh", ["-ec", listing, "sh", path])).stdout;
  assert.equal(await listed(to), await listed(from));
  assert(statSync(join(to, "holes")).blocks < 100);
  for (const [at, value] of values) {
    const [path, name] = at.split(" ") as [string, string];
    assert.deepEqual(await readXattr(join(to, path), name), value, at);
  }
});
