/**
 * What cannot be right: archives, configs, flags and images that are broken or hostile. Each is refused with Docker's
 * exit code and one line that says why, and leaves nothing behind.
 */

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodeText } from "../src/image/tar/byte-string.ts";
import { header, joined } from "../src/image/tar/fixture.ts";
import { type NewEntry, writeTar } from "../src/image/tar/write.ts";
import { image, ownBrig, type Result } from "./cli/brig.ts";
import { busyboxArchive, busyboxRoot } from "./fixtures/images.ts";
import { difference, hostState } from "./fixtures/leaks.ts";
import { assertClear, assertRefused } from "./fixtures/refusal.ts";
import { checkout } from "./fixtures/sources.ts";

const { brig, brigWith, root, about, end } = ownBrig();
const scratch = mkdtempSync(join(tmpdir(), "bad-"));

before(async () => {
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
});
after(() => {
  end();
  rmSync(scratch, { recursive: true, force: true });
});

/** SQLite's own files come and go with whoever reads. */
const host = () => hostState({ about, folders: [root] }).filter((line) => !/brig\.db-(?:wal|shm)/.test(line));

// --- archives --------------------------------------------------------------------------------------------------

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
const file = (path: string, content: Uint8Array | string): NewEntry => ({
  header: header(path, { size: Buffer.from(content).length }),
  body: [Buffer.from(content)],
});
const json = (path: string, value: unknown) => file(path, JSON.stringify(value));
const link = (path: string, to: string): NewEntry => ({
  header: header(path, { kind: "symbolic-link", linkPath: encodeText(to), mode: 0o777 }),
});
const tar = (...entries: readonly NewEntry[]) => joined(writeTar(entries));

const layer = await tar(file("a", "a"));
const configOf = (layers: readonly Uint8Array[], config: object = {}) =>
  JSON.stringify({
    os: "linux",
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    config,
    rootfs: { type: "layers", diff_ids: layers.map((bytes) => `sha256:${sha256(bytes)}`) },
  });
const manifest = (over: object = {}) =>
  json("manifest.json", [{ Config: "c.json", RepoTags: ["bad:1"], Layers: ["l.tar"], ...over }]);
const whole = [file("l.tar", layer), file("c.json", configOf([layer]))];

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const busybox = readFileSync(busyboxArchive());

const archives: Readonly<Record<string, () => Promise<Uint8Array> | Uint8Array>> = {
  "nothing at all": () => Buffer.alloc(0),
  "random bytes": () => randomBytes(100_000),
  text: () => Buffer.from("this is no archive\n".repeat(100)),
  "an archive cut in its first header": () => busybox.subarray(0, 300),
  "an archive cut in a layer": () => busybox.subarray(0, 1_000_000),
  "an archive with a damaged header": () =>
    Buffer.concat([busybox.subarray(0, 5), randomBytes(100), busybox.subarray(105)]),
  "a gzip stream of noise": () =>
    Buffer.concat([Buffer.from("1f8b0800000000000003", "hex"), randomBytes(5000)]),
  "a gzip stream that is cut": () => Buffer.from("1f8b0800000000000003", "hex"),
  "a zstd stream of noise": () => Buffer.concat([Buffer.from("28b52ffd", "hex"), randomBytes(5000)]),
  "no manifest": () => tar(...whole),
  "a manifest that is no JSON": () => tar(...whole, file("manifest.json", "{")),
  "a manifest that is a number": () => tar(...whole, file("manifest.json", "7")),
  "a manifest of other types": () => tar(...whole, json("manifest.json", [{ Config: 7, Layers: "l.tar" }])),
  "a manifest too deep": () => tar(...whole, file("manifest.json", nested(200_000))),
  "a manifest with a prototype": () =>
    tar(...whole, file("manifest.json", '[{"__proto__":{"Config":"c.json","Layers":[]}}]')),
  "a config that is not there": () => tar(...whole, manifest({ Config: "d.json" })),
  "a config outside the archive": () => tar(...whole, manifest({ Config: "../../../../etc/passwd" })),
  "an absolute layer": () => tar(...whole, manifest({ Layers: ["/etc/passwd"] })),
  "a layer that is a link out": () => tar(link("l.tar", "../../../../../etc/passwd"), whole[1]!, manifest()),
  "a layer that is a link to itself": () => tar(link("l.tar", "l.tar"), whole[1]!, manifest()),
  "a layer that is not there": () => tar(...whole, manifest({ Layers: ["l.tar", "m.tar"] })),
  "fewer layers than the config": () => tar(...whole, manifest({ Layers: [] })),
  "a layer other than announced": () =>
    tar(file("l.tar", layer), file("c.json", configOf([Buffer.from("other")])), manifest()),
  "a layer that is no archive": () => {
    const noise = randomBytes(3000);
    return tar(file("l.tar", noise), file("c.json", configOf([noise])), manifest());
  },
  "a config that is no JSON": () => tar(file("l.tar", layer), file("c.json", "\0\0"), manifest()),
  "a name that is none": () => tar(...whole, manifest({ RepoTags: ["../../etc:UPPER CASE"] })),
  "an index with a digest that is a path": () =>
    tar(
      json("oci-layout", { imageLayoutVersion: "1.0.0" }),
      json("index.json", {
        schemaVersion: 2,
        manifests: [
          {
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            digest: "sha256:../../../etc/passwd",
            size: 7,
          },
        ],
      }),
    ),
  "an index whose blob is not there": () =>
    tar(
      json("oci-layout", { imageLayoutVersion: "1.0.0" }),
      json("index.json", {
        schemaVersion: 2,
        manifests: [
          {
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            digest: `sha256:${"0".repeat(64)}`,
            size: 7,
          },
        ],
      }),
    ),
};

