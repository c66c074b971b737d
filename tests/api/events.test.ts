/** What is told of whatever happens, in Docker's words and order. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { image, until } from "../cli/brig.ts";
import { busyboxRoot } from "../fixtures/images.ts";
import { ownService } from "./own-service.ts";

const { brig, brigWith, start, startService, stopService, request, dial, end } = ownService();

interface Told {
  readonly status?: string;
  readonly id?: string;
  readonly from?: string;
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly scope: string;
  readonly time: number;
  readonly timeNano: number;
}

before(async () => {
  await brig("run", "--rm", image, "true");
  await startService();
});
after(async () => {
  await stopService();
  end();
});

/** What is told while `work` lasts, and is at rest afterwards. */
async function toldOf(work: () => Promise<unknown>, filters: object = {}): Promise<readonly Told[]> {
  await sleep(5);
  const since = Date.now();
  await work();
  await sleep(50);
  const query = new URLSearchParams({
    since: String(since / 1000),
    until: String((Date.now() + 1) / 1000),
    filters: JSON.stringify(filters),
  });
  const { body, status } = await request("GET", `/events?${query}`);
  assert.equal(status, 200, body);
  return body
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const inWords = (events: readonly Told[]) => events.map(({ Type, Action }) => `${Type} ${Action}`);

test("a run in the foreground", async () => {
  const events = await toldOf(() => brig("run", "--rm", "--name", "seen", "--label", "a=b", image, "false"));
  assert.deepEqual(inWords(events), [
    "container create",
    "container attach",
    "network connect",
    "container start",
    "container die",
    "network disconnect",
    "container destroy",
  ]);
  const [created, , connected, , died] = events as [Told, Told, Told, Told, Told];
  const attributes = { a: "b", image, name: "seen" };
  assert.deepEqual(created.Actor.Attributes, attributes);
  assert.deepEqual(died.Actor.Attributes, { ...attributes, exitCode: "1" });
  assert.deepEqual(connected.Actor.Attributes, {
    container: created.Actor.ID,
    name: "bridge",
    type: "bridge",
  });
  assert.deepEqual([created.status, created.id, created.from], ["create", created.Actor.ID, image]);
  assert.deepEqual([connected.status, connected.id, connected.scope], [undefined, undefined, "local"]);
  assert.equal(Math.floor(created.timeNano / 1e9), created.time);
});

test("the life of a container with everything that can be done to it", async () => {
  const events = await toldOf(async () => {
    await brig(
      "run",
      "-d",
      "--name",
      "life",
      image,
      "sh",
      "-c",
      "trap exit TERM; while :; do sleep 0.1; done",
    );
    for (const line of [
      "pause life",
      "unpause life",
      "rename life other",
      "update -m 64m other",
      "top other",
    ])
      assert.equal((await brig(...line.split(" "))).code, 0, line);
    await brig("exec", "other", "sh", "-c", "exit 3");
    await brigWith("", "cp", "other:/etc/hostname", "-");
    await brigWith(readFileSync(busyboxRoot()).subarray(0, 0), "cp", "/etc/hostname", "other:/tmp");
    await brig("export", "other");
    await brig("restart", "other");
    await brig("stop", "other");
    await brig("rm", "other");
  });
  assert.deepEqual(inWords(events), [
    "container create",
    "network connect",
    "container start",
    "container pause",
    "container unpause",
    "container rename",
    "container update",
    "container top",
    "container exec_create: sh -c exit 3",
    "container exec_start: sh -c exit 3",
    "container exec_die",
    "container archive-path",
    "container extract-to-dir",
    "container export",
    "container kill",
    "container die",
    "network disconnect",
    "container stop",
    "network connect",
    "container start",
    "container restart",
    "container kill",
    "container die",
    "network disconnect",
    "container stop",
    "container destroy",
  ]);
  const [made, executed, ended] = events.filter(({ Action }) => Action.startsWith("exec"));
  assert.equal(ended!.Actor.Attributes.exitCode, "3");
  assert.match(made!.Actor.Attributes.execID!, /^[0-9a-f]{64}$/);
  assert.equal(new Set([made, executed, ended].map((event) => event!.Actor.Attributes.execID)).size, 1);
});

test("volumes come, are mounted and go", async () => {
  const events = await toldOf(async () => {
    await brig("volume", "create", "data");
    await brig("run", "--rm", "-v", "data:/d:ro", "-v", "/own", image, "true");
    await brig("volume", "rm", "data");
  });
  const own = events.find(({ Type, Actor }) => Type === "volume" && Actor.ID !== "data")!.Actor.ID;
  const told = events
    .filter(({ Type }) => Type === "volume")
    .map(({ Action, Actor }) => `${Action} ${Actor.ID === own ? "own" : Actor.ID}`);
  assert.deepEqual(told, [
    "create data",
    "create own",
    "mount data",
    "mount own",
    "unmount data",
    "unmount own",
    "destroy own",
    "destroy data",
  ]);
  const mounted = events.find(({ Action }) => Action === "mount")!.Actor.Attributes;
  assert.deepEqual(
    { ...mounted, container: "" },
    { container: "", destination: "/d", driver: "local", propagation: "", "read/write": "false" },
  );
});

test("images come and go, and what prune reclaims is told", async () => {
  const events = await toldOf(async () => {
    await brig("import", busyboxRoot(), "imported:1");
    await brig("tag", "imported:1", "second:1");
    await brig("save", "imported:1");
    await brig("rmi", "second:1");
    await brig("rmi", "imported:1");
    for (const kind of ["container", "image", "volume", "network"]) await brig(kind, "prune", "-f");
  });
  assert.deepEqual(inWords(events), [
    "image tag",
    "image import",
    "image tag",
    "image save",
    "image untag",
    "image untag",
    "image delete",
    "container prune",
    "image prune",
    "volume prune",
    "network prune",
  ]);
  assert.equal(events[0]!.Actor.Attributes.name, "imported:1");
  assert.equal(events[1]!.Actor.Attributes.name, events[1]!.Actor.ID);
  for (const { Actor, id, status } of events.slice(-4))
    assert.deepEqual([Actor, id], [{ ID: "", Attributes: { reclaimed: "0" } }, undefined], status ?? "");
});

test("only what the filters want is told", async () => {
  const work = () => brig("run", "--rm", "--name", "picked", "--label", "x=y", image, "true");
  const facts: readonly (readonly [object, number])[] = [
    [{ container: ["picked"] }, 5],
    [{ label: ["x=y"], event: ["start", "die"] }, 2],
    [{ type: ["network"] }, 2],
    [{ network: ["bridge"] }, 2],
    [{ image: [image] }, 5],
    [{ image: ["nosuch"] }, 0],
    [{ scope: ["swarm"] }, 0],
  ];
  for (const [filters, count] of facts)
    assert.equal((await toldOf(work, filters)).length, count, JSON.stringify(filters));
});

test("the command line tells the same, through a template, as JSON, and in words", async () => {
  await brig("run", "--rm", "--name", "printed", image, "true");
  const of = (...more: readonly string[]) =>
    brig("events", "--since", "1m", "--until", "0s", "-f", "container=printed", "-f", "event=die", ...more);
  assert.equal(
    (await of("--format", "{{.Type}} {{.Action}} {{.Actor.Attributes.name}} {{.Scope}} {{.Status}}")).stdout,
    "container die printed local die\n",
  );
  assert.equal(JSON.parse((await of("--format", "json")).stdout).Action, "die");
  assert.match(
    (await of()).stdout,
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(Z|[+-]\d\d:\d\d) container die [0-9a-f]{64} \(exitCode=0, image=\S+, name=printed\)\n$/,
  );
});

test("a resize, an attachment and keys that detach are told", async () => {
  const made = await request("POST", "/containers/create?name=typed", {
    Image: image,
    Cmd: ["cat"],
    Tty: true,
    OpenStdin: true,
  });
  const { Id: id } = made.json<{ Id: string }>();
  await request("POST", `/containers/${id}/start`);
  const events = await toldOf(async () => {
    assert.equal((await request("POST", `/containers/${id}/resize?h=20&w=70`)).status, 200);
    const connection = await dial();
    let heard = "";
    connection.setEncoding("latin1").on("data", (text) => (heard += text));
    const ended = new Promise((resolve) => connection.once("end", resolve));
    connection.write(
      `POST /containers/${id}/attach?stream=1&stdin=1&stdout=1&detachKeys=ctrl-a,x HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n`,
    );
    await until(() => heard.includes("101"), "attached");
    connection.write("hi\n\x01x");
    await ended;
    connection.end();
  });
  assert.deepEqual(inWords(events), ["container resize", "container attach", "container detach"]);
  assert.equal(events[0]!.Actor.Attributes.height, "20");
  assert.equal(events[0]!.Actor.Attributes.width, "70");
  assert.equal(
    (await request("GET", `/containers/${id}/json`)).json<{ State: { Running: boolean } }>().State.Running,
    true,
  );
  await request("DELETE", `/containers/${id}?force=1`);
});

test("a command in a container goes on when its client goes, and tells of its end", async () => {
  await brig("run", "-d", "--name", "host", image, "sleep", "100");
  const { Id: id } = (
    await request("POST", "/containers/host/exec", {
      Cmd: ["sh", "-c", "sleep 1; exit 6"],
      AttachStdout: true,
    })
  ).json<{ Id: string }>();
  const events = await toldOf(async () => {
    const connection = await dial();
    connection.write(
      `POST /exec/${id}/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
    );
    await sleep(400);
    connection.destroy();
    await sleep(1500);
  });
  assert.deepEqual(inWords(events), ["container exec_start: sh -c sleep 1; exit 6", "container exec_die"]);
  assert.equal(events[1]!.Actor.Attributes.exitCode, "6");
  assert.equal((await request("GET", `/exec/${id}/json`)).json<{ ExitCode: number }>().ExitCode, 6);
  // Whoever waits for the container is told its own.
  const waited = request("POST", "/containers/host/wait?condition=removed");
  await sleep(200);
  await brig("exec", "host", "sh", "-c", "exit 7");
  await brig("rm", "-f", "host");
  assert.equal((await waited).json<{ StatusCode: number }>().StatusCode, 137);
});

test("a follower that was interrupted says nothing wrong", async () => {
  const follower = start("events");
  await sleep(300);
  follower.kill("SIGTERM");
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    follower.once("close", (...ended) => resolve(ended)),
  );
  assert.deepEqual([code, signal], [null, "SIGTERM"]);
});
