/**
 * A bundle with Debian's busybox as its root, and an OCI runtime to run it: brig's, or any other whose path is in
 * BRIG_TEST_RUNTIME, so that what these tests claim can be seen to hold for runc and crun as well.
 *
 *   using bundle = new Bundle((config) => { config.hostname = "box"; });
 *   bundle.sh("hostname");                        // runs to its end: { code, stdout, stderr }
 *   bundle.oci("create", bundle.id); …            // anything else
 */

import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { busyboxRoot } from "../fixtures/images.ts";
import { checkout } from "../fixtures/sources.ts";

export const runtime = process.env["BRIG_TEST_RUNTIME"] ?? join(checkout, "bin/brig-oci");

/** Whether systemd is to make the cgroups (BRIG_TEST_CGROUPS=systemd; `make test-vm INIT=systemd`). */
export const managed = process.env["BRIG_TEST_CGROUPS"] === "systemd";

const globals = managed ? ["--systemd-cgroup"] : [];

/** "brig-oci", "runc" or "crun". */
export const runtimeName = basename(runtime);

/** Why a test does not hold for the peer at hand; for `{ skip }` of a test. */
export function notFor(reasons: Readonly<Record<string, Reason>>): string | false {
  const reason = reasons[runtimeName];
  // What of it is still true is seen by running every test.
  if (reason === undefined || process.env["BRIG_TEST_EVERY"]) return false;
  if (typeof reason === "string") return `${runtimeName} ${reason}`;
  const { before, since, why } = reason;
  const [from, to] = [since ?? "0", before ?? "9999"];
  const version = versionOf(runtime);
  if (compareVersions(version, from) < 0 || compareVersions(version, to) >= 0) return false;
  return `${runtimeName} ${version} ${why}`;
}

/** What every version of it does, or those before one, or since one. */
type Reason = string | { readonly before?: string; readonly since?: string; readonly why: string };

function versionOf(program: string): string {
  const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? "0";
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** config.json while a test writes it: any field may be set to anything. */
// biome-ignore lint/suspicious/noExplicitAny: tests also write what the types forbid
export type Draft = any;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Bundle implements Disposable {
  readonly path: string;
  readonly rootfs: string;
  /** Where the runtime keeps its state. */
  readonly state: string;
  readonly id: string;

  constructor(change: (config: Draft) => void = () => {}) {
    this.path = mkdtempSync(join(tmpdir(), "oci-"));
    chmodSync(this.path, 0o755); // root of a user namespace is another user on the host
    this.rootfs = join(this.path, "rootfs");
    this.state = join(this.path, "state");
    this.id = `test-${randomBytes(6).toString("hex")}`;
    mkdirSync(this.rootfs);
    const unpacked = spawnSync("tar", ["-xf", busyboxRoot(), "-C", this.rootfs]);
    if (unpacked.status !== 0) throw new Error(String(unpacked.stderr));
    this.write(change);
  }

  /** config.json from the default one. */
  write(change: (config: Draft) => void): void {
    const config = defaultConfig();
    change(config);
    writeFileSync(join(this.path, "config.json"), JSON.stringify(config));
  }

  /** One call of the runtime. stdin is empty. */
  oci(...args: readonly string[]): Ended {
    return this.ociWith({}, ...args);
  }

  ociWith(
    options: { readonly input?: string; readonly env?: Record<string, string> },
    ...args: readonly string[]
  ): Ended {
    const [program, ...words] = this.commandOf(...args);
    const { status, stdout, stderr }: SpawnSyncReturns<string> = spawnSync(program!, words, {
      cwd: this.path,
      encoding: "utf8",
      input: options.input ?? "",
      env: { ...process.env, ...options.env },
      timeout: 60_000,
      killSignal: "SIGKILL",
    });
    return { code: status, stdout, stderr };
  }

  /** As by a user: the runtime's stdin is a terminal, which `input` is typed at. */
  ociAtTerminal(input: string, ...args: readonly string[]): Ended {
    const words = this.commandOf(...args).map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    const { status, stdout, stderr } = spawnSync("script", ["-qefc", words.join(" "), "/dev/null"], {
      cwd: this.path,
      encoding: "utf8",
      input,
      timeout: 60_000,
      killSignal: "SIGKILL",
    });
    return { code: status, stdout, stderr };
  }

  /** Runs the config as it is, in the foreground. */
  run(...flags: readonly string[]): Ended {
    return this.oci("run", ...flags, this.id);
  }

  /** Runs a script in place of the config's command. */
  sh(script: string, change: (config: Draft) => void = () => {}): Ended {
    this.write((config) => {
      change(config);
      config.process.args = ["/bin/sh", "-c", script];
    });
    return this.run();
  }

  /** The container's process gets files for stdio, so that a background container does not hold the caller's pipes. */
  background(...args: readonly string[]): Ended {
    const quoted = this.commandOf(...args)
      .map((word) => `'${word}'`)
      .join(" ");
    const log = join(this.path, "stdio");
    const { status, stdout, stderr } = spawnSync("sh", ["-c", `${quoted} </dev/null >'${log}' 2>&1`], {
      cwd: this.path,
      encoding: "utf8",
      timeout: 60_000,
      killSignal: "SIGKILL",
    });
    return { code: status, stdout, stderr };
  }

  /** Creates and starts the config in the background. */
  start(): void {
    for (const step of [
      ["create", this.id],
      ["start", this.id],
    ]) {
      const { code, stderr } = this.background(...step);
      if (code !== 0) throw new Error(`${step[0]}: ${stderr}${this.output()}`);
    }
  }

  /** What the background container and its runtime wrote so far. */
  output(): string {
    return spawnSync("cat", [join(this.path, "stdio")], { encoding: "utf8" }).stdout;
  }

  /** The words of a call, for who makes it in another way. */
  commandOf(...args: readonly string[]): readonly string[] {
    return [runtime, ...globals, "--root", this.state, ...args];
  }

  /** A call that goes on until it is killed. */
  spawn(...args: readonly string[]): ChildProcess {
    const [program, ...words] = this.commandOf(...args);
    return spawn(program!, words, {
      cwd: this.path,
      stdio: ["ignore", "pipe", "inherit"],
    });
  }

  stateOf(): { readonly status: string; readonly pid: number } & Draft {
    return JSON.parse(this.oci("state", this.id).stdout);
  }

  [Symbol.dispose](): void {
    this.oci("delete", "--force", this.id);
    rmSync(this.path, { recursive: true, force: true });
  }
}

const capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];

// biome-ignore format: a table
function defaultConfig(): Draft {
  return {
    ociVersion: "1.0.2",
    process: {
      user: { uid: 0, gid: 0 },
      args: ["/bin/true"],
      env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      cwd: "/",
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: true,
    },
    root: { path: "rootfs" },
    hostname: "box",
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"] },
      { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
      { destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
      { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
    ],
    linux: {
      resources: { devices: [{ allow: false, access: "rwm" }] },
      namespaces: [{ type: "pid" }, { type: "network" }, { type: "ipc" }, { type: "uts" }, { type: "mount" }],
    },
  };
}
