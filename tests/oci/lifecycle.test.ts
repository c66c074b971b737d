/** The operations on a container, in every order that makes sense and some that do not (runtime-spec, runtime.md). */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Bundle, type Draft, notFor, runtime, runtimeName } from "./bundle.ts";
import { ConsoleKeeper } from "./console-keeper.ts";

const sleeper = (config: Draft) => void (config.process.args = ["sleep", "60"]);

test("a container is created, runs, is stopped and is gone", () => {
  using bundle = new Bundle(sleeper);
  assert.equal(bundle.background("create", bundle.id).code, 0);
  const created = bundle.stateOf();
  assert.equal(created.status, "created");
  assert.equal(created.id, bundle.id);
  assert.equal(created.bundle, bundle.path);
  assert.match(created.ociVersion, /^1\./);
  assert.equal(bundle.oci("start", bundle.id).code, 0);
  const running = bundle.stateOf();
  assert.equal(running.status, "running");
  assert.equal(running.pid, created.pid);
  // crun does not wait for the execution.
  waitFor(() => readFileSync(`/proc/${running.pid}/cmdline`, "latin1").startsWith("sleep\0"));
  assert.equal(bundle.oci("kill", bundle.id, "KILL").code, 0);
  waitFor(() => bundle.stateOf().status === "stopped");
  assert.equal(bundle.oci("delete", bundle.id).code, 0);
  assert.notEqual(bundle.oci("state", bundle.id).code, 0);
});

test("create does not run the command, and later changes of config.json do not matter", () => {
  using bundle = new Bundle((config) => void (config.process.args = ["touch", "/ran"]));
  assert.equal(bundle.background("create", bundle.id).code, 0);
  assert.equal(existsSync(join(bundle.rootfs, "ran")), false);
  bundle.write((config) => void (config.process.args = ["touch", "/changed"]));
  assert.equal(bundle.oci("start", bundle.id).code, 0);
  waitFor(() => bundle.stateOf().status === "stopped");
  assert.equal(existsSync(join(bundle.rootfs, "ran")), true);
  assert.equal(existsSync(join(bundle.rootfs, "changed")), false);
});

test("create fails when the command does not exist, cannot be executed or is a directory, and leaves nothing", () => {
  using bundle = new Bundle();
  writeFileSync(join(bundle.rootfs, "plain"), "no program", { mode: 0o644 });
  for (const command of ["nothing-of-the-kind", "/nothing/there", "/plain", "/etc"]) {
    bundle.write((config) => void (config.process.args = [command]));
    const { code } = bundle.background("create", bundle.id);
    assert.equal(code, 1, command);
    assert.match(
      bundle.output(),
      /executable file not found in \$PATH|no such file or directory|[Pp]ermission denied|not executable|not a regular file|is a directory|not found|not permitted/i,
      command,
    );
    assert.equal(existsSync(join(bundle.state, bundle.id)), false, command);
  }
});

test("what makes no sense is an error", () => {
  using bundle = new Bundle(sleeper);
  const wrong: readonly (readonly string[])[] = [
    ["state"],
    ["create"],
    ["start"],
    ["kill"],
    ["delete"],
    ["state", "nobody"],
    ["start", "nobody"],
    ["kill", "nobody"],
    ["delete", "nobody"],
    ["exec", "nobody", "true"],
    ["create", "--bundle", "/nowhere", bundle.id],
    ["create", "bad/id"],
    ["create", ".."],
  ];
  for (const args of wrong) assert.notEqual(bundle.background(...args).code, 0, args.join(" "));
  assert.deepEqual(
    existsSync(bundle.state) ? readdirSync(bundle.state).filter((name) => !name.startsWith(".")) : [],
    [],
  );
});

test("an id that is taken is an error, and the container that has it goes on", () => {
  using bundle = new Bundle(sleeper);
  bundle.start();
  assert.notEqual(bundle.background("create", bundle.id).code, 0);
  assert.match(bundle.output(), /exists/);
  assert.equal(bundle.stateOf().status, "running");
});

test("start takes a created container only", () => {
  using bundle = new Bundle(sleeper);
  bundle.start();
  assert.notEqual(bundle.oci("start", bundle.id).code, 0);
  bundle.oci("kill", bundle.id, "KILL");
  waitFor(() => bundle.stateOf().status === "stopped");
  assert.notEqual(bundle.oci("start", bundle.id).code, 0);
  assert.equal(bundle.stateOf().status, "stopped");
});

