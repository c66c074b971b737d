/** Volumes and networks as things of their own, and where containers say that they have them. */

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { image, ownBrig } from "./brig.ts";

const { brig, end, root } = ownBrig();

before(async () => {
  await brig("run", "--rm", image, "true");
});
after(end);

test("a volume is made, listed, shown, used and removed", async () => {
  assert.equal((await brig("volume", "create", "--label", "kind=test", "data")).stdout, "data\n");
  assert.equal((await brig("volume", "create", "data")).stdout, "data\n");
  assert.equal((await brig("volume", "ls")).stdout, "DRIVER    VOLUME NAME\nlocal     data\n");
  const fields = "{{.Name}} {{.Driver}} {{.Mountpoint}} {{json .Labels}}";
  assert.equal(
    (await brig("volume", "inspect", "-f", fields, "data")).stdout,
    `data local ${join(root, "volumes/data")} {"kind":"test"}\n`,
  );
  assert.equal((await brig("inspect", "-f", "{{.Scope}}", "data")).stdout, "local\n");
  await brig("run", "--rm", "-v", "data:/d", image, "sh", "-c", "echo kept >/d/f");
  assert.equal((await brig("run", "--rm", "-v", "data:/d", image, "cat", "/d/f")).stdout, "kept\n");
  assert.equal((await brig("volume", "rm", "data")).stdout, "data\n");
  assert.equal((await brig("volume", "ls", "-q")).stdout, "");
  assert.deepEqual(readdirSync(join(root, "volumes")), []);
});

test("a volume that a container has is not removed, whatever the container does", async () => {
  await brig("create", "--name", "has", "-v", "named:/n", "-v", "/anonymous", image, "true");
  await brig("start", "-a", "has");
  const { code, stderr } = await brig("volume", "rm", "named");
  assert.equal(code, 1);
  assert.match(stderr, /^brig: cannot remove named: volume is in use - \[[0-9a-f]{64}\]\n$/);
  const anonymous = (await brig("inspect", "-f", "{{(index .Mounts 1).Name}}", "has")).stdout.trimEnd();
  assert.equal((await brig("volume", "rm", anonymous)).code, 1);
  assert.equal((await brig("volume", "ls", "-q", "-f", "dangling=true")).stdout, "");
  await brig("rm", "has");
  assert.equal((await brig("volume", "ls", "-q", "-f", "dangling=true")).stdout, `${anonymous}\nnamed\n`);
  assert.equal((await brig("volume", "rm", "named", anonymous)).code, 0);
});

test("a volume without a name gets one", async () => {
  const { stdout } = await brig("volume", "create");
  assert.match(stdout, /^[0-9a-f]{64}\n$/);
  assert.equal((await brig("volume", "rm", stdout.trimEnd())).code, 0);
});

const refused: readonly (readonly [line: string, code: number, stderr: RegExp])[] = [
  ["volume rm no-such", 1, /^brig: No such volume: no-such\n$/],
  ["volume rm ../image", 1, /No such volume/],
  ["volume inspect ..", 1, /No such volume/],
  ["volume create ../escape", 1, /includes invalid characters/],
  ["volume create -d nfs x1", 1, /plugin "nfs" not found/],
  ["volume create -o type=tmpfs x1", 1, /missing required option: "device"/],
  ["volume ls -f no=such", 1, /invalid filter 'no'/],
  ["network inspect no-such", 1, /^brig: No such network: no-such\n$/],
  ["network create mine", 125, /^brig: 'brig network create' is not supported yet\n/],
  ["push it", 125, /^brig: 'brig push' is not supported yet\n/],
];

test("what cannot be is refused", async () => {
  for (const [line, code, stderr] of refused) {
    const result = await brig(...line.split(" "));
    assert.equal(result.code, code, line);
    assert.match(result.stderr, stderr, line);
  }
  assert.ok(existsSync(join(root, "image")));
  assert.equal((await brig("volume", "rm", "-f", "no-such")).code, 0);
});

test("the networks are those that are always there, with the containers that are in them", async () => {
  const list = await brig("network", "ls", "--format", "{{.Name}} {{.Driver}} {{.Scope}}");
  assert.equal(list.stdout, "bridge bridge local\nhost host local\nnone null local\n");
  assert.match(
    (await brig("network", "ls")).stdout,
    /^NETWORK ID +NAME +DRIVER +SCOPE\n[0-9a-f]{12} +bridge /,
  );
  const { stdout: id } = await brig("network", "ls", "-q", "--no-trunc", "-f", "name=bridge");
  await brig("run", "-d", "--name", "inside", image, "sleep", "100");
  const address = (await brig("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "inside")).stdout.trimEnd();
  const { stdout } = await brig("network", "inspect", "bridge");
  const [bridge] = JSON.parse(stdout);
  assert.equal(`${bridge.Id}\n`, id);
  assert.equal(bridge.IPAM.Config.length, 1);
  const members = Object.values(bridge.Containers) as { Name: string; IPv4Address: string }[];
  assert.deepEqual(
    members.map(({ Name }) => Name),
    ["inside"],
  );
  assert.equal(members[0]!.IPv4Address.split("/")[0], address);
  await brig("rm", "-f", "inside");
});
