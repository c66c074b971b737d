/** The system call filter (runtime-spec, config-linux.md#seccomp), felt from inside. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { Bundle, type Draft, notFor, runtime } from "./bundle.ts";

const filter = (...syscalls: Draft[]) => ({
  defaultAction: "SCMP_ACT_ALLOW",
  architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
  syscalls,
});

test("an errno action answers with its errno, EPERM where it has none", () => {
  using bundle = new Bundle();
  const { stderr } = bundle.sh("mkdir /a; chmod 700 /tmp", ({ linux }) => {
    linux.seccomp = filter(
      { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 },
      { names: ["chmod", "fchmodat"], action: "SCMP_ACT_ERRNO" },
    );
  });
  assert.match(stderr, /mkdir: .*No space left on device/);
  assert.match(stderr, /chmod: .*Operation not permitted/);
});

test("a kill action ends the process with SIGSYS", () => {
  using bundle = new Bundle();
  const { stdout } = bundle.sh("mkdir /a; echo $?", ({ linux }) => {
    linux.seccomp = filter({ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_KILL_PROCESS" });
  });
  assert.equal(stdout.trim().split("\n").at(-1), "159");
});

test("conditions look at the arguments", () => {
  using bundle = new Bundle();
  const { stdout, stderr } = bundle.sh("kill -0 $$ && echo zero; kill -CONT $$ && echo cont", ({ linux }) => {
    linux.seccomp = filter({
      names: ["kill"],
      action: "SCMP_ACT_ERRNO",
      args: [{ index: 1, value: 18, op: "SCMP_CMP_EQ" }],
    });
  });
  assert.equal(stdout, "zero\n");
  assert.match(stderr, /Operation not permitted/);
});

test("the filter is there with and without noNewPrivileges, and for commands executed later", () => {
  for (const noNewPrivileges of [true, false]) {
    using bundle = new Bundle((config) => {
      config.process.args = ["sleep", "60"];
      config.process.noNewPrivileges = noNewPrivileges;
      config.linux.seccomp = filter({ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" });
    });
    bundle.start();
    const { code, stdout } = bundle.oci(
      "exec",
      bundle.id,
      "sh",
      "-c",
      "grep Seccomp: /proc/1/status; mkdir /a",
    );
    assert.match(stdout, /\t2\n/);
    assert.notEqual(code, 0);
  }
});

test("an errno for an action that takes none is an error", {
  skip: notFor({ runc: "does not look" }),
}, () => {
  using bundle = new Bundle();
  for (const profile of [
    filter({ names: ["mkdir"], action: "SCMP_ACT_KILL", errnoRet: 1 }),
    filter({ names: ["mkdir"], action: "SCMP_ACT_ALLOW", errnoRet: 1 }),
    { defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 1 },
  ])
    assert.notEqual(bundle.sh("true", ({ linux }) => void (linux.seccomp = profile)).code, 0);
});

test("a rule without a name is an error", {
  skip: notFor({ runc: "passes it over", crun: "passes it over" }),
}, () => {
  using bundle = new Bundle(({ linux }) => {
    linux.seccomp = filter({ names: [], action: "SCMP_ACT_ERRNO" });
  });
  const { code, stderr } = bundle.run();
  assert.notEqual(code, 0);
  assert.match(stderr, /names/);
});

test("an unknown action is an error, an unknown call is passed over", () => {
  using bundle = new Bundle();
  assert.notEqual(
    bundle.sh(
      "true",
      ({ linux }) => void (linux.seccomp = filter({ names: ["mkdir"], action: "SCMP_ACT_FROWN" })),
    ).code,
    0,
  );
  assert.equal(
    bundle.sh(
      "true",
      ({ linux }) => void (linux.seccomp = filter({ names: ["frown"], action: "SCMP_ACT_ERRNO" })),
    ).code,
    0,
  );
});

test("a seccomp agent is told whose listener it gets, once, on a connection of its own", async () => {
  using bundle = new Bundle();
  const path = join(bundle.path, "agent.sock");
  bundle.write((config) => {
    config.process.args = ["mkdir", "/a"];
    config.annotations = { "org.example.colour": "blue" };
    config.linux.seccomp = {
      ...filter({ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY" }),
      listenerPath: path,
      listenerMetadata: "what I asked for",
    };
  });
  const messages: string[] = [];
  // Nobody holds the listener that came with the message, so the kernel answers ENOSYS in the agent's place.
  const agent = createServer((socket) => socket.on("data", (text) => void messages.push(String(text))));
  await new Promise<void>((resolve) => agent.listen(path, resolve));
  try {
    const stderr = await new Promise<string>((resolve) => {
      const child = spawn(runtime, ["--root", bundle.state, "run", bundle.id], {
        cwd: bundle.path,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let text = "";
      child.stderr.on("data", (chunk) => void (text += chunk));
      child.on("close", () => resolve(text));
    });
    assert.match(stderr, /Function not implemented/);
    const state = JSON.parse(messages.join(""));
    assert.equal(messages.length, 1);
    assert.deepEqual(state.fds, ["seccompFd"]);
    assert.equal(state.metadata, "what I asked for");
    assert.equal(state.pid, state.state.pid);
    assert.ok(state.pid > 0);
    assert.equal(state.state.id, bundle.id);
    assert.equal(state.state.status, "creating");
    assert.equal(state.state.annotations["org.example.colour"], "blue");
  } finally {
    agent.close();
    rmSync(path, { force: true });
  }
});

test("an agent that does not listen is an error", () => {
  using bundle = new Bundle(({ linux }) => {
    linux.seccomp = {
      ...filter({ names: ["mkdir"], action: "SCMP_ACT_NOTIFY" }),
      listenerPath: "/nowhere.sock",
    };
  });
  assert.notEqual(bundle.run().code, 0);
});
