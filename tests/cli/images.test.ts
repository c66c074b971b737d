/** Images on the command line: the embedded one, archives, names, removal. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { busyboxArchive, busyboxRoot } from "../fixtures/images.ts";
import { image, ownBrig } from "./brig.ts";

const { brig, brigWith, end } = ownBrig();
after(end);

test("the embedded image is there when it is asked for, and only then", async () => {
  assert.equal((await brig("images", "-q")).stdout, "");
  assert.deepEqual(await brig("run", "--rm", image, "echo", "ready"), {
    code: 0,
    stdout: "ready\n",
    stderr: "",
  });
  assert.equal(
    (await brig("images", "--format", "{{.Repository}}:{{.Tag}}")).stdout,
    "brig.local/hello:latest\n",
  );
});

test("an archive is loaded from a file or from stdin, and its images run", async () => {
  const archive = busyboxArchive();
  assert.deepEqual(await brig("load", "-i", archive), {
    code: 0,
    stdout: "Loaded image: busybox:latest\n",
    stderr: "",
  });
  assert.equal(
    (await brigWith(readFileSync(archive), "load", "-q")).stdout,
    "Loaded image: busybox:latest\n",
  );
  assert.equal((await brig("run", "--rm", "busybox", "echo", "hi")).stdout, "hi\n");
  assert.equal(
    (await brig("load", "-i", "/no/such")).stderr,
    "brig: open /no/such: no such file or directory\n",
  );
  assert.equal((await brigWith("nonsense", "load")).code, 1);
});

test("a root file system is imported under a name, and its id is printed", async () => {
  const imported = await brig("import", "-m", "from a test", busyboxRoot(), "mine:1");
  assert.match(imported.stdout, /^sha256:[0-9a-f]{64}\n$/, imported.stderr);
  const again = await brigWith(readFileSync(busyboxRoot()), "import", "-", "mine:2");
  assert.match(again.stdout, /^sha256:[0-9a-f]{64}\n$/, again.stderr);
  assert.equal((await brig("run", "--rm", "mine:1", "echo", "hi")).stdout, "hi\n");
  assert.equal((await brig("image", "inspect", "-f", "{{.Comment}}", "mine:1")).stdout, "from a test\n");
});

test("images are listed by name, pattern and filter", async () => {
  const names = async (...args: string[]) =>
    (await brig("images", "--format", "{{.Repository}}:{{.Tag}}", ...args)).stdout
      .split("\n")
      .filter(Boolean)
      .sort();
  assert.deepEqual(await names("mine"), ["mine:1", "mine:2"]);
  assert.deepEqual(await names("mine:2"), ["mine:2"]);
  assert.deepEqual(await names("--filter", "reference=bus*"), ["busybox:latest"]);
  assert.deepEqual(await names("--filter", "dangling=true"), []);
  const [header] = (await brig("images", "--digests")).stdout.split("\n");
  assert.match(header!, /^REPOSITORY +TAG +DIGEST +IMAGE ID +CREATED +SIZE$/);
});

test("an image in use stays, and one that is removed is named with what went with it", async () => {
  await brig("create", "--name", "user", "mine:1", "true");
  const refused = await brig("rmi", "mine:1");
  assert.deepEqual([refused.code, refused.stdout], [1, ""]);
  await brig("rm", "user");
  const { stdout } = await brig("rmi", "mine:1", "no-such");
  const [untagged, deleted] = stdout.split("\n");
  assert.equal(untagged, "Untagged: mine:1");
  assert.match(deleted!, /^Deleted: sha256:[0-9a-f]{64}$/);
  assert.equal((await brig("rmi", "-f", "no-such")).code, 0);
});

test("explain prints the system calls of a run as text and as JSON, and makes nothing", async () => {
  const text = await brig("explain", "run", "--memory", "64m", image);
  assert.equal(text.code, 0, text.stderr);
  assert.match(text.stdout, /clone|pivot_root|mount/);
  const { stdout } = await brig("explain", "--format", "json", "run", image);
  assert(JSON.parse(stdout).processes.length > 0);
  assert.equal((await brig("ps", "-aq")).stdout, "");
  assert.equal(
    (await brig("explain", "ps")).stderr,
    "brig: cannot explain 'ps'; only run and create can be explained\n",
  );
});

test("version and info tell of command, engine and host", async () => {
  assert.match((await brig("--version")).stdout, /^brig version \d+\.\d+\.\d+\n$/);
  assert.match(
    (await brig("version", "-f", "{{.Client.Version}} {{.Server.Version}}")).stdout,
    /^(\S+) \1\n$/,
  );
  assert.match((await brig("info")).stdout, /^Engine:\n Containers: 0\n {2}Running: 0$/m);
  assert.equal((await brig("info", "-f", "{{.Driver}}")).stdout, "overlay2\n");
});
