/** What nobody needs is counted, asked for and taken away; what somebody needs stays. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { busyboxArchive } from "../fixtures/images.ts";
import { image, ownBrig } from "./brig.ts";

const { brig, brigWith, end } = ownBrig();

before(async () => {
  await brig("run", "--rm", image, "true");
});
beforeEach(async () => {
  const ids = (await brig("ps", "-aq")).stdout.split("\n").filter(Boolean);
  if (ids.length > 0) await brig("rm", "-f", "-v", ...ids);
  await brig("volume", "prune", "-af");
});
after(end);

const lines = (text: string) => text.trimEnd().split("\n").filter(Boolean);
const names = async () => lines((await brig("ps", "-a", "--format", "{{.Names}}")).stdout).sort();

test("container prune removes what does not run, and says how much it held", async () => {
  await brig("run", "-d", "--name", "lives", image, "sleep", "100");
  await brig("run", "--name", "ended", image, "sh", "-c", "head -c 100000 /dev/zero >/big");
  const made = (await brig("create", "--name", "made", "--label", "keep", image, "true")).stdout.trim();
  const kept = await brig("container", "prune", "-f", "--filter", "label!=keep", "--filter", "until=10m");
  assert.deepEqual([kept.code, kept.stdout], [0, "Total reclaimed space: 0B\n"]);
  const { stdout } = await brig("container", "prune", "-f", "--filter", "label!=keep");
  assert.match(stdout, /^Deleted Containers:\n[0-9a-f]{64}\n\nTotal reclaimed space: 100kB\n$/);
  assert.deepEqual(await names(), ["lives", "made"]);
  const rest = await brig("container", "prune", "-f");
  assert.equal(rest.stdout, `Deleted Containers:\n${made}\n\nTotal reclaimed space: 0B\n`);
  assert.deepEqual(await names(), ["lives"]);
});

test("nothing is removed unless the user says yes", async () => {
  await brig("create", "--name", "made", image, "true");
  for (const answer of ["", "n\n", "yes\n", "\n"]) {
    const { code, stdout, stderr } = await brigWith(answer, "container", "prune");
    const question =
      "WARNING! This will remove all stopped containers.\nAre you sure you want to continue? [y/N] ";
    assert.deepEqual([code, stdout, stderr], [0, question, ""], JSON.stringify(answer));
  }
  assert.deepEqual(await names(), ["made"]);
  assert.match((await brigWith(" Y \n", "container", "prune")).stdout, /Deleted Containers:/);
  assert.deepEqual(await names(), []);
});

test("volume prune takes those without a name, and the others when it is told to", async () => {
  await brig("volume", "create", "named");
  const nameless = (await brig("volume", "create")).stdout.trim();
  await brig("run", "-d", "--name", "has", "-v", "held:/h", "-v", "/own", image, "sleep", "100");
  await brig("run", "--name", "had", "-v", "/left", image, "sh", "-c", "echo text >/left/f");
  await brig("rm", "had");
  const first = await brig("volume", "prune", "-f");
  const deleted = lines(first.stdout).slice(1, -1);
  assert.equal(deleted.length, 2, first.stdout);
  assert.ok(deleted.includes(nameless), first.stdout);
  assert.match(first.stdout, /\nTotal reclaimed space: 5B\n$/);
  const all = await brig("volume", "prune", "-a", "-f");
  assert.equal(all.stdout, "Deleted Volumes:\nnamed\n\nTotal reclaimed space: 0B\n");
  assert.equal(lines((await brig("volume", "ls", "-q")).stdout).length, 2);
});

test("image prune takes those without a name, and with --all those that no container has", async () => {
  await brig("load", "-i", busyboxArchive());
  await brig("tag", "busybox", "other:1");
  await brigWith(spawnSync("tar", ["c", "-C", "/etc", "services"]).stdout, "import", "-", "own:1");
  await brig("create", "--name", "has", image, "true");
  assert.equal((await brig("image", "prune", "-f")).stdout, "Total reclaimed space: 0B\n");
  const { stdout } = await brig("image", "prune", "-a", "-f");
  assert.deepEqual([...stdout.matchAll(/^untagged: (\S+)$/gm)].map(([, name]) => name).sort(), [
    "busybox:latest",
    "other:1",
    "own:1",
  ]);
  assert.equal(stdout.match(/^deleted: sha256:[0-9a-f]{64}$/gm)?.length, 3, stdout);
  // The layer of busybox is that of the image that stays.
  assert.match(stdout, /\nTotal reclaimed space: \d\d\.\d+kB\n$/);
  const left = await brig("images", "--format", "{{.Repository}}");
  assert.equal(left.stdout, `${image}\n`);
});

test("system prune does it all, and names what it will do", async () => {
  await brig("run", "--name", "had", "-v", "/left", "-v", "named:/n", image, "true");
  const { stdout } = await brigWith("y\n", "system", "prune", "--volumes", "--filter", "label!=keep");
  assert.equal(
    stdout.slice(0, stdout.indexOf("Deleted Containers")),
    `WARNING! This will remove:
  - all stopped containers
  - all networks not used by at least one container
  - all anonymous volumes not used by at least one container
  - all dangling images
  - unused build cache

  Items to be pruned will be filtered with:
  - label!=keep

Are you sure you want to continue? [y/N] `,
  );
  assert.match(
    stdout,
    /Deleted Containers:\n[0-9a-f]{64}\n\nDeleted Volumes:\n\S+\n\nTotal reclaimed space: /,
  );
  assert.equal((await brig("volume", "ls", "-q")).stdout, "named\n");
  const both = await brig("system", "prune", "-f", "--volumes", "--filter", "until=1h");
  assert.deepEqual([both.code, /"until" filter is not supported/.test(both.stderr)], [1, true], both.stderr);
});

test("system df tells what there is of each kind, and how much of it could go", async () => {
  await brig(
    "run",
    "-d",
    "--name",
    "lives",
    "-v",
    "held:/h",
    image,
    "sh",
    "-c",
    "head -c 5000 /dev/zero >/f; sleep 100",
  );
  await brig("run", "--name", "ended", image, "sh", "-c", "head -c 15000 /dev/zero >/f");
  await brig("volume", "create", "free");
  const format = "{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}} {{.Reclaimable}}";
  const rows = lines((await brig("system", "df", "--format", format)).stdout);
  assert.match(rows[0]!, /^Images 1 1 \d+(\.\d+)?MB 0B \(0%\)$/);
  assert.deepEqual(rows.slice(1), [
    "Containers 2 1 20kB 15kB (75%)",
    "Local Volumes 2 1 0B 0B",
    "Build Cache 0 0 0B 0B",
  ]);
  const verbose = (await brig("system", "df", "-v")).stdout;
  for (const title of ["Images", "Containers", "Local Volumes"])
    assert.ok(verbose.includes(`${title} space usage:\n\n`), verbose);
  assert.match(verbose, /\nheld +1 +0B\n/);
  const record = JSON.parse((await brig("system", "df", "-v", "--format", "json")).stdout);
  assert.deepEqual(Object.keys(record), ["Images", "Containers", "Volumes", "BuildCache"]);
  assert.deepEqual(
    record.Containers.map(({ Names, Size }: Record<string, string>) => `${Names} ${Size}`),
    ["ended 15kB", "lives 5kB"],
  );
});

test("containers are stopped side by side, and told in the order of their names", async () => {
  const ignoring = ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"];
  const four = ["a1", "b2", "c3", "d4"];
  for (const name of four) await brig("run", "-d", "--name", name, image, ...ignoring);
  await sleep(300);
  const began = performance.now();
  const { stdout, stderr, code } = await brig("stop", "-t", "2", "d4", "nosuch", "a1", "c3", "b2");
  const took = performance.now() - began;
  assert.deepEqual([stdout, code], ["d4\na1\nc3\nb2\n", 1]);
  assert.match(stderr, /^brig: No such container: nosuch\n$/);
  assert.ok(took < 6000, `${took} ms for four that take 2,000 each`);
  assert.equal((await brig("rm", ...four)).stdout, `${four.join("\n")}\n`);
});
