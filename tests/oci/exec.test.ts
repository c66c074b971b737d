/** `exec`: further processes in a container, by flags or from a document. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, release } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { kernelVersion } from "../../src/kernel/host.ts";
import { Bundle, type Draft, notFor, runtime, runtimeName } from "./bundle.ts";

function running(change: (config: Draft) => void = () => {}): Bundle {
  const bundle = new Bundle((config) => {
    change(config);
    config.process.args = ["sleep", "60"];
  });
  bundle.start();
  return bundle;
}

test("a command runs beside the container's, in its namespaces, root and cgroup, and its exit code is that of exec", () => {
  using bundle = running((config) => config.linux.namespaces.push({ type: "cgroup" }));
  const look =
    "for n in pid net ipc uts mnt cgroup; do test $(readlink /proc/self/ns/$n) = $(readlink /proc/1/ns/$n) || echo $n; done";
  assert.deepEqual(bundle.oci("exec", bundle.id, "sh", "-c", `${look}; hostname; exit 7`), {
    code: 7,
    stdout: "box\n",
    stderr: "",
  });
  assert.equal(bundle.oci("exec", bundle.id, "sh", "-c", "diff /proc/self/cgroup /proc/1/cgroup").code, 0);
});

test("in a container with a user namespace the command is in it too", () => {
  using bundle = running(({ linux }) => {
    linux.namespaces.push({ type: "user" });
    linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
  });
  const { stdout, stderr } = bundle.oci(
    "exec",
    bundle.id,
    "sh",
    "-c",
    "id -u; cat /proc/self/uid_map; readlink /proc/self/ns/user",
  );
  assert.match(stdout, /^0\n +0 +100000 +65536\nuser:/, stderr);
});

test("without flags the process is as the container's: environment, directory, user, limits, capabilities", {
  skip: notFor({ crun: "takes nothing but the environment" }),
}, () => {
  using bundle = running(({ process: p }) => {
    p.env.push("COLOUR=blue");
    p.cwd = "/usr";
    p.user = { uid: 1000, gid: 1001, additionalGids: [5] };
    p.rlimits = [{ type: "RLIMIT_FSIZE", soft: 51200, hard: 102400 }]; // in blocks of 512 bytes
  });
  const { stdout } = bundle.oci(
    "exec",
    bundle.id,
    "sh",
    "-c",
    "echo $COLOUR; pwd; id -u; id -G; ulimit -f; grep -h CapBnd /proc/self/status /proc/1/status | uniq | wc -l",
  );
  assert.equal(stdout, "blue\n/usr\n1000\n1001 5\n100\n1\n");
});

test("flags change it", { skip: notFor({ crun: "reads --additional-gids otherwise" }) }, () => {
  using bundle = running();
  const flags = [
    "--env",
    "COLOUR=red",
    "--cwd",
    "/tmp",
    "--user",
    "7:8",
    "--additional-gids",
    "9",
    "--cap",
    "CAP_CHOWN",
  ];
  const { stdout } = bundle.oci(
    "exec",
    ...flags,
    bundle.id,
    "sh",
    "-c",
    "echo $COLOUR; pwd; id -u; id -G; grep CapBnd /proc/self/status",
  );
  assert.match(stdout, /^red\n\/tmp\n7\n8 9(?: 9)?\nCapBnd:\t0000000020000421\n$/);
});

test("a whole process can come from a document", () => {
  using bundle = running();
  const file = join(bundle.path, "process.json");
  writeFileSync(
    file,
    JSON.stringify({
      user: { uid: 3, gid: 4 },
      args: ["/bin/sh", "-c", "id -u; echo $A; pwd"],
      env: ["A=b", "PATH=/bin"],
      cwd: "/usr",
    }),
  );
  assert.equal(bundle.oci("exec", "--process", file, bundle.id).stdout, "3\nb\n/usr\n");
});

test("a detached command goes on when exec has ended, and its pid is in the pid file", {
  skip: notFor({ crun: "prints pids only" }),
}, () => {
  using bundle = running();
  const file = join(bundle.path, "pid");
  assert.equal(bundle.background("exec", "--detach", "--pid-file", file, bundle.id, "sleep", "61").code, 0);
  const command = () => readFileSync(`/proc/${readFileSync(file, "utf8")}/cmdline`, "latin1");
  while (command().startsWith(runtime)); // runc does not wait for the execution
  assert.match(command(), /^sleep\x0061/);
  assert.match(bundle.oci("ps", bundle.id).stdout, /sleep 61/);
});

const one = { skip: availableParallelism() === 1 && "one CPU" };
const unaware = notFor({ runc: { before: "1.3", why: "does not know it" }, crun: "does not know it" });

/** Before 6.2 a process that is moved into a cgroup gets all of its CPUs, whatever it had asked for. */
const [major, minor] = kernelVersion(release());
const keepsAffinity = major > 6 || (major === 6 && minor >= 2);

