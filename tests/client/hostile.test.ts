/** An engine that means ill: what it answers to `cp` writes nothing but below the folder that the copy is for. */

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ContainerEngine, connect } from "../../src/client/index.ts";
import { entries, type Sketch } from "../../src/image/tar/fixture.ts";
import { writeTar } from "../../src/image/tar/write.ts";

const folder = mkdtempSync(join(tmpdir(), "brig-hostile-"));
const target = join(folder, "target");
const outside = join(folder, "outside");
let archive: readonly Sketch[] = [];
let server: Server;
let engine: ContainerEngine;

before(async () => {
  const stat = Buffer.from(JSON.stringify({ name: "top", size: 1, mode: 2 ** 31 + 0o755 })).toString(
    "base64",
  );
  server = createServer(async (request, response) => {
    response.setHeader("Api-Version", "1.41");
    response.setHeader("X-Docker-Container-Path-Stat", stat);
    if (request.method === "GET" && request.url?.includes("/archive"))
      for await (const bytes of writeTar(entries(archive))) response.write(bytes);
    response.end();
  });
  server.listen(join(folder, "api.sock"));
  await once(server, "listening");
  engine = connect(`unix://${folder}/api.sock`);
});
after(() => {
  engine[Symbol.dispose]();
  server.close();
  rmSync(folder, { recursive: true });
});

const top = { path: "top", kind: "directory" } as const;

const hostile: readonly (readonly [string, readonly Sketch[]])[] = [
  ["a path upwards", [top, { path: "top/../../outside/kept", content: "changed" }]],
  [
    "a path upwards from the beginning",
    [{ path: "../outside", kind: "directory" }, { path: "../outside/new" }],
  ],
  [
    "an absolute path",
    [
      { path: outside, kind: "directory" },
      { path: `${outside}/new`, content: "x" },
    ],
  ],
  ["another top", [top, { path: "other", content: "x" }]],
  [
    "a link that leads out, and a file behind it",
    [
      top,
      { path: "top/l", kind: "symbolic-link", link: outside },
      { path: "top/l/kept", content: "changed" },
    ],
  ],
  [
    "a link for a top, and a file behind it",
    [
      { path: "top", kind: "symbolic-link", link: outside },
      { path: "top/kept", content: "changed" },
    ],
  ],
  ["a hard link to what is outside", [top, { path: "top/h", kind: "hard-link", link: `${outside}/kept` }]],
  ["a hard link upwards", [top, { path: "top/h", kind: "hard-link", link: "top/../../outside/kept" }]],
];

for (const [what, files] of hostile)
  test(`an archive with ${what} changes nothing outside`, async () => {
    for (const path of [target, outside]) rmSync(path, { recursive: true, force: true });
    for (const path of [target, outside]) mkdirSync(path);
    writeFileSync(join(outside, "kept"), "as it was");
    archive = files;
    await engine.copyOut("any", { path: "/top", hostPath: target }).catch(() => {});
    assert.deepEqual(readdirSync(outside), ["kept"]);
    assert.equal(readFileSync(join(outside, "kept"), "utf8"), "as it was");
    assert.deepEqual(readdirSync(folder).sort(), ["api.sock", "outside", "target"]);
    assert.ok(!existsSync(join(target, "other")));
  });

test("an archive that is what it says is copied", async () => {
  archive = [top, { path: "top/file", content: "good" }];
  await engine.copyOut("any", { path: "/top", hostPath: target });
  assert.equal(readFileSync(join(target, "top/file"), "utf8"), "good");
});