for (const [name, make] of Object.entries(archives))
  test(`load refuses ${name}`, async () => {
    const bytes = await make();
    const path = join(scratch, "archive.tar");
    writeFileSync(path, bytes);
    const were = host();
    await assertRefused(`-i: ${name}`, brig("load", "-i", path), 1, /^brig: /);
    await assertRefused(`stdin: ${name}`, brigWith(bytes, "load"), 1, /^brig: /);
    assert.equal(difference(were, host()).replace(/^\+ file \S+\/blobs\/sha256\/\w{64} \d+\n?/gm, ""), "");
    assert.doesNotMatch((await brig("images", "-a")).stdout, /bad/);
  });

// --- run -------------------------------------------------------------------------------------------------------

interface Run {
  readonly args: readonly string[];
  readonly code: number;
  readonly says: RegExp;
}

const runs: readonly Run[] = [
  { args: ["--bogus", image], code: 125, says: /unknown flag: --bogus/ },
  { args: ["-Z", image], code: 125, says: /unknown shorthand flag: 'Z' in -Z/ },
  { args: ["--memory", "a lot", image], code: 125, says: /invalid argument "a lot" for "-m, --memory" flag/ },
  { args: ["--pull", "never", "no-such-image"], code: 125, says: /No such image: no-such-image:latest/ },
  { args: ["--pull", "never", "a".repeat(400)], code: 125, says: /must not be more than 255 characters/ },
  { args: [image, "no-such-command"], code: 127, says: /executable file not found in \$PATH/ },
  { args: [image, "/no/such/command"], code: 127, says: /no such file or directory/ },
  { args: [image, "/etc/hostname"], code: 126, says: /permission denied/ },
  { args: [image, "/bin"], code: 126, says: /permission denied/ },
  {
    args: ["-u", "nosuchuser", image, "true"],
    code: 125,
    says: /unable to find user nosuchuser: no matching entries in passwd file/,
  },
  {
    args: ["-u", "0:nosuchgroup", image, "true"],
    code: 125,
    says: /unable to find group nosuchgroup: no matching entries in group file/,
  },
  {
    args: ["-u", "99999999999", image, "true"],
    code: 125,
    says: /unable to find user 99999999999|uids and gids must be in range/,
  },
  { args: ["--device", "/dev/nosuchdevice", image, "true"], code: 125, says: /\/dev\/nosuchdevice/ },
  {
    args: ["--mount", `type=bind,src=${scratch}/nothing,dst=/x`, image, "true"],
    code: 125,
    says: /bind source path does not exist/,
  },
  { args: ["--mount", "type=bind,dst=/x", image, "true"], code: 125, says: /field Source must not be empty/ },
  { args: ["-v", "relative/../path:x", image, "true"], code: 125, says: /brig: / },
  { args: ["--cap-add", "NOT_A_CAPABILITY", image, "true"], code: 125, says: /invalid capability/ },
  { args: ["--ulimit", "nosuch=1", image, "true"], code: 125, says: /nosuch/ },
  {
    args: ["--network", "no-such-network", image, "true"],
    code: 125,
    says: /network no-such-network not found/,
  },
  { args: ["--network", "container:nobody", image, "true"], code: 125, says: /No such container: nobody/ },
  { args: ["-p", "99999:80", image, "true"], code: 125, says: /brig: / },
  { args: ["--sysctl", "kernel.nothing.here=1", image, "true"], code: 125, says: /kernel.nothing.here/ },
  { args: ["-w", "relative", image, "true"], code: 125, says: /brig: / },
  { args: ["-w", "/etc/passwd", image, "true"], code: 125, says: /brig: / },
  { args: ["-w", "/proc/self/fd/7", image, "true"], code: 125, says: /brig: / },
  { args: ["--tmpfs", "/x:size=nonsense", image, "true"], code: 125, says: /brig: / },
  { args: ["-h", "h".repeat(300), image, "true"], code: 125, says: /brig: / },
  {
    args: ["--security-opt", "seccomp=/no/such/profile", image, "true"],
    code: 125,
    says: /\/no\/such\/profile/,
  },
  { args: ["--name", "../../x", image, "true"], code: 125, says: /Invalid container name/ },
  { args: ["--env-file", "/no/such/file", image, "true"], code: 125, says: /\/no\/such\/file/ },
];