test("kill sends the signal of that name or number, SIGTERM without one, to the container's process", () => {
  using bundle = new Bundle((config) => {
    const traps = ["USR1", "TERM", "HUP"].map((name) => `trap 'echo ${name} >>/heard' ${name}`).join("; ");
    config.process.args = ["sh", "-c", `${traps}; touch /ready; while :; do sleep 0.02; done`];
  });
  bundle.start();
  waitFor(() => existsSync(join(bundle.rootfs, "ready")));
  const heard = () =>
    existsSync(join(bundle.rootfs, "heard")) ? readFileSync(join(bundle.rootfs, "heard"), "utf8") : "";
  for (const [signal, expected] of [
    ["USR1", "USR1\n"],
    ["SIGUSR1", "USR1\nUSR1\n"],
    ["1", "USR1\nUSR1\nHUP\n"],
  ] as const) {
    assert.equal(bundle.oci("kill", bundle.id, signal).code, 0);
    waitFor(() => heard() === expected);
  }
  assert.equal(bundle.oci("kill", bundle.id).code, 0);
  waitFor(() => heard().endsWith("TERM\n"));
  if (runtimeName !== "crun") assert.notEqual(bundle.oci("kill", bundle.id, "FROWN").code, 0); // there it is 0
});

test("a stopped container is not killed, a running one not deleted unless forced", () => {
  using bundle = new Bundle(sleeper);
  bundle.start();
  assert.notEqual(bundle.oci("delete", bundle.id).code, 0);
  assert.equal(bundle.stateOf().status, "running");
  bundle.oci("kill", bundle.id, "KILL");
  waitFor(() => bundle.stateOf().status === "stopped");
  assert.notEqual(bundle.oci("kill", bundle.id).code, 0);
  assert.equal(bundle.oci("delete", "--force", bundle.id).code, 0);
});

test("delete --force kills what runs, and is content when there is nothing", () => {
  using bundle = new Bundle(sleeper);
  bundle.start();
  const { pid } = bundle.stateOf();
  assert.equal(bundle.oci("delete", "--force", bundle.id).code, 0);
  assert.ok(hasEnded(pid));
  assert.equal(bundle.oci("delete", "--force", bundle.id).code, 0);
});

test("without a pid namespace, kill --all and delete end every process of the container", () => {
  using bundle = new Bundle((config) => {
    config.process.args = ["sh", "-c", "sleep 61 & sleep 61 & wait"];
    config.linux.namespaces = config.linux.namespaces.filter((n: Draft) => n.type !== "pid");
  });
  bundle.start();
  waitFor(() => JSON.parse(bundle.oci("ps", "--format", "json", bundle.id).stdout).length === 3);
  const pids: number[] = JSON.parse(bundle.oci("ps", "--format", "json", bundle.id).stdout);
  assert.equal(bundle.oci("kill", "--all", bundle.id, "KILL").code, 0);
  waitFor(() => pids.every(hasEnded));
  assert.equal(bundle.oci("delete", "--force", bundle.id).code, 0);
});

test("list shows every container, as a table, as JSON and by ids", {
  skip: notFor({ crun: "has other columns" }),
}, () => {
  using bundle = new Bundle(sleeper);
  bundle.start();
  const { pid } = bundle.stateOf();
  const table = bundle.oci("list").stdout.trim().split("\n");
  assert.match(table[0]!, /^ID +PID +STATUS/);
  assert.match(table[1]!, new RegExp(`^${bundle.id} +${pid} +running +${bundle.path} `));
  const [listed] = JSON.parse(bundle.oci("list", "--format", "json").stdout);
  assert.equal(listed.id, bundle.id);
  assert.equal(listed.pid, pid);
  assert.equal(listed.status, "running");
  assert.equal(bundle.oci("list", "--quiet").stdout, `${bundle.id}\n`);
});

test("pause stops every process until resume, and exec waits for neither", () => {
  using bundle = new Bundle(sleeper);
  bundle.start();
  assert.equal(bundle.oci("pause", bundle.id).code, 0);
  assert.equal(bundle.stateOf().status, "paused");
  assert.notEqual(bundle.oci("resume", "nobody").code, 0);
  assert.equal(bundle.oci("resume", bundle.id).code, 0);
  assert.equal(bundle.stateOf().status, "running");
});

test("exec is refused in a paused container", { skip: notFor({ crun: "waits" }) }, () => {
  using bundle = new Bundle(sleeper);
  bundle.start();
  bundle.oci("pause", bundle.id);
  const { code, stderr } = bundle.oci("exec", bundle.id, "true");
  assert.notEqual(code, 0);
  assert.match(stderr, /paused/);
});

test("a paused container can be killed", () => {
  using bundle = new Bundle(sleeper);
  bundle.start();
  bundle.oci("pause", bundle.id);
  assert.equal(bundle.oci("delete", "--force", bundle.id).code, 0);
  assert.notEqual(bundle.oci("state", bundle.id).code, 0);
});

