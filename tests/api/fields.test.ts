/** Fields that versions 1.42 to 1.51 of the API brought or took away are there in the versions that have them. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { busyboxArchive } from "../fixtures/images.ts";
import { answerFields, requestFields } from "./fields.ts";
import { ownService } from "./own-service.ts";

const { brig, startService, stopService, request, end } = ownService();
let id: string;

before(async () => {
  assert.equal((await brig("load", "-i", busyboxArchive())).code, 0);
  await startService();
  const body = { Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: { Annotations: { a: "b" } } };
  id = (await request("POST", "/containers/create", body)).json<{ Id: string }>().Id;
  assert.equal((await request("POST", `/containers/${id}/start`)).status, 204);
});
after(async () => {
  await stopService();
  end();
});

async function told(minor: number, ask: string): Promise<unknown> {
  const answer = await request("GET", `/v1.${minor}${ask.replace("{id}", id)}`);
  assert.equal(answer.status, 200, answer.body);
  const value = answer.json<unknown>();
  return Array.isArray(value) ? value[0] : value;
}

/** The value at a path of names and indexes; undefined where there is none. */
function at(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split("."))
    found =
      typeof found === "object" && found !== null ? (found as Record<string, unknown>)[name] : undefined;
  return found;
}

test("fields of answers come and go with their versions", async () => {
  for (const { ask, field, since, until } of answerFields) {
    const change = (since ?? until)!;
    const there = [change - 1, change, 51].map(
      async (minor) => at(await told(minor, ask), field) !== undefined,
    );
    const expected = since === undefined ? [true, false, false] : [false, true, true];
    assert.deepEqual(await Promise.all(there), expected, `${ask} ${field}, 1.${change}`);
  }
});

test("fields of requests are understood from their versions on", async () => {
  for (const { since, body, field, shown } of requestFields)
    for (const minor of [since, 51]) {
      const made = await request("POST", `/v1.${minor}/containers/create`, { Image: "busybox", ...body });
      assert.equal(made.status, 201, made.body);
      const { Id } = made.json<{ Id: string }>();
      const { json } = await request("GET", `/v1.${minor}/containers/${Id}/json`);
      assert.deepEqual(at(json(), field), shown, `${field}, 1.${minor}`);
      await request("DELETE", `/containers/${Id}`);
    }
});

test("the type of a stream is told since 1.42, and stop takes a signal", async () => {
  const typeIn = async (minor: number) =>
    (await request("GET", `/v1.${minor}/containers/${id}/logs?stdout=1`)).headers["content-type"];
  assert.equal(await typeIn(41), "application/vnd.docker.raw-stream");
  assert.equal(await typeIn(42), "application/vnd.docker.multiplexed-stream");
  assert.equal((await request("POST", `/v1.42/containers/${id}/stop?signal=SIGKILL`)).status, 204);
});

test("images without a name have none since 1.43, and are counted with their containers since 1.51", async () => {
  assert.equal((await request("POST", "/images/busybox/tag?repo=kept")).status, 201);
  assert.equal(at(await told(50, "/images/json"), "Containers"), -1);
  assert.equal(at(await told(51, "/images/json"), "Containers"), 1);
  for (const name of ["busybox", "kept"])
    assert.equal((await request("DELETE", `/images/${name}?force=1`)).status, 200);
  assert.deepEqual(at(await told(42, "/images/json"), "RepoTags"), ["<none>:<none>"]);
  assert.deepEqual(at(await told(43, "/images/json"), "RepoTags"), []);
});