for (const { args, code, says } of runs)
  test(`run ${args.join(" ").replaceAll(scratch, "DIR").slice(0, 80)} ends with ${code}`, async () => {
    const were = host();
    await assertRefused(
      args.join(" "),
      brig("run", "--rm", ...(args.includes("--network") ? [] : ["--network", "none"]), ...args),
      code,
      says,
    );
    assert.equal(difference(were, host()), "");
    assert.equal((await brig("ps", "-aq")).stdout, "");
  });

// --- hostile images --------------------------------------------------------------------------------------------

const marker = `marker-${randomBytes(6).toString("hex")}`;
const far = "../../../../../../../../../..";
const accounts = join(scratch, "accounts");
writeFileSync(accounts, `${marker}:x:0:0::/:/bin/sh\n`);

interface Hostile {
  readonly entries: readonly NewEntry[];
  readonly config?: object;
  readonly args?: readonly string[];
  /** Exit code and what stands in its output. */
  readonly ends: readonly [code: number, says: RegExp];
}

const directory = (path: string): NewEntry => ({ header: header(path, { kind: "directory", mode: 0o755 }) });

const hostile: Readonly<Record<string, Hostile>> = {
  "a working directory through a link out": {
    entries: [link("out", `${far}/etc`)],
    args: ["-w", `/out/${marker}`],
    ends: [0, new RegExp(`^/etc/${marker}$`, "m")],
  },
  "a working directory that is an absolute link out": {
    entries: [link("out", "/../../tmp")],
    args: ["-w", `/out/${marker}`],
    ends: [0, new RegExp(`^/tmp/${marker}$`, "m")],
  },
  "a /tmp that leads to the host's /etc": {
    entries: [link("etc-of-host", `${far}/etc`), link("t", "etc-of-host")],
    args: ["-v", `${scratch}:/t/${marker}`],
    ends: [0, /^\/$/m],
  },
  // A layer of ours that lies over the image has these as directories.
  "a /proc that is a link": {
    entries: [link("proc", "/elsewhere"), directory("elsewhere")],
    ends: [0, /^\/$/m],
  },
  "a /sys that is a link": { entries: [link("sys", `${far}/tmp`)], ends: [0, /^\/$/m] },
  "a /dev that is a link": { entries: [link("dev", `${far}/tmp/${marker}`)], ends: [0, /^\/$/m] },
  "a resolv.conf that leads out": {
    entries: [link("etc/resolv.conf", `${far}/tmp/${marker}`)],
    ends: [0, /^\/$/m],
  },
  // Not the host's own, which would be a link to itself: a lookup as long as that meets a rename on a busy host.
  "a passwd that is a file of the host": {
    entries: [link("etc/passwd", `${far}${accounts}`)],
    args: ["-u", marker],
    ends: [125, new RegExp(`unable to find user ${marker}`)],
  },
  "a passwd that is a fifo": {
    entries: [{ header: header("etc/passwd", { kind: "fifo" }) }],
    args: ["-u", "nobody"],
    ends: [125, /unable to find user nobody/],
  },
  "a passwd that is a directory": { entries: [directory("etc/passwd")], ends: [0, /^\/$/m] },
  "a working directory in its config that is an fd": {
    entries: [],
    config: { WorkingDir: "/proc/self/fd/9" },
    ends: [125, /brig: /],
  },
  "a user in its config that is no number": { entries: [], config: { User: "-1" }, ends: [125, /brig: /] },
  "a layer whose files lead out": {
    entries: [file(`${far}/tmp/${marker}`, "x"), link("up", far), file(`up/tmp/${marker}`, "x")],
    ends: [1, /brig: /],
  },
  "a layer with a hard link out": {
    entries: [{ header: header("passwd", { kind: "hard-link", linkPath: encodeText(`${far}/etc/passwd`) }) }],
    ends: [1, /brig: /],
  },
};

