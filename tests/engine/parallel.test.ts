/** Several brigs at once: on a fresh root, over one name, one image, one port; and two roots side by side. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { image, ownBrig, type Result, until } from "../cli/brig.ts";
import { busyboxArchive } from "../fixtures/images.ts";
import { contradictions, type Place } from "./remains.ts";

const [one, two] = [ownBrig(), ownBrig()];
const places = [one, two].map(
  ({ root, about }): Place => ({ root, runRoot: join(root, "run"), hash: about[1]! }),
);
after(() => {
  one.end();
  two.end();
});

const inOrder = () =>
  until(() => places.every((place) => contradictions(place).length === 0), "all is in order").catch(() =>
    assert.deepEqual(places.flatMap(contradictions), []),
  );
const times = (count: number, work: (i: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)));

test("on a root that nobody has used yet eight brigs run at once", async () => {
  const all = await times(8, (i) => one.brig("run", "--rm", image, "echo", String(i)));
  assert.deepEqual(
    all.map(({ code, stdout, stderr }) => [code, stdout, stderr]),
    all.map((_, i) => [0, `${i}\n`, ""]),
  );
  const links = execFileSync("ip", ["-o", "link"], { encoding: "utf8" });
  assert.equal(links.split("\n").filter((line) => line.includes(` brig-${places[0]!.hash}: `)).length, 1);
});

test("eight roots that nobody has used yet get a subnet each, at once", async () => {
  const fresh = Array.from({ length: 8 }, ownBrig);
  try {
    const gateway = "ip route | awk '/default/ {print $3}'";
    const all = await Promise.all(fresh.map(({ brig }) => brig("run", "--rm", image, "sh", "-c", gateway)));
    for (const { code, stderr } of all) assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(new Set(all.map(({ stdout }) => stdout)).size, fresh.length);
  } finally {
    for (const { end } of fresh) end();
  }
});

test("four brigs load the same image at once, into a store of their own", async () => {
  const archive = readFileSync(busyboxArchive());
  const all = await times(4, () => two.brigWith(archive, "load"));
  for (const each of all)
    assert.deepEqual(each, { code: 0, stdout: "Loaded image: busybox:latest\n", stderr: "" });
  assert.equal((await two.brig("images", "-q")).stdout.split("\n").filter(Boolean).length, 1);
  assert.deepEqual(readdirSync(join(two.root, "image/ingest")), []);
  assert.deepEqual(
    readdirSync(join(two.root, "layers")).filter((name) => name.startsWith(".")),
    [],
  );
  assert.equal((await two.brig("run", "--rm", "busybox", "true")).code, 0);
});

test("twenty containers run at once, each with an address of its own", async () => {
  const all = await times(20, () =>
    one.brig("run", "--rm", image, "sh", "-c", "ip -o -4 addr show eth0 | awk '{print $4}'; sleep 0.5"),
  );
  for (const { code, stderr } of all) assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(new Set(all.map(({ stdout }) => stdout)).size, 20);
  await inOrder();
});

test("of many who want one name one gets it", async () => {
  const all = await times(6, () => one.brig("run", "-d", "--name", "only", image, "sleep", "100"));
  assert.equal(all.filter(({ code }) => code === 0).length, 1);
  for (const { code, stderr } of all)
    if (code !== 0) assert.match(stderr, /the name "\/only" is already in use/);
  await one.brig("rm", "-f", "only");
  await inOrder();
});

test("of many who want one port one gets it", async () => {
  const all = await times(6, () => one.brig("run", "-d", "-p", "18451:80", image, "sleep", "100"));
  assert.equal(all.filter(({ code }) => code === 0).length, 1);
  for (const { code, stderr } of all)
    if (code !== 0) assert.match(stderr, /Bind for 0.0.0.0:18451 failed: port is already allocated/);
  await one.brig("rm", "-f", ...(await one.brig("ps", "-aq")).stdout.split("\n").filter(Boolean));
  await inOrder();
});

test("many start, stop and remove the same container, and all that comes out is in order", async () => {
  await one.brig("create", "--name", "shared", image, "sleep", "0.05");
  const words = [["start"], ["stop", "-t", "0"], ["start"], ["kill"], ["exec"], ["wait"]];
  for (let round = 0; round < 4; round++) {
    const all = await times(words.length, (i) =>
      one.brig(...words[i]!, "shared", ...(words[i]![0] === "exec" ? ["true"] : [])),
    );
    for (const { stderr } of all) assert.doesNotMatch(stderr, /internal|database|ENOENT|unexpected/);
  }
  await one.brig("rm", "-f", "shared");
  await inOrder();
});

test("a removal meets the end of a container that removes itself", async () => {
  for (let round = 0; round < 8; round++) {
    const started = await one.brig("run", "-d", "--rm", "--name", "brief", image, "sleep", "0.05");
    assert.equal(started.code, 0, started.stderr);
    await new Promise((resolve) => setTimeout(resolve, round * 12));
    const { stderr } = await one.brig("rm", "-f", "brief");
    assert.match(stderr, /^(brig: No such container: brief\n)?$/);
    await until(async () => (await one.brig("ps", "-aq")).stdout === "", "it is gone");
  }
  await inOrder();
});

test("of several clients that remove one container each is told that it is gone, and when it is", async () => {
  for (let round = 0; round < 4; round++) {
    await one.brig("run", "-d", "--name", "shared", image, "sleep", "1000");
    const all = await times(4, async () => {
      const removed = await one.brig("rm", "-f", "shared");
      const { stdout } = await one.brig("ps", "-aq");
      return { ...removed, stdout };
    });
    for (const { stdout, stderr } of all) {
      assert.match(stderr, /^(brig: No such container: shared\n)?$/);
      assert.equal(stdout, "");
    }
    assert.ok(all.some(({ code }) => code === 0));
  }
  await inOrder();
});

test("of several clients that restart one container each is told that it runs, and it does", async () => {
  await one.brig("run", "-d", "--name", "again", image, "sleep", "1000");
  for (let round = 0; round < 4; round++)
    for (const { code, stderr } of await times(4, () => one.brig("restart", "-t", "0", "again")))
      assert.ok(code === 0 || /is (?:starting|being)/.test(stderr), stderr);
  assert.equal((await one.brig("inspect", "-f", "{{.State.Running}}", "again")).stdout, "true\n");
  await one.brig("rm", "-f", "again");
  await inOrder();
});

test("two roots have the same names, and each only its own containers, networks and ports", async () => {
  const ids = await Promise.all(
    [one, two].map(async ({ brig }, i) => {
      const { code, stdout, stderr } = await brig(
        "run",
        "-d",
        "--name",
        "twin",
        "-p",
        `${18452 + i}:80`,
        i === 0 ? image : "busybox",
        "sleep",
        "100",
      );
      assert.equal(code, 0, stderr);
      return stdout;
    }),
  );
  const clash = await two.brig("run", "--rm", "-p", "18452:80", "busybox", "true");
  assert.deepEqual(
    [clash.code, clash.stderr.split("\n")[0]],
    [125, "brig: cannot bind host port 0.0.0.0:18452/tcp: address already in use (bind, step 9)"],
  );
  await one.brig("rm", "-f", "twin");
  assert.equal((await two.brig("ps", "-q", "--no-trunc")).stdout, ids[1]);
  assert.equal((await two.brig("run", "--rm", "-p", "18452:80", "busybox", "true")).code, 0);
  await two.brig("rm", "-f", "twin");
  await inOrder();
});
