import assert from "node:assert/strict";
import { test } from "node:test";
import { entries, type Sketch } from "../../image/tar/fixture.ts";
import { writeTar } from "../../image/tar/write.ts";
import { exportContext, importContext } from "./archive.ts";
import { materialLimit } from "./store.ts";

const pem = (text: string) => Buffer.from(`-----BEGIN ${text}-----\n`);
const meta = '{"Name":"x","Metadata":{"Description":"d"},"Endpoints":{"docker":{"Host":"tcp://h:1"}}}';

const archive = (files: readonly Sketch[]) => writeTar(entries(files));

test("what was exported is imported, under whatever name", async () => {
  const tls = { ca: pem("CA"), cert: pem("CERT"), key: pem("KEY"), skipVerify: true };
  const context = { name: "a", description: "d", host: "tcp://h:1", tls };
  const found = await importContext("b", exportContext(context));
  assert.deepEqual({ ...found, tls: { ...found.tls } }, { ...context, name: "b" });
});

test("what Docker exports is imported", async () => {
  const found = await importContext(
    "b",
    archive([
      { path: "meta.json", content: meta },
      { path: "tls", kind: "directory" },
      { path: "tls/docker", kind: "directory" },
      { path: "tls/docker/ca.pem", content: pem("CA") },
    ]),
  );
  assert.deepEqual(
    [found.host, found.description, Buffer.from(found.tls?.ca ?? []).toString()],
    ["tcp://h:1", "d", "-----BEGIN CA-----\n"],
  );
});

const good = { path: "meta.json", content: meta };

const hostile: readonly (readonly [string, readonly Sketch[]])[] = [
  ["nothing", []],
  ["no description of itself", [{ path: "tls/docker/ca.pem", content: "x" }]],
  ["a path upwards", [good, { path: "tls/docker/../../../../etc/cron.d/x", content: "x" }]],
  ["an absolute path", [good, { path: "/etc/passwd", content: "x" }]],
  ["another file", [good, { path: "tls/docker/run.sh", content: "x" }]],
  ["the keys of something else", [good, { path: "tls/kubernetes/key.pem", content: "x" }]],
  ["a link for a key", [good, { path: "tls/docker/key.pem", kind: "symbolic-link", link: "/etc/shadow" }]],
  ["a hard link for a key", [good, { path: "tls/docker/key.pem", kind: "hard-link", link: "meta.json" }]],
  ["a device", [good, { path: "tls/docker/key.pem", kind: "fifo" }]],
  ["itself twice", [good, good]],
  [
    "a key that is no key's size",
    [good, { path: "tls/docker/key.pem", content: Buffer.alloc(materialLimit + 1) }],
  ],
  ["a description that is no document", [{ path: "meta.json", content: "{" }]],
  ["a description of another type", [{ path: "meta.json", content: '{"Endpoints":[]}' }]],
  ["a description that is too long", [{ path: "meta.json", content: " ".repeat(500_000) }]],
];

for (const [what, files] of hostile)
  test(`an archive that holds ${what} is refused`, async () => {
    await assert.rejects(importContext("b", archive(files)), { kind: "invalid" });
  });

test("an archive without end is given up", async () => {
  const endless = async function* () {
    yield* archive([good]);
    for (;;) yield Buffer.alloc(1 << 20);
  };
  await assert.rejects(importContext("b", endless()), /too large/);
});

test("noise is no context", async () => {
  const noise = async function* () {
    yield crypto.getRandomValues(new Uint8Array(4096));
  };
  await assert.rejects(importContext("b", noise()), { kind: "invalid" });
});