test("the CPU affinity is that of execCPUAffinity.final, or else stays that of initial", {
  skip: one.skip || unaware,
}, () => {
  using bundle = running(({ process: p }) => void (p.execCPUAffinity = { initial: "0", final: "1" }));
  const look = ["grep", "Cpus_allowed_list", "/proc/self/status"];
  const [, own = ""] = /^Cpus_allowed_list:\t(.*)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  assert.match(bundle.oci("exec", bundle.id, ...look).stdout, /\t1\n$/);
  const file = join(bundle.path, "process.json");
  const command = { user: { uid: 0, gid: 0 }, cwd: "/", args: look, env: ["PATH=/bin"] };
  for (const [affinity, expected] of [
    [{ initial: "0" }, keepsAffinity ? "0" : own],
    [{ final: "1" }, "1"],
  ] as const) {
    writeFileSync(file, JSON.stringify({ ...command, execCPUAffinity: affinity }));
    assert.equal(
      bundle.oci("exec", "--process", file, bundle.id).stdout,
      `Cpus_allowed_list:\t${expected}\n`,
    );
  }
});

test("a command that does not exist is an error", () => {
  using bundle = running();
  const { code, stderr } = bundle.oci("exec", bundle.id, "nothing-of-the-kind");
  assert.ok(code !== 0 && code !== null);
  assert.match(stderr, /nothing-of-the-kind.*(not found|[Nn]o such file)/);
});

test("exec in a container that has stopped is an error", () => {
  using bundle = running();
  bundle.oci("kill", bundle.id, "KILL");
  while (bundle.stateOf().status !== "stopped");
  const { code } = bundle.oci("exec", bundle.id, "true");
  assert.ok(code !== 0 && code !== null);
});

test("stdin reaches the command", () => {
  using bundle = running();
  assert.equal(bundle.ociWith({ input: "words" }, "exec", bundle.id, "cat").stdout, "words");
});

test("--tty gives the command a terminal of the container's", () => {
  using bundle = running();
  const command = ["exec", "--tty", bundle.id, "sh", "-c", "tty; exit 4"];
  for (const { code, stdout } of [
    bundle.ociAtTerminal("", ...command),
    // Others need a terminal for theirs.
    ...(runtimeName === "brig-oci" ? [bundle.oci(...command)] : []),
  ]) {
    assert.equal(code, 4);
    assert.match(stdout, /\/dev\/pts\/\d+\r\n/);
  }
});

test("a container that is created and not started can be entered", () => {
  using bundle = new Bundle((config) => void (config.process.args = ["sleep", "60"]));
  assert.equal(bundle.background("create", bundle.id).code, 0);
  assert.equal(bundle.oci("exec", bundle.id, "hostname").stdout, "box\n");
});

test("a document without capabilities gets those of the container, and no more", () => {
  using bundle = running();
  const path = join(bundle.path, "process.json");
  const args = ["grep", "CapEff", "/proc/self/status"];
  writeFileSync(path, JSON.stringify({ user: { uid: 0, gid: 0 }, cwd: "/", args, env: ["PATH=/bin"] }));
  const { stdout, stderr } = bundle.oci("exec", "--process", path, bundle.id);
  assert.equal(stdout, "CapEff:\t0000000020000420\n", stderr);
});
