/** Hijacked connections as clients use them that do not ask for an upgrade, leave by keys, or come late. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { image } from "../cli/brig.ts";
import { all, ownService } from "./own-service.ts";

const { brig, startService, stopService, dial, request, end } = ownService();

before(async () => {
  assert.equal((await brig("run", "--rm", image, "true")).code, 0);
  await startService();
});
after(async () => {
  await stopService();
  end();
});

async function created(body: object): Promise<string> {
  const made = await request("POST", "/containers/create", { Image: image, ...body });
  assert.equal(made.status, 201, made.body);
  return made.json<{ Id: string }>().Id;
}

/** Milliseconds in which an answer has begun. */
const begun = 300;

const head = (path: string) => `POST ${path} HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n`;

test("what a client says before the container starts reaches it, without an upgrade, too", async () => {
  const id = await created({ Cmd: ["cat"], OpenStdin: true, StdinOnce: true });
  const attached = await dial();
  attached.write(head(`/v1.41/containers/${id}/attach?stream=1&stdin=1&stdout=1`));
  await sleep(begun);
  attached.end("early\n");
  await sleep(200);
  assert.equal((await request("POST", `/containers/${id}/start`)).status, 204);
  assert.match((await all(attached)).toString("latin1"), /^HTTP\/1\.1 200 OK\r\n.*\x06early\n$/s);
  assert.equal((await request("POST", `/containers/${id}/wait`)).body, '{"StatusCode":0}\n');
});

test("the keys that leave a terminal end the attachment, and the container goes on", async () => {
  const id = await created({ Cmd: ["cat"], OpenStdin: true, Tty: true });
  assert.equal((await request("POST", `/containers/${id}/start`)).status, 204);
  for (const [keys, typed] of [
    ["", "\x10\x11"],
    ["&detachKeys=ctrl-a,x", "\x01x"],
  ] as const) {
    const attached = await dial();
    attached.write(head(`/containers/${id}/attach?stream=1&stdin=1&stdout=1${keys}`));
    await sleep(begun);
    attached.write(typed);
    await all(attached); // ends by the service alone
    const { json } = await request("GET", `/containers/${id}/json`);
    assert.equal(json<{ State: { Running: boolean } }>().State.Running, true);
  }
  assert.equal((await request("DELETE", `/containers/${id}?force=1`)).status, 204);
});

test("a command's terminal is left by its own keys", async () => {
  const id = await created({ Cmd: ["sleep", "100"] });
  assert.equal((await request("POST", `/containers/${id}/start`)).status, 204);
  const options = { Cmd: ["cat"], Tty: true, AttachStdin: true, AttachStdout: true, DetachKeys: "q" };
  const { Id } = (await request("POST", `/containers/${id}/exec`, options)).json<{ Id: string }>();
  const attached = await dial();
  attached.write(
    `POST /exec/${Id}/start HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
  );
  await sleep(begun);
  attached.write("q");
  await all(attached);
  const { json } = await request("GET", `/exec/${Id}/json`);
  assert.equal(json<{ Running: boolean }>().Running, true);
  assert.equal((await request("DELETE", `/containers/${id}?force=1`)).status, 204);
});

test("who waits for a container that has just removed itself is told how it ended", async () => {
  const id = await created({ Cmd: ["sh", "-c", "exit 5"], HostConfig: { AutoRemove: true } });
  assert.equal((await request("POST", `/containers/${id}/start`)).status, 204);
  while ((await request("GET", `/containers/${id}/json`)).status !== 404) await sleep(20);
  assert.deepEqual((await request("POST", `/containers/${id}/wait`)).json(), { StatusCode: 5 });
  assert.equal((await request("POST", "/containers/nosuch/wait")).status, 404);
});

test("the head of a command's answer comes before its output, in a piece of its own", async () => {
  const id = await created({ Cmd: ["sleep", "100"] });
  assert.equal((await request("POST", `/containers/${id}/start`)).status, 204);
  for (let times = 0; times < 10; times++) {
    const options = { Cmd: ["echo", "out"], AttachStdout: true };
    const { Id } = (await request("POST", `/containers/${id}/exec`, options)).json<{ Id: string }>();
    const attached = await dial();
    attached.write(
      `POST /exec/${Id}/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
    );
    const first = await new Promise<Buffer>((resolve) => attached.once("data", resolve));
    assert.match(first.toString("latin1"), /^HTTP\/1\.1 101 UPGRADED\r\n.*\r\n\r\n$/s);
    assert.match((await all(attached)).toString("latin1"), /out\n$/);
  }
  assert.equal((await request("DELETE", `/containers/${id}?force=1`)).status, 204);
});

test("no wait lasts longer than the container, however close its events are to each other", async () => {
  for (let times = 0; times < 40; times++) {
    const id = await created({ Cmd: ["true"] });
    const waited = request("POST", `/containers/${id}/wait?condition=next-exit`);
    const began = performance.now();
    assert.equal((await request("POST", `/containers/${id}/start`)).status, 204);
    assert.deepEqual((await waited).json(), { StatusCode: 0 });
    assert.ok(performance.now() - began < 900, `${performance.now() - began} ms, the ${times}th time`);
    assert.equal((await request("DELETE", `/containers/${id}`)).status, 204);
  }
});
