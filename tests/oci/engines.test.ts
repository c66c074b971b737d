/**
 * Docker and Podman with brig as their runtime: what a user sees is what the same command shows with Docker's runc and
 * Podman's crun. Only ids, times and the wording of errors may differ.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { busyboxArchive } from "../fixtures/images.ts";
import { type Isolation, isolate, type Peer, podman, startDocker } from "../fixtures/peers.ts";
import { runtime } from "./bundle.ts";

interface Seen {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function call(peer: Peer, words: readonly string[], input?: string): Seen {
  const [program, ...args] = [...peer.command, ...words];
  const { status, stdout, stderr } = spawnSync(program!, args, {
    encoding: "utf8",
    timeout: 120_000,
    ...(input === undefined ? { stdio: ["ignore", "pipe", "pipe"] } : { input }),
  });
  return { code: status, stdout, stderr };
}

/** Flags of `run`, and the command; the image stands between them. */
const runs: readonly (readonly [title: string, flags: readonly string[], command: readonly string[]])[] = [
  ["output and exit code", [], ["sh", "-c", "echo out; echo err >&2; exit 3"]],
  ["environment", ["-e", "COLOUR=blue"], ["sh", "-c", "env | grep -v HOSTNAME= | sort"]],
  ["capabilities and filter", [], ["grep", "-E", "^(Cap|NoNewPrivs|Seccomp):", "/proc/self/status"]],
  [
    "dropped capabilities",
    ["--cap-drop", "ALL", "--cap-add", "CHOWN"],
    ["grep", "^Cap", "/proc/self/status"],
  ],
  ["no new privileges", ["--security-opt", "no-new-privileges"], ["grep", "NoNewPrivs", "/proc/self/status"]],
  ["no filter", ["--security-opt", "seccomp=unconfined"], ["grep", "^Seccomp:", "/proc/self/status"]],
  ["user", ["-u", "1000:1001"], ["sh", "-c", "id; echo x >/dev/stdout"]],
  ["directory", ["-w", "/made/here"], ["pwd"]],
  [
    "devices",
    [],
    ["sh", "-c", "cd /dev; for f in $(ls | grep -v core); do stat -c '%n %F %t:%T %a' $f; done"],
  ],
  [
    "mounts",
    [],
    [
      "sh",
      "-c", // Of masks and of the folder above v1's hierarchies each runtime has other options.
      "awk '{ print $5, substr($6, 1, 2) }' /proc/self/mountinfo | grep -Ev '^/(proc/(acpi|keys|timer_list)|sys/fs/cgroup)[/ ]' | sort",
    ],
  ],
  [
    "read-only root and tmpfs",
    ["--read-only", "--tmpfs", "/scratch:size=1m"],
    [
      "sh",
      "-c",
      "touch /scratch/a && ls /scratch; touch /a; df -k /scratch | tail -1 | tr -s ' ' | cut -d' ' -f2",
    ],
  ],
  [
    "limits of the process",
    ["--ulimit", "nofile=77:88", "--ulimit", "nproc=1024:1024"],
    ["sh", "-c", "ulimit -n; ulimit -Hn"],
  ],
  ["sysctl", ["--sysctl", "net.ipv4.ip_forward=1"], ["cat", "/proc/sys/net/ipv4/ip_forward"]],
  ["host name", ["--hostname", "ship"], ["hostname"]],
  ["host's namespaces", ["--pid", "host", "--ipc", "host"], ["sh", "-c", "test $$ -gt 1 && echo many"]],
  [
    "privileged",
    ["--privileged"],
    ["sh", "-c", "ls /dev | grep -Ev '^(console|core)$' | wc -l; grep ^Cap /proc/self/status"],
  ],
  [
    "shared memory",
    ["--shm-size", "1m"],
    ["sh", "-c", "df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2"],
  ],
  ["a missing command", [], ["nothing-of-the-kind"]],
  ["a missing path", [], ["/nothing/of/the/kind"]],
  ["a directory as command", [], ["/etc"]],
  ["a signal's end", [], ["sh", "-c", "sh -c 'kill -9 $$'; echo $?"]],
  [
    "masked paths",
    [],
    ["sh", "-c", "wc -c </proc/keys; ls /sys/firmware | wc -l; echo 1 >/proc/sys/kernel/panic"],
  ],
];

/** Words for the shell in the container: limits as either version of cgroups has them. */
const limits =
  "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory.max pids/pids.max pids.max 2>/dev/null";

interface Engine {
  readonly name: string;
  readonly start: (isolation: Isolation) => Promise<Peer>;
  /** What its users have, and brig. */
  readonly runtimes: readonly [own: string, brig: string];
  /** What this engine cannot do here with either runtime. */
  readonly without: readonly string[];
}