test("the pid file holds the pid", () => {
  using bundle = new Bundle(sleeper);
  const file = join(bundle.path, "pid");
  assert.equal(bundle.background("create", "--pid-file", file, bundle.id).code, 0);
  assert.equal(readFileSync(file, "utf8"), String(bundle.stateOf().pid));
});

test("an error is in the log, as JSON or text, and on stderr", () => {
  using bundle = new Bundle((config) => void (config.process.args = ["nothing-of-the-kind"]));
  const log = join(bundle.path, "log");
  const { code, stderr } = bundle.oci("--log", log, "--log-format", "json", "run", bundle.id);
  assert.equal(code, 1);
  assert.match(stderr, /nothing-of-the-kind/);
  const entry = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .find(({ level }) => level === "error");
  assert.match(entry.msg, /nothing-of-the-kind/);
  assert.ok(Math.abs(Date.parse(entry.time) - Date.now()) < 60_000, entry.time);
});

test("--preserve-fds passes files on, and nothing beyond them", () => {
  using bundle = new Bundle(
    (config) => void (config.process.args = ["sh", "-c", "cat <&3; ls /proc/self/fd | tr '\\n' ' '"]),
  );
  const note = join(bundle.path, "note");
  writeFileSync(note, "passed on\n");
  const fd = openSync(note, "r");
  const other = openSync(note, "r");
  try {
    const stdout = execFileSync(runtime, ["--root", bundle.state, "run", "--preserve-fds", "1", bundle.id], {
      cwd: bundle.path,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit", fd, other],
    });
    assert.equal(stdout, "passed on\n0 1 2 3 4 ");
  } finally {
    closeSync(fd);
    closeSync(other);
  }
});

test("a terminal's master goes to the console socket, and the command has its other end", async () => {
  using bundle = new Bundle((config) => {
    const look = "tty >/seen; stat -c %t:%T /dev/console >>/seen; test -t 0 && test -t 2 && echo all >>/seen";
    config.process.terminal = true;
    config.process.args = ["sh", "-c", `${look}; sleep 60`];
  });
  const path = join(bundle.path, "console.sock");
  using keeper = await ConsoleKeeper.listen(path);
  const message = keeper.receive();
  assert.equal(bundle.background("create", "--console-socket", path, bundle.id).code, 0, bundle.output());
  assert.equal(typeof (await message), "string"); // runc and brig name the device, crun does not
  assert.equal(bundle.oci("start", bundle.id).code, 0);
  const seen = () => readFileSync(join(bundle.rootfs, "seen"), "utf8");
  waitFor(() => existsSync(join(bundle.rootfs, "seen")) && seen().endsWith("all\n"));
  assert.equal(seen(), "/dev/pts/0\n88:0\nall\n");
});

test("a terminal without a console socket is an error for create, and a console socket without a terminal too", () => {
  using bundle = new Bundle((config) => void (config.process.terminal = true));
  assert.notEqual(bundle.background("create", bundle.id).code, 0);
  bundle.write(sleeper);
  const { code } = bundle.background(
    "create",
    "--console-socket",
    join(bundle.path, "nobody.sock"),
    bundle.id,
  );
  if (runtimeName === "crun") return; // takes no notice
  assert.notEqual(code, 0);
  assert.equal(existsSync(join(bundle.state, bundle.id)), false);
});

test("run relays a terminal of its own: what is typed goes in, what is shown comes out", () => {
  using bundle = new Bundle((config) => {
    config.process.terminal = true;
    config.process.args = ["sh", "-c", "tty; read line; echo got $line; exit 5"];
  });
  for (const { code, stdout } of [
    bundle.ociAtTerminal("some words\n", "run", bundle.id),
    // Others need a terminal for theirs.
    ...(runtimeName === "brig-oci" ? [bundle.ociWith({ input: "some words\n" }, "run", bundle.id)] : []),
  ]) {
    assert.equal(code, 5);
    assert.match(stdout, /\/dev\/pts\/\d+\r\n/);
    assert.match(stdout, /got some words\r\n/);
  }
});

test("signals to a run in the foreground go to the command", async () => {
  using bundle = new Bundle((config) => {
    config.process.args = [
      "sh",
      "-c",
      "trap 'echo heard; exit 9' TERM; echo ready; while :; do sleep 0.02; done",
    ];
  });
  const child = spawn(runtime, ["--root", bundle.state, "run", bundle.id], {
    cwd: bundle.path,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
    if (text === "ready\n") child.kill("SIGTERM");
  });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  assert.equal(code, 9);
  assert.equal(text, "ready\nheard\n");
  assert.equal(existsSync(join(bundle.state, bundle.id)), false);
});

