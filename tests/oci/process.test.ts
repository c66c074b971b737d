/** What the container's process is (runtime-spec, config.md#process), looked at from inside. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Bundle, type Draft, notFor } from "./bundle.ts";

/** stdout of a script in a container, which must succeed. */
function inside(script: string, change?: (config: Draft) => void): string {
  using bundle = new Bundle();
  const { code, stdout, stderr } = bundle.sh(script, change);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

test("the command gets its arguments, its environment and its directory, and run ends with its exit code", () => {
  using bundle = new Bundle((config) => {
    config.process.args = ["sh", "-c", 'echo "$0 $1 $COLOUR $(pwd)"; exit 7', "zero", "one two"];
    config.process.env.push("COLOUR=blue");
    config.process.cwd = "/usr";
  });
  assert.deepEqual(bundle.run(), { code: 7, stdout: "zero one two blue /usr\n", stderr: "" });
});

test("a command that a signal ends gives 128 and the signal's number", () => {
  using bundle = new Bundle();
  assert.equal(bundle.sh("kill -9 $$").code, 0, "process 1 of a pid namespace does not hear itself");
  const { code } = bundle.sh("kill -9 $$", (config) => {
    config.linux.namespaces = config.linux.namespaces.filter((n: Draft) => n.type !== "pid");
  });
  assert.equal(code, 137);
});

test("stdin, stdout and stderr are the caller's", () => {
  using bundle = new Bundle((config) => {
    config.process.args = ["sh", "-c", "cat; echo error >&2"];
  });
  assert.deepEqual(bundle.ociWith({ input: "in and out\n" }, "run", bundle.id), {
    code: 0,
    stdout: "in and out\n",
    stderr: "error\n",
  });
});

test("only stdin, stdout and stderr are open", () => {
  assert.equal(inside("ls /proc/self/fd"), "0\n1\n2\n3", "3 is the one that ls has open");
});

test("user, group, further groups and umask are those of the config", () => {
  const seen = inside("id -u; id -g; id -G; umask", (config) => {
    config.process.user = { uid: 1000, gid: 1001, additionalGids: [5, 7], umask: 0o027 };
  });
  assert.equal(seen, "1000\n1001\n1001 5 7\n0027");
});

test("without a umask the command has the caller's", {
  skip: notFor({ runc: "always takes 0022", crun: "always takes 0022" }),
}, () => {
  using bundle = new Bundle((config) => void (config.process.args = ["sh", "-c", "umask"]));
  const before = process.umask(0o037);
  try {
    assert.equal(bundle.run().stdout, "0037\n");
  } finally {
    process.umask(before);
  }
});

test("HOME comes from the container's passwd file where the config gives none", () => {
  using bundle = new Bundle();
  const { stdout } = bundle.sh("echo $HOME");
  assert.equal(stdout, "/root\n");
});

test("a working directory that does not exist is made", () => {
  assert.equal(
    inside("pwd", (config) => void (config.process.cwd = "/made/for/it")),
    "/made/for/it",
  );
});

test("the capability sets are those of the config", () => {
  const sets = inside("grep Cap /proc/self/status", ({ process: p }) => {
    p.user.uid = 1000;
    p.capabilities = {
      bounding: ["CAP_CHOWN", "CAP_KILL"],
      permitted: ["CAP_CHOWN", "CAP_KILL"],
      inheritable: ["CAP_CHOWN"],
      effective: ["CAP_CHOWN"],
      ambient: ["CAP_CHOWN"],
    };
  });
  // execve(2): what is ambient stays, the rest of a user who is not root goes.
  assert.deepEqual(sets.match(/[0-9a-f]{16}/g), [
    "0000000000000001",
    "0000000000000001",
    "0000000000000001",
    "0000000000000021",
    "0000000000000001",
  ]);
});

test("a capability that is unknown or cannot be granted does not make the container fail", () => {
  using bundle = new Bundle();
  const { code, stdout } = bundle.sh("echo runs", ({ process: p }) => {
    p.capabilities.bounding = ["CAP_KILL", "CAP_OF_TOMORROW"];
  });
  assert.equal(code, 0);
  assert.match(stdout, /runs/);
});

test("no capabilities field leaves none", {
  skip: notFor({ runc: { since: "1.3", why: "leaves those that it has itself" } }),
}, () => {
  const none = inside("grep CapEff /proc/self/status", (config) => void delete config.process.capabilities);
  assert.match(none, /\t0{16}$/);
});

test("an empty capabilities field leaves none", () => {
  assert.match(
    inside("grep CapEff /proc/self/status", ({ process: p }) => void (p.capabilities = {})),
    /\t0{16}$/,
  );
});

test("noNewPrivileges is as the config says", () => {
  for (const value of [true, false]) {
    const seen = inside(
      "grep NoNewPrivs /proc/self/status",
      ({ process: p }) => void (p.noNewPrivileges = value),
    );
    assert.match(seen, value ? /\t1$/ : /\t0$/);
  }
});

test("each rlimit is what the config says", () => {
  const limits = inside("cat /proc/self/limits", ({ process: p }) => {
    p.rlimits = [
      { type: "RLIMIT_NOFILE", soft: 100, hard: 200 },
      { type: "RLIMIT_CORE", soft: 0, hard: 0 },
      { type: "RLIMIT_CPU", soft: 600, hard: 700 },
      { type: "RLIMIT_STACK", soft: 4194304, hard: 8388608 },
    ];
  });
  assert.match(limits, /Max open files +100 +200/);
  assert.match(limits, /Max core file size +0 +0/);
  assert.match(limits, /Max cpu time +600 +700/);
  assert.match(limits, /Max stack size +4194304 +8388608/);
});

test("a limit that cannot be set is an error", () => {
  using bundle = new Bundle(({ process: p }) => {
    p.rlimits = [{ type: "RLIMIT_NOFILE", soft: 2 ** 40, hard: 2 ** 40 }]; // above fs.nr_open
  });
  const { code, stderr } = bundle.run();
  assert.notEqual(code, 0);
  assert.match(stderr, /rlimit/i);
});

test("the OOM score is that of the config, and that of the caller where it gives none", () => {
  assert.equal(
    inside("cat /proc/self/oom_score_adj", ({ process: p }) => void (p.oomScoreAdj = 321)),
    "321",
  );
  assert.equal(
    inside("cat /proc/self/oom_score_adj"),
    readFileSync("/proc/self/oom_score_adj", "utf8").trim(),
  );
});

test("the scheduler and the I/O priority are those of the config", {
  skip: notFor({ runc: { before: "1.3", why: "knows neither" }, crun: "knows no I/O priority" }),
}, () => {
  using bundle = new Bundle(({ process: p, linux }) => {
    p.args = ["sleep", "60"];
    p.scheduler = { policy: "SCHED_BATCH", nice: 5 };
    p.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 6 };
    linux.resources = {};
  });
  bundle.start();
  const { pid } = bundle.stateOf();
  assert.equal(
    execFileSync("chrt", ["-p", `${pid}`], { encoding: "utf8" }).match(/SCHED_\w+/)?.[0],
    "SCHED_BATCH",
  );
  assert.equal(execFileSync("ionice", ["-p", `${pid}`], { encoding: "utf8" }), "best-effort: prio 6\n");
  assert.equal(readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[18], "5");
});

test("execCPUAffinity is not that of the container's first process", () => {
  const look = "grep Cpus_allowed_list /proc/self/status";
  assert.equal(
    inside(look, ({ process: p }) => void (p.execCPUAffinity = { initial: "0", final: "0" })),
    inside(look),
  );
});

test("personality LINUX32 makes uname say so", {
  skip: notFor({ runc: { before: "1.3", why: "does not know it" } }),
}, () => {
  assert.equal(
    inside("uname -m", ({ linux }) => void (linux.personality = { domain: "LINUX32" })),
    "i686",
  );
});

test("the memory policy is that of the config", {
  skip: notFor({ runc: { before: "1.4", why: "does not know it" }, crun: "does not know it" }),
}, () => {
  const seen = inside("cat /proc/self/numa_maps | head -1", ({ linux }) => {
    linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "0" };
  });
  if (seen !== "") assert.match(seen, /bind:0/); // a kernel without NUMA has no such file
});

test("a host key is not seen: the session keyring is a new one", () => {
  using bundle = new Bundle();
  const { code } = bundle.sh("true");
  assert.equal(code, 0);
});
