/** `brig context …`, as it is typed, with settings in a folder of its own; what it does with them, and Docker's beside it. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { makeCertificates } from "../api/certificates.ts";
import { ownService } from "../api/own-service.ts";
import { busyboxArchive } from "../fixtures/images.ts";

const own = ownService();
const folder = mkdtempSync(join(tmpdir(), "brig-contexts-"));
const settings = join(folder, "settings");

function brig(words: string, environment: Record<string, string> = {}) {
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    XDG_CONFIG_HOME: settings,
    BRIG_ROOT: join(folder, "no-root"),
    BRIG_RUN_ROOT: join(folder, "no-run"),
    ...environment,
  };
  const { status, stdout, stderr } = spawnSync(own.executable, words.split(" "), {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
}

/** Exit code 0, and this on stdout. */
const says = (words: string, stdout: string, environment = {}) => {
  const found = brig(words, environment);
  assert.deepEqual([found.code, found.stdout], [0, stdout], `${words}: ${found.stderr}`);
};

const fails = (words: string, stderr: RegExp, code = 1) => {
  const found = brig(words);
  assert.equal(found.code, code, found.stderr);
  assert.match(found.stderr, stderr);
};

before(async () => {
  await own.startService();
  assert.equal(brig(`--host unix://${own.socket} load -i ${busyboxArchive()}`).code, 0);
  const { authority, client } = makeCertificates(own.root);
  copyFileSync(authority, join(folder, "ca.pem"));
  copyFileSync(client.certificate, join(folder, "cert.pem"));
  copyFileSync(client.key, join(folder, "key.pem"));
  writeFileSync(join(folder, "noise.pem"), "noise");
});
beforeEach(() => rmSync(settings, { recursive: true, force: true }));
after(async () => {
  await own.stopService();
  own.end();
  rmSync(folder, { recursive: true });
});

const create = (name = "there") =>
  says(`context create ${name} --docker host=unix://${own.socket}`, `${name}\n`);

test("without any there is the engine of this host", () => {
  says("context show", "default\n");
  says("context ls -q", "default\n");
  const { stdout } = brig("context ls");
  assert.match(
    stdout,
    /^NAME +DESCRIPTION +DOCKER ENDPOINT +ERROR\ndefault \* +The engine of this host +\n$/,
  );
});

test("a context is made, shown, used and removed", () => {
  create();
  says("--context there images -q", brig(`--host unix://${own.socket} images -q`).stdout);
  says("context use there", "there\n");
  says("context show", "there\n");
  assert.match(brig("context ls").stdout, /^there \* +unix:\/\/.*api\.sock +$/m);
  says("context ls --format {{.Name}}:{{.Current}}", "default:false\nthere:true\n");
  assert.equal(brig("images -q").stdout.length, 13);
  fails("context rm there", /context "there" is in use, set -f flag to force remove/);
  fails("context rm default", /cannot be removed/);
  says("context rm -f there", "there\n");
  says("context show", "default\n");
  fails("context rm there", /not found/);
});

test("the flag is stronger than the environment, and that than what is in use", () => {
  create("one");
  says("context create two --docker host=unix:///nosuch.sock", "two\n");
  says("context use two", "two\n");
  fails("ps", /nosuch\.sock/);
  says("ps -q", "", { BRIG_CONTEXT: "one" });
  says("ps -q", "", { BRIG_HOST: `unix://${own.socket}` });
  says("--context one ps -q", "", { BRIG_HOST: "unix:///other.sock" });
  says("--context default images -q", "", { BRIG_CONTEXT: "two" });
  fails(`--context one --host unix://${own.socket} ps`, /conflicting options/);
});

test("one that is in use and gone is told of, not taken for this host", () => {
  create();
  says("context use there", "there\n");
  rmSync(join(settings, "brig/contexts/there"), { recursive: true });
  fails("ps", /context "there": context not found/);
  assert.match(brig("context ls").stdout, /^there \* .*context not found/m);
  says("context use default", "default\n");
  says("ps -q", "");
});