test("run --detach leaves the container running, and run --keep leaves it stopped", {
  skip: notFor({ crun: "has another idea of keep" }),
}, () => {
  using bundle = new Bundle(sleeper);
  assert.equal(bundle.background("run", "--detach", bundle.id).code, 0);
  assert.equal(bundle.stateOf().status, "running");
  using kept = new Bundle();
  assert.equal(kept.run("--keep").code, 0);
  assert.equal(kept.stateOf().status, "stopped");
});

test("spec writes a config.json that runs, and does not write over one", () => {
  using bundle = new Bundle();
  assert.notEqual(bundle.oci("spec").code, 0);
  execFileSync("rm", [join(bundle.path, "config.json")]);
  assert.equal(bundle.oci("spec").code, 0);
  const config = JSON.parse(readFileSync(join(bundle.path, "config.json"), "utf8"));
  config.process.terminal = false;
  config.process.args = ["echo", "as written"];
  writeFileSync(join(bundle.path, "config.json"), JSON.stringify(config));
  assert.equal(bundle.run().stdout, "as written\n");
});

const noFeatures = { crun: { before: "1.9", why: "does not know it" } };

test("features tells hooks, namespaces and mount options", { skip: notFor(noFeatures) }, () => {
  using bundle = new Bundle();
  const features = JSON.parse(bundle.oci("features").stdout);
  for (const word of ["rro", "bind", "nosuid", "rprivate"])
    assert.ok(features.mountOptions.includes(word), word);
  assert.ok(features.hooks.includes("startContainer"));
  assert.ok(features.linux.namespaces.includes("user"));
});

test("what features tells is recognized: versions, namespaces, mount options, seccomp's words", {
  skip: notFor(noFeatures),
}, () => {
  using bundle = new Bundle();
  const { ociVersionMin, ociVersionMax, mountOptions, linux } = JSON.parse(bundle.oci("features").stdout);
  assert.ok(ociVersionMin.localeCompare(ociVersionMax, "en", { numeric: true }) <= 0);
  for (const version of [ociVersionMin, ociVersionMax]) {
    const { code, stderr } = bundle.sh("true", (config) => void (config.ociVersion = version));
    assert.deepEqual([code, stderr], [0, ""], version);
  }
  for (const type of linux.namespaces) {
    const { code, stderr } = bundle.sh("true", (config) => {
      if (config.linux.namespaces.some((n: Draft) => n.type === type)) return;
      config.linux.namespaces.push({ type });
      if (type !== "user") return;
      config.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 65536 }];
      config.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 65536 }];
    });
    assert.equal(code, 0, `${type}: ${stderr}`);
  }
  const own = ["bind", "rbind", "remount", "idmap", "ridmap"];
  // Mandatory locking is MAY, and a file system without it may say so (Linux 5.15); acl is that of the file system.
  const passedOn = ["mand", "nomand", "acl", "noacl"];
  for (const option of mountOptions) {
    if (own.includes(option) || passedOn.includes(option)) continue;
    if (runtimeName === "runc" && option === "defaults") continue; // the file system gets it
    const { code, stderr } = bundle.sh("true", (config) => {
      config.mounts.push({ destination: "/t", type: "tmpfs", source: "tmpfs", options: [option] });
    });
    assert.equal(code, 0, `${option}: ${stderr}`);
  }
  const { actions, operators, archs } = linux.seccomp;
  const { code, stderr } = bundle.sh("true", (config) => {
    config.linux.seccomp = {
      defaultAction: "SCMP_ACT_ALLOW",
      // Others tell more than the library at hand knows.
      architectures: runtimeName === "brig-oci" ? archs : ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
      syscalls: [
        ...actions
          .filter((action: string) => !["SCMP_ACT_ALLOW", "SCMP_ACT_NOTIFY"].includes(action))
          .map((action: string) => ({
            names: ["acct"],
            action,
            args: [{ index: 0, value: 77, op: "SCMP_CMP_EQ" }],
          })),
        ...operators.map((op: string) => ({
          names: ["acct"],
          action: "SCMP_ACT_LOG",
          args: [{ index: 0, value: 1, valueTwo: 1, op }],
        })),
      ].slice(0, runtimeName === "brig-oci" ? undefined : 1), // libseccomp takes no two actions for the same arguments
    };
  });
  assert.equal(code, 0, stderr);
});

/** A zombie whose parent does not care has ended too. */
function hasEnded(pid: number): boolean {
  return !existsSync(`/proc/${pid}/stat`) || /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

/** Fails after five seconds. */
function waitFor(holds: () => boolean): void {
  const deadline = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${holds}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}
