/**
 * `--runtime`: containers that runc or crun makes have what all of brig's have, and leave as little behind.
 *
 * crun refuses a hybrid cgroup layout with controllers in the v2 tree; brig hides that tree from it, so it runs here.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { accessSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { image, ownBrig, until } from "../cli/brig.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";

const { brig, brigWith, start, about, root, environment, executable, end } = ownBrig();
let host: HostState;

before(async () => {
  host = hostState({ about });
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
});
after(end);

function installed(name: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => {
    try {
      accessSync(join(folder, name));
      return true;
    } catch {
      return false;
    }
  });
}

/** Command in the container, exit code, first line on stderr. */
const ends: readonly (readonly [readonly string[], number, string])[] = [
  [["true"], 0, ""],
  [["sh", "-c", "exit 42"], 42, ""],
  [["sh", "-c", "kill -9 $$; sleep 1; exit 1"], 1, ""],
  [["no-such-program"], 127, 'brig: cannot execute "no-such-program": executable file not found in $PATH'],
  [["/no/such/program"], 127, 'brig: cannot execute "/no/such/program": no such file or directory'],
];

for (const name of ["runc", "crun"]) {
  const run = (...args: readonly string[]) => brig("run", "--rm", "--runtime", name, ...args);

  describe(`a container of ${name}`, { skip: !installed(name) && `${name} is not installed` }, () => {
    after(async () => {
      await brig("system", "release");
      await assertSameHost(host, { about });
    });

    test("has the exit code of its program, or says why there was none", async () => {
      for (const [command, code, message] of ends) {
        const ended = await run(image, ...command);
        assert.deepEqual([ended.code, ended.stderr.split("\n")[0]], [code, message], command.join(" "));
      }
      assert.equal((await run(image, "/etc")).code, 126);
    });

    test("writes to the caller's streams and reads from his", async () => {
      const wrote = await run(image, "sh", "-c", "echo out; echo err >&2");
      assert.deepEqual([wrote.stdout, wrote.stderr], ["out\n", "err\n"]);
      const echoed = await brigWith("in\n", "run", "--rm", "-i", "--runtime", name, image, "cat");
      assert.equal(echoed.stdout, "in\n");
    });

    test("is made by that runtime, which keeps its state where nothing of it stays", async () => {
      await brig("run", "-d", "--name", "made", "--runtime", name, image, "sleep", "100");
      const path = (await brig("inspect", "-f", "{{.HostConfig.Runtime}}", "made")).stdout.trim();
      assert.match(path, new RegExp(`^/.*/${name}$`));
      const id = (await brig("inspect", "-f", "{{.Id}}", "made")).stdout.trim();
      const state = join(root, "run/c", id.slice(0, 16), "state");
      assert.match(execFileSync(path, ["--root", state, "list"], { encoding: "utf8" }), new RegExp(id));
      assert.deepEqual(
        readFileSync("/proc/self/mountinfo", "utf8")
          .split("\n")
          .filter((line) => line.includes(root)),
        [],
      );
      await brig("rm", "-f", "made");
    });

    test("is limited, by a cgroup that is removed with it", async () => {
      const files = "/sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max";
      const limited = await run("--memory", "32m", image, "sh", "-c", `cat ${files} 2>/dev/null`);
      assert.equal(limited.stdout, "33554432\n");
      const full = await run(
        "--memory",
        "16m",
        image,
        "sh",
        "-c",
        "dd if=/dev/zero of=/dev/null bs=64M count=1",
      );
      assert.equal(full.code, 137);
    });

    test("has brig's user, mounts, hosts and network settings", async () => {
      const shown = await run(
        ...["--user", "nobody", "--tmpfs", "/t", "-v", "kept:/kept:ro", "--hostname", "named", image],
        ...[
          "sh",
          "-c",
          "id -u; hostname; grep -c named /etc/hosts; touch /t/x && echo t; touch /kept/x || echo ro",
        ],
      );
      assert.deepEqual(shown.stdout.split("\n"), ["65534", "named", "1", "t", "ro", ""]);
      const ports = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
      assert.equal((await run(image, "cat", ports)).stdout, "0\n");
      assert.equal((await run("--network", "none", image, "ls", "/sys/class/net")).stdout, "lo\n");
    });

    test("is a row like all others: published, logged, executed in, stopped, started again, removed", async () => {
      const script =
        "echo up; trap 'echo bye; exit 3' TERM; echo page | nc -l -p 80 & while :; do sleep 0.05; done";
      const made = await brig(
        ...[
          "run",
          "-d",
          "--name",
          "web",
          "--runtime",
          name,
          "-p",
          "127.0.0.1::80",
          image,
          "sh",
          "-c",
          script,
        ],
      );
      assert.equal(made.code, 0, made.stderr);
      await until(async () => (await brig("logs", "web")).stdout === "up\n", "it is up");
      const port = (await brig("ps", "--format", "{{.Ports}}")).stdout.match(/:(\d+)->/)![1];
      assert.equal(await answerOf(Number(port)), "page\n");

      const done = await brig(
        "exec",
        "-u",
        "12:13",
        "-w",
        "/etc",
        "-e",
        "A=b",
        "web",
        "sh",
        "-c",
        "id; pwd; echo $A; exit 5",
      );
      assert.deepEqual([done.code, done.stdout], [5, "uid=12 gid=13 groups=13\n/etc\nb\n"]);
      assert.equal((await brigWith("through\n", "exec", "-i", "web", "cat")).stdout, "through\n");
      const missing = await brig("exec", "web", "no-such-program");
      assert.equal(missing.code, 127);

      await brig("stop", "web");
      assert.equal(
        (await brig("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "web")).stdout,
        "exited 3\n",
      );
      assert.equal((await brig("logs", "web")).stdout, "up\nbye\n");
      const again = await brig("start", "web");
      assert.equal(again.code, 0, again.stderr);
      const removed = await brig("rm", "-f", "web");
      assert.equal(removed.code, 0, removed.stderr);
    });

    test("gets the signals that its brig gets", async () => {
      const child = start(
        "run",
        "--rm",
        "--runtime",
        name,
        image,
        "sh",
        "-c",
        "trap 'exit 9' INT; echo on; while :; do sleep 0.05; done",
      );
      await new Promise((resolve) => child.stdout.once("data", resolve));
      child.kill("SIGINT");
      assert.equal(await new Promise((resolve) => child.on("close", resolve)), 9);
    });

    test("ends when its shim is killed", async () => {
      await brig("run", "-d", "--name", "lost", "--runtime", name, image, "sleep", "4321");
      const pid = (await brig("inspect", "-f", "{{.State.Pid}}", "lost")).stdout.trim();
      const shim = readFileSync(`/proc/${pid}/status`, "utf8").match(/^PPid:\t(\d+)/m)![1];
      process.kill(Number(shim), "SIGKILL");
      await until(() => !alive(pid), "the container has ended");
      assert.equal((await brig("inspect", "-f", "{{.State.ExitCode}}", "lost")).stdout, "137\n");
      await brig("rm", "lost");
    });

    test("has a terminal, and so has what is executed in it", async () => {
      const tmux = (...args: readonly string[]) =>
        execFileSync("tmux", ["-S", join(root, `tmux-${name}`), "-f", "/dev/null", ...args], {
          encoding: "utf8",
          env: environment,
        });
      const screen = () => tmux("capture-pane", "-p", "-S", "-200");
      const seen = (pattern: RegExp) =>
        until(
          () => pattern.test(screen()),
          () => `${pattern} is on\n${screen()}`,
        );
      const type = (line: string) => tmux("send-keys", line, "Enter");
      tmux("new-session", "-d", "-x", "90", "-y", "30", `env PS1='host> ' brig=${executable} bash --norc`);
      try {
        await seen(/^host>/m);
        type(`$brig run -it --rm --name shell --runtime ${name} ${image} sh`);
        await seen(/^\/ #/m);
        type("echo $TERM $(stty size)");
        await seen(/^xterm 30 90$/m);
        tmux("resize-window", "-x", "80", "-y", "24");
        type("clear; sleep 0.3; stty size");
        await seen(/^24 80$/m);
        tmux("send-keys", "C-p", "C-q");
        await seen(/read escape sequence\nhost>/);
        // As with Docker, the size of a terminal comes a moment after the command that runs on it.
        type("clear; $brig exec -it shell sh -c 'tty; sleep 0.5; stty size; exit 4'; echo code $?");
        await seen(/^\/dev\/pts\/\d+\n24 80\ncode 4$/m);
      } finally {
        tmux("kill-server");
        await brig("rm", "-f", "shell");
      }
    });
  });
}

test("a runtime that is not there is refused as Docker refuses it", async () => {
  for (const name of ["no-such-runtime", "/etc", "/no/such/path"]) {
    const refused = await brig("run", "--runtime", name, image, "true");
    assert.deepEqual(
      [refused.code, refused.stderr.split("\n")[0]],
      [125, `brig: unknown or invalid runtime name: ${name}`],
    );
  }
});

test("--runtime brig is the built-in one", async () => {
  const built = await brig("create", "--name", "own", "--runtime", "brig", image, "true");
  assert.equal(built.code, 0, built.stderr);
  assert.equal((await brig("inspect", "-f", "{{.HostConfig.Runtime}}", "own")).stdout, "brig\n");
  await brig("rm", "own");
});

test("--isolation sandbox without gVisor says what is missing", {
  skip: installed("runsc") && "it is here",
}, async () => {
  const refused = await brig("run", "--isolation", "sandbox", image, "true");
  assert.deepEqual(
    [refused.code, refused.stderr.split("\n")[0]],
    [125, "brig: unknown or invalid runtime name: runsc; the sandbox is gVisor: install its runsc"],
  );
});

test("--isolation sandbox runs on a kernel of its own", {
  skip: !installed("runsc") && "runsc is not installed",
}, async () => {
  const sandbox = await brig("run", "--rm", "--network", "none", "--isolation", "sandbox", image, "dmesg");
  assert.match(sandbox.stdout, /Starting gVisor/);
  await brig(
    "run",
    "-d",
    "--name",
    "box",
    "--network",
    "none",
    "--isolation",
    "sandbox",
    image,
    ...["sh", "-c", "trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done"],
  );
  await until(async () => (await brig("logs", "box")).stdout === "up\n", "it is up");
  assert.equal((await brig("exec", "box", "sh", "-c", "exit 6")).code, 6);
  await brig("stop", "box");
  assert.equal((await brig("inspect", "-f", "{{.State.ExitCode}}", "box")).stdout, "3\n");
  assert.equal((await brig("rm", "-f", "box")).code, 0);
  await brig("system", "release");
  await assertSameHost(host, { about });
});

function answerOf(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    connect(port, "127.0.0.1")
      .on("error", reject)
      .on("data", (bytes) => (text += bytes))
      .on("close", () => resolve(text));
  });
}

function alive(pid: string): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
