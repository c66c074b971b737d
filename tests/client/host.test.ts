/** `brig --host`: the command line with an engine that is elsewhere, by each of the ways that lead there. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { makeCertificates, type Pair } from "../api/certificates.ts";
import { freePort, ownService } from "../api/own-service.ts";
import { busyboxArchive } from "../fixtures/images.ts";

const own = ownService();
const folder = mkdtempSync(join(tmpdir(), "brig-host-"));
const port = await freePort();
const made = makeCertificates(folder);

/** A command line for which nothing of this host's is a root: what it does, it does elsewhere. */
async function brig(words: readonly string[], environment: Record<string, string> = {}, input = "") {
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    BRIG_ROOT: join(folder, "no-root"),
    BRIG_RUN_ROOT: join(folder, "no-run"),
    ...environment,
  };
  const child = spawn(own.executable, words, { env, stdio: ["pipe", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

const host = () => `unix://${own.socket}`;
const there = (...words: readonly string[]) => brig(["--host", host(), ...words]);

before(async () => {
  await own.startService(
    ...["-H", `tcp://127.0.0.1:${port}`, "--tlsverify", "--tlscacert", made.authority],
    ...["--tlscert", made.server.certificate, "--tlskey", made.server.key],
  );
  const loaded = await there("load", "-i", busyboxArchive());
  assert.deepEqual(loaded, { code: 0, stdout: "Loaded image: busybox:latest\n", stderr: "" });
});
after(async () => {
  // What dial-stdio has started would stay for a minute.
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    if (commandOf(pid).includes(`unix://${own.root}/run/dial.sock`)) process.kill(Number(pid));
  await own.stopService();
  own.end();
  rmSync(folder, { recursive: true });
});

/** Words, exit code, stdout. */
const lines: readonly (readonly [string, number, string])[] = [
  ["run --rm busybox echo hello", 0, "hello\n"],
  ["run --rm busybox sh -c exit\\ 7", 7, ""],
  ["run --rm busybox nosuch", 127, ""],
  ["run --rm busybox /etc", 126, ""],
  ["run --rm nosuch", 125, ""],
  ["run --name kept -w /tmp -e A=b busybox sh -c pwd;echo\\ $A", 0, "/tmp\nb\n"],
  ["logs kept", 0, "/tmp\nb\n"],
  ["ps -a --format {{.Names}}\\ {{.Image}}\\ {{.State}}", 0, "kept busybox exited\n"],
  ["inspect -f {{.Config.WorkingDir}}\\ {{.State.ExitCode}} kept", 0, "/tmp 0\n"],
  ["images --format {{.Repository}}:{{.Tag}}", 0, "busybox:latest\n"],
  ["image inspect -f {{.Os}} busybox", 0, "linux\n"],
  ["network ls --format {{.Name}}\\ {{.Driver}}", 0, "bridge bridge\nhost host\nnone null\n"],
  ["volume create data", 0, "data\n"],
  ["volume ls -q", 0, "data\n"],
  ["volume rm data", 0, "data\n"],
  ["start -a kept", 0, "/tmp\nb\n"],
  ["wait kept", 0, "0\n"],
  ["diff kept", 0, ""],
  ["rm kept", 0, "kept\n"],
  ["info -f {{.OSType}}", 0, "linux\n"],
  ["version -f {{.Server.Os}}\\ {{.Client.Os}}", 0, "linux linux\n"],
  ["inspect nosuch", 1, "[]\n"],
];

describe("brig --host", () => {
  for (const [words, code, stdout] of lines)
    test(words, async () => {
      const found = await there(...words.split(/(?<!\\) /).map((word) => word.replaceAll("\\ ", " ")));
      assert.deepEqual({ code: found.code, stdout: found.stdout }, { code, stdout }, found.stderr);
      assert.equal(found.stderr === "", code === 0 || code === 7);
    });

  test("stdin goes in, with its end", async () => {
    const { stdout } = await brig(
      ["--host", host(), "run", "--rm", "-i", "busybox", "wc", "-c"],
      {},
      "x".repeat(300_000),
    );
    assert.equal(stdout, "300000\n");
  });

  test("files are copied in and out, and archives go through pipes", async () => {
    writeFileSync(join(folder, "file"), "content");
    await there("create", "--name", "files", "busybox", "true");
    assert.equal((await there("cp", join(folder, "file"), "files:/tmp/new")).code, 0);
    assert.equal((await there("cp", "files:/tmp/new", join(folder, "back"))).code, 0);
    assert.equal(readFileSync(join(folder, "back"), "utf8"), "content");
    const { stdout } = await there("cp", "files:/tmp/new", "-");
    assert.match(stdout, /content/);
    assert.equal((await there("rm", "files")).code, 0);
  });

  test("only what an engine of this host can do is refused, with 125", async () => {
    for (const words of [
      ["explain", "run", "busybox"],
      ["system", "check"],
      ["system", "release"],
      ["service"],
      ["settle", "x"],
    ]) {
      const { code, stderr } = await there(...words);
      assert.equal(code, 125, words.join(" "));
      assert.match(stderr, /^brig: this command is for the engine of this host/);
    }
  });

  test("an engine that is not there is told of in one line", async () => {
    for (const url of ["unix:///nosuch.sock", "tcp://127.0.0.1:1"]) {
      const { code, stderr } = await brig(["--host", url, "ps"]);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /^brig: cannot reach the engine at .*: (?:there is no such socket|nothing listens there).*\n$/,
      );
    }
    assert.equal((await brig(["--host", "unix:///nosuch.sock", "run", "busybox"])).code, 125);
    assert.match((await brig(["--host", "nonsense", "ps"])).stderr, /it is no URL/);
  });

  test("BRIG_HOST names it as well, DOCKER_HOST does not, and a flag is stronger", async () => {
    assert.equal((await brig(["images", "-q"], { BRIG_HOST: host() })).stdout.length, 13);
    assert.equal((await brig(["images", "-q"], { DOCKER_HOST: host() })).stdout, "");
    assert.match((await brig(["--host", "unix:///nosuch", "ps"], { BRIG_HOST: host() })).stderr, /nosuch/);
    assert.equal((await brig(["--context", "default", "images", "-q"], { BRIG_HOST: host() })).stdout, "");
  });

  test("an older version of the API is spoken where it is asked for", async () => {
    const { stdout } = await brig(["--host", host(), "ps", "-aq"], { BRIG_API_VERSION: "1.30" });
    assert.equal(stdout, "");
    const { stderr } = await brig(["--host", host(), "ps"], { BRIG_API_VERSION: "1.1" });
    assert.match(stderr, /too old/);
  });
});

describe("tcp:// with TLS", () => {
  const at = `tcp://127.0.0.1:${port}`;
  const flags = ({ certificate, key }: Pair, authority = made.authority) => [
    "--tlsverify",
    ...["--tlscacert", authority, "--tlscert", certificate, "--tlskey", key],
  ];

  test("with the right certificates a container runs, is fed and is heard to the end", async () => {
    const safe = [...flags(made.client), "--host", at];
    assert.equal((await brig([...safe, "run", "--rm", "busybox", "echo", "safe"])).stdout, "safe\n");
    const fed = await brig([...safe, "run", "--rm", "-i", "busybox", "sort"], {}, "b\na\n");
    assert.deepEqual(fed, { code: 0, stdout: "a\nb\n", stderr: "" });
  });

  test("the folder of certificates can be named by the environment", async () => {
    const certs = join(folder, "certs");
    mkdirSync(certs);
    copyFileSync(made.authority, join(certs, "ca.pem"));
    copyFileSync(made.client.certificate, join(certs, "cert.pem"));
    copyFileSync(made.client.key, join(certs, "key.pem"));
    const environment = {
      BRIG_HOST: `tcp://localhost:${port}`,
      BRIG_TLS_VERIFY: "1",
      BRIG_CERT_PATH: certs,
    };
    const { code, stdout, stderr } = await brig(["images", "-q"], environment);
    assert.deepEqual([code, stdout.length], [0, 13], stderr);
  });

  const refused: readonly (readonly [string, readonly string[]])[] = [
    ["a server that somebody else has signed", flags(made.client, made.other)],
    ["a client that somebody else has signed", flags(made.stranger)],
    ["a client without a certificate", ["--tlsverify", "--tlscacert", made.authority]],
    ["a client without TLS", []],
  ];
  for (const [who, words] of refused)
    test(`${who} is refused`, async () => {
      const { code, stderr } = await brig([...words, "--host", at, "ps"], { HOME: "/nosuch" });
      assert.equal(code, 1);
      assert.match(stderr, /^brig: (?:cannot reach the engine|tcp:.* has not answered)/);
    });

  test("a certificate without its key is told of", async () => {
    const { stderr } = await brig(["--tlscert", made.client.certificate, "--host", at, "ps"]);
    assert.match(stderr, /a certificate needs its key/);
  });
});

describe("ssh://", () => {
  /** An ssh that is the other host itself: it hands its last word to a shell, as sshd does. */
  const fakeSsh = (more = "") => {
    const bin = mkdtempSync(join(folder, "bin-"));
    const script = `#!/bin/sh\necho "$*" >>${folder}/ssh.log\n${more}\nfor last; do :; done\nexec env PATH=${bin}:/usr/bin:/bin BRIG_ROOT=${own.root} BRIG_RUN_ROOT=${own.root}/run sh -c "$last"\n`;
    writeFileSync(join(bin, "ssh"), script);
    chmodSync(join(bin, "ssh"), 0o755);
    writeFileSync(join(bin, "brig"), `#!/bin/sh\nexec ${own.executable} "$@"\n`);
    chmodSync(join(bin, "brig"), 0o755);
    return { PATH: `${bin}:/usr/bin:/bin` };
  };

  test("a container runs where no service does: the other brig is one for as long", async () => {
    const fed = await brig(
      ["--host", "ssh://me@far", "run", "--rm", "-i", "busybox", "sort"],
      fakeSsh(),
      "b\na\n",
    );
    assert.deepEqual(fed, { code: 0, stdout: "a\nb\n", stderr: "" });
    assert.match(readFileSync(join(folder, "ssh.log"), "utf8"), /-l me -- far if command -v brig/);
  });

  test("a socket there can be named", async () => {
    const { code, stdout, stderr } = await brig(
      ["--host", `ssh://far${own.socket}`, "images", "-q"],
      fakeSsh(),
    );
    assert.deepEqual([code, stdout.length, stderr], [0, 13, ""]);
  });

  test("what ssh complains of is told", async () => {
    const { code, stderr } = await brig(
      ["--host", "ssh://far", "ps"],
      fakeSsh("echo 'far: Permission denied (publickey).' >&2; exit 255"),
    );
    assert.equal(code, 1);
    assert.match(stderr, /^brig: .*ssh:\/\/far.*Permission denied \(publickey\)/);
  });
});

test("an engine that hangs up in the middle is told of, and nothing hangs", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () =>
      socket.end("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 10\r\n\r\nhalf"),
    );
  });
  server.listen(join(folder, "half.sock"));
  await once(server, "listening");
  const { code, stderr } = await brig(["--host", `unix://${folder}/half.sock`, "ps"]);
  server.close();
  assert.equal(code, 1);
  assert.match(stderr, /^brig: .*in the middle of an answer\n$/);
});