test("keys are kept where nobody else can read them", () => {
  says(
    "context create safe --docker host=tcp://h:1,ca=ca.pem,cert=cert.pem,key=key.pem --description d",
    "safe\n",
  );
  const kept = join(settings, "brig/contexts/safe");
  for (const path of [kept, join(kept, "tls")]) assert.equal(statSync(path).mode & 0o777, 0o700, path);
  for (const file of ["meta.json", "tls/ca.pem", "tls/cert.pem", "tls/key.pem"])
    assert.equal(statSync(join(kept, file)).mode & 0o777, 0o600, file);
  assert.equal(
    readFileSync(join(kept, "tls/key.pem"), "utf8"),
    readFileSync(join(folder, "key.pem"), "utf8"),
  );
  const [shown] = JSON.parse(brig("context inspect safe").stdout);
  assert.deepEqual(shown, {
    Name: "safe",
    Metadata: { Description: "d" },
    Endpoints: { docker: { Host: "tcp://h:1", SkipTLSVerify: false } },
    TLSMaterial: { docker: ["ca.pem", "cert.pem", "key.pem"] },
    Storage: { MetadataPath: join(kept, "meta.json"), TLSPath: join(kept, "tls") },
  });
});

test("an update changes what it names, and leaves nothing of before", () => {
  says("context create cc --docker host=tcp://h:1,ca=ca.pem,cert=cert.pem,key=key.pem", "cc\n");
  says("context update cc --docker host=tcp://other:2 --description new", "cc\n");
  says("context inspect -f {{.Endpoints.docker.Host}}-{{.Metadata.Description}} cc", "tcp://other:2-new\n");
  says("context update cc --docker cert=,key=,skip-tls-verify=true", "cc\n");
  const [{ TLSMaterial, Endpoints }] = JSON.parse(brig("context inspect cc").stdout);
  assert.deepEqual([TLSMaterial.docker, Endpoints.docker.SkipTLSVerify], [["ca.pem"], true]);
});

test("contexts go from Docker to brig and back, in archives", () => {
  const docker = (...words: readonly string[]) =>
    spawnSync("docker", ["--config", join(folder, "docker"), "context", ...words], {
      cwd: folder,
      encoding: "utf8",
    });
  mkdirSync(join(folder, "docker"), { recursive: true });
  const made = docker("create", "theirs", "--docker", "host=tcp://h:1,ca=ca.pem,cert=cert.pem,key=key.pem");
  assert.equal(made.status, 0, made.stderr);
  assert.equal(docker("export", "theirs", "theirs.tar").status, 0);
  says("context import ours theirs.tar", "ours\n");
  says("context inspect -f {{.Endpoints.docker.Host}} ours", "tcp://h:1\n");
  assert.equal(
    readFileSync(join(settings, "brig/contexts/ours/tls/key.pem"), "utf8"),
    readFileSync(join(folder, "key.pem"), "utf8"),
  );
  assert.equal(brig("context export ours ours.tar").code, 0);
  assert.equal(statSync(join(folder, "ours.tar")).mode & 0o777, 0o600);
  const back = docker("import", "again", "ours.tar");
  assert.equal(back.status, 0, back.stderr);
  assert.match(docker("inspect", "-f", "{{.Endpoints.docker.Host}}", "again").stdout, /tcp:\/\/h:1/);
  fails("context export ours ours.tar", /it exists/);
});

const bad: readonly (readonly [string, RegExp])[] = [
  ["context create default --docker host=tcp://h:1", /reserved context name/],
  ["context create ../x --docker host=tcp://h:1", /is invalid/],
  ["context create .hidden --docker host=tcp://h:1", /is invalid/],
  ["context create cc", /say host=URL/],
  ["context create cc --docker host=ftp://h", /ftp:\/\/ is not spoken/],
  ["context create cc --docker hots=tcp://h:1", /unrecognized config key: hots/],
  ["context create cc --docker host=tcp://h:1,ca=/nosuch", /open \/nosuch: no such file/],
  ["context create cc --docker host=tcp://h:1,cert=cert.pem", /needs its key/],
  ["context create cc --docker host=tcp://h:1,ca=noise.pem", /noise.pem holds nothing in PEM/],
  ["context create cc --docker host=tcp://h:1 --from other", /cannot use --docker flag when --from is set/],
  ["context use nosuch", /context "nosuch": context not found/],
  ["context use ../../x", /is invalid/],
  ["context inspect nosuch", /not found/],
  ["context update nosuch --description x", /not found/],
  ["context export nosuch", /not found/],
  ["context import cc /nosuch", /open \/nosuch: no such file/],
  ["--context nosuch ps", /context "nosuch": context not found/],
  ["--context ../x ps", /is invalid/],
];

for (const [words, told] of bad)
  test(`brig ${words} is refused, and leaves nothing`, () => {
    fails(words, told);
    const contexts = join(settings, "brig/contexts");
    assert.deepEqual(spawnSync("ls", ["-A", contexts]).stdout.toString(), "");
  });

test("nothing is left of what was made and removed", () => {
  create();
  says("context update there --description again", "there\n");
  says("context rm there", "there\n");
  assert.deepEqual(readdirSync(join(settings, "brig/contexts")), []);
});