const base = readFileSync(busyboxRoot());

/** The exit code and output of a run of an image with these entries over busybox; 1 where it is refused when loaded. */
async function runOf({ entries, config = {}, args = [] }: Hostile): Promise<Result> {
  const top = await tar(...entries);
  const archive = await tar(
    file("base.tar", base),
    file("top.tar", top),
    file("c.json", configOf([base, top], { Env: ["PATH=/bin:/sbin"], Cmd: ["pwd"], ...config })),
    json("manifest.json", [{ Config: "c.json", RepoTags: ["hostile:1"], Layers: ["base.tar", "top.tar"] }]),
  );
  const loaded = await brigWith(archive, "load", "-q");
  if (loaded.code !== 0) return loaded;
  try {
    return await brig("run", "--rm", "--network", "none", ...args, "hostile:1");
  } finally {
    await brig("rmi", "-f", "hostile:1");
  }
}

for (const [name, one] of Object.entries(hostile))
  test(`an image with ${name} reaches nothing of the host`, async () => {
    const passwd = readFileSync("/etc/passwd", "utf8");
    const ended = await runOf(one);
    const [code, says] = one.ends;
    assert.equal(ended.code, code, `${ended.stdout}${ended.stderr}`);
    assert.match(`${ended.stdout}${ended.stderr}`, says);
    if (code !== 0) assertClear(ended, name);
    for (const folder of ["/", "/etc", "/tmp", scratch, root, checkout])
      assert.ok(!existsSync(join(folder, marker)), `${folder} has ${marker}`);
    assert.equal(readFileSync("/etc/passwd", "utf8"), passwd);
    assert.equal((await brig("ps", "-aq")).stdout, "");
    assert.ok(!host().some((line) => line.startsWith("process") || line.startsWith("mount")));
  });

test("no fd of the launch leads a command to a program of the host", async () => {
  const program = join(checkout, "bin/brig-shim");
  const fds = Array.from({ length: 70 }, (_, i) => i);
  // One shell in the container cannot try this: its fds are not those of the launch.
  for (let i = 0; i < fds.length; i += 2)
    await Promise.all(
      fds.slice(i, i + 2).map(async (fd) => {
        const path = `/proc/self/fd/${fd}/${far}${program}`;
        const { code, stderr } = await brig("run", "--rm", "--network", "none", image, path);
        assert.equal(code, 127, `${path}: ${stderr}`);
      }),
    );
});

// --- bundles ---------------------------------------------------------------------------------------------------

const good = {
  ociVersion: "1.0.2",
  process: { user: { uid: 0, gid: 0 }, args: ["/bin/true"], env: [], cwd: "/" },
  root: { path: "rootfs" },
  mounts: [{ destination: "/proc", type: "proc", source: "proc" }],
  linux: { namespaces: [{ type: "mount" }, { type: "pid" }] },
};
const withProcess = (over: object) => JSON.stringify({ ...good, process: { ...good.process, ...over } });
const withLinux = (over: object) => JSON.stringify({ ...good, linux: { ...good.linux, ...over } });