const engines: readonly Engine[] = [
  {
    name: "Docker",
    start: (isolation) => startDocker(isolation, { runtimes: { brig: runtime } }),
    runtimes: ["runc", "brig"],
    // runc 1.1 fails where the caller lacks a capability.
    without: ["privileged"],
  },
  {
    name: "Podman",
    start: async (isolation) => podman(isolation),
    runtimes: ["crun", runtime],
    without: [],
  },
];

for (const engine of engines) {
  describe(`${engine.name} with brig as its runtime`, () => {
    let isolation: Isolation;
    let peer: Peer;
    let common: readonly string[];
    const [own, brig] = engine.runtimes;

    before(async () => {
      isolation = await isolate();
      peer = await engine.start(isolation);
      common = ["--cgroup-parent", isolation.cgroup, "--network", "none"];
      assert.equal(call(peer, ["load", "--input", busyboxArchive()]).code, 0);
    });
    after(async () => {
      await isolation[Symbol.asyncDispose]();
    });

    /** Podman takes the runtime before its command's name, Docker after it. */
    const start = (verb: string, runtime: string, flags: readonly string[], command: readonly string[]) =>
      engine.name === "Podman"
        ? ["--runtime", runtime, verb, ...common, ...flags, "busybox", ...command]
        : [verb, "--runtime", runtime, ...common, ...flags, "busybox", ...command];
    const later = (runtime: string, ...words: readonly string[]) =>
      call(peer, engine.name === "Podman" ? ["--runtime", runtime, ...words] : words);

    for (const [title, flags, command] of runs.filter(([title]) => !engine.without.includes(title))) {
      test(`run shows the same ${title}`, () => {
        const [theirs, ours] = [own, brig].map((name) =>
          call(peer, start("run", name, ["--rm", ...flags], command)),
        );
        assert.deepEqual(
          { code: ours!.code, stdout: ours!.stdout },
          { code: theirs!.code, stdout: theirs!.stdout },
          ours!.stderr + theirs!.stderr,
        );
      });
    }

    test("a container in the background can be listed, entered, limited, paused, signalled, stopped and removed", () => {
      const seen = [own, brig].map((name, i) => {
        const box = `box${i}`;
        const tell = (...words: readonly string[]) => {
          const { code, stdout } = later(name, ...words);
          return { code, stdout: stdout.replaceAll(box, "box") };
        };
        const flags = ["-d", "--name", box, "-m", "64m", "--pids-limit", "30"];
        const script = "trap 'exit 5' TERM; while :; do sleep 0.05; done";
        const { code, stderr } = call(peer, start("run", name, flags, ["sh", "-c", script]));
        assert.equal(code, 0, stderr);
        return [
          tell("exec", box, "sh", "-c", limits),
          tell("exec", "-u", "7", box, "id", "-u"),
          tell("exec", box, "sh", "-c", "exit 4"),
          tell("exec", "-t", box, "tty"),
          tell("exec", box, "nothing-of-the-kind").code,
          tell("pause", box),
          tell("ps", "-a", "--filter", `name=${box}`, "--format", "{{.Status}}").stdout.includes("aused"),
          tell("unpause", box),
          tell("stop", box),
          tell("inspect", "--format", "{{.State.ExitCode}}", box),
          tell("start", box),
          tell("kill", "--signal", "KILL", box),
          tell("wait", box),
          tell("rm", "--force", box),
        ];
      });
      assert.deepEqual(seen[1], seen[0]);
    });

    test("a terminal works: size, input, exit code", () => {
      const seen = [own, brig].map((name) => {
        const words = [
          ...peer.command,
          ...start("run", name, ["--rm", "-it"], ["sh", "-c", "'tty; read line; echo got $line; exit 6'"]),
        ];
        const { status, stdout } = spawnSync("script", ["-qec", words.join(" "), "/dev/null"], {
          encoding: "utf8",
          input: "some words\n",
          timeout: 60_000,
        });
        return { status, got: /got some words/.test(stdout), tty: /\/dev\/pts\/0/.test(stdout) };
      });
      assert.deepEqual(seen[1], seen[0]);
      assert.deepEqual(seen[1], { status: 6, got: true, tty: true });
    });

    test("input is passed on to its end", () => {
      const { code, stdout } = call(
        peer,
        start("run", brig, ["--rm", "-i"], ["wc", "-c"]),
        "x".repeat(1_000_000),
      );
      assert.deepEqual([code, stdout.trim()], [0, "1000000"]);
    });

    test("twenty in a row leave nothing of the runtime's", () => {
      for (let i = 0; i < 20; i++) {
        const { code, stdout, stderr } = call(peer, start("run", brig, ["--rm"], ["echo", String(i)]));
        assert.deepEqual([code, stdout], [0, `${i}\n`], stderr);
      }
    });
  });
}