const configs: Readonly<Record<string, string>> = {
  nothing: "",
  "half an object": '{"ociVersion": "1.0.2"',
  "a list": "[]",
  "lists within lists": nested(500_000),
  "objects within objects": `${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`,
  "five megabytes of nothing": JSON.stringify({ ...good, annotations: { a: "a".repeat(5_000_000) } }),
  "a prototype in place of a process": `{"ociVersion":"1.0.2","root":{"path":"rootfs"},"__proto__":${JSON.stringify({ process: good.process })},"linux":{"namespaces":[{"type":"mount"}]},"process":{}}`,
  "a uid beyond all": withProcess({ user: { uid: 1e30, gid: 0 } }),
  "a uid below zero": withProcess({ user: { uid: -1, gid: 0 } }),
  "a uid that is text": withProcess({ user: { uid: "0", gid: 0 } }),
  "no arguments": withProcess({ args: [] }),
  "an argument with a NUL": withProcess({ args: ["/bin/true\0x"] }),
  "a relative working directory": withProcess({ cwd: "etc" }),
  "an unknown limit": withProcess({ rlimits: [{ type: "RLIMIT_CONSTRUCTOR", soft: 1, hard: 1 }] }),
  "a limit of 2^70": `${withProcess({ rlimits: [{ type: "RLIMIT_NOFILE", soft: 1, hard: 12345 }] }).replace("12345", "1180591620717411303424")}`,
  "an unknown namespace": withLinux({ namespaces: [{ type: "constructor" }] }),
  "a namespace that is not there": withLinux({
    namespaces: [{ type: "mount" }, { type: "pid", path: "/proc/0/ns/pid" }],
  }),
  "a namespace that is another file": withLinux({
    namespaces: [{ type: "mount" }, { type: "pid", path: "/etc/passwd" }],
  }),
  "a sysctl that leads out": withLinux({ sysctl: { "net.../../sys.kernel.core_pattern": "|x" } }),
  "a root that leads nowhere": JSON.stringify({ ...good, root: { path: "no-such-folder" } }),
  "a bind of nothing": JSON.stringify({
    ...good,
    mounts: [{ destination: "/x", type: "bind", source: "/no/such/path", options: ["bind"] }],
  }),
  "an unknown file system": JSON.stringify({
    ...good,
    mounts: [{ destination: "/x", type: "nosuchfs", source: "x" }],
  }),
  "a hook that is relative": JSON.stringify({ ...good, hooks: { prestart: [{ path: "bin/true" }] } }),
  "a seccomp action of its own": withLinux({ seccomp: { defaultAction: "__proto__" } }),
  "a version from the future": JSON.stringify({ ...good, ociVersion: "9.0.0" }),
};

const bundle = join(scratch, "bundle");
const state = join(scratch, "state");

before(() => mkdirSync(join(bundle, "rootfs/bin"), { recursive: true }));

for (const [name, text] of Object.entries(configs))
  test(`oci run refuses a config of ${name}`, async () => {
    writeFileSync(join(bundle, "config.json"), text);
    const what = { about: [scratch, "bad-box"], folders: [state] };
    const were = hostState(what);
    const ended = await brig("oci", "--root", state, "run", "--bundle", bundle, "bad-box");
    assert.notEqual(ended.code, 0, name);
    assert.equal(ended.stdout, "");
    const lines = ended.stderr.trimEnd().split("\n");
    assert.equal(lines.length, 1, ended.stderr);
    assert.doesNotMatch(
      ended.stderr,
      /\.ts\b|\bat \w+ ?\(|\[object|\bundefined\b|TypeError|SyntaxError|RangeError/,
    );
    assert.ok(ended.stderr.length < 600, `${ended.stderr.length} characters`);
    assert.equal(difference(were, hostState(what)).replace(/^\+ file \S+\/state \d+$/m, ""), "");
  });

for (const name of ["proc", "sys"])
  test(`oci run mounts nothing at a /${name} that is a link`, async () => {
    const rootfs = join(bundle, "rootfs", name);
    const mounts = [{ destination: `/${name}`, type: name === "sys" ? "sysfs" : name, source: name }];
    rmSync(rootfs, { recursive: true, force: true });
    symlinkSync("bin", rootfs);
    writeFileSync(join(bundle, "config.json"), JSON.stringify({ ...good, mounts }));
    const ended = await brig("oci", "--root", state, "run", "--bundle", bundle, "bad-box");
    rmSync(rootfs);
    assert.notEqual(ended.code, 0);
    assert.match(
      ended.stderr,
      new RegExp(`cannot open /${name} in the container: too many levels of symbolic links`),
    );
  });

for (const id of ["", "..", "a/b", "a\nb", "-x", "x".repeat(2000)])
  test(`oci run refuses the id ${JSON.stringify(id.slice(0, 20))}`, async () => {
    writeFileSync(join(bundle, "config.json"), JSON.stringify(good));
    const ended = await brig("oci", "--root", state, "run", "--bundle", bundle, id);
    assert.notEqual(ended.code, 0);
    assert.doesNotMatch(ended.stderr, /\.ts\b|\bat \w+ ?\(|\bundefined\b/);
  });
