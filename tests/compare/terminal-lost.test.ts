/**
 * A terminal that goes away while a container is on it: the window is closed, the connection breaks. The kernel then
 * hangs up on the command, which gets SIGHUP and the end of its terminal. What becomes of the container is what becomes
 * of it with Debian's docker.
 */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { image, ownBrig, until } from "../cli/brig.ts";
import { busyboxArchive } from "../fixtures/images.ts";
import { type Isolation, isolate, startDocker } from "../fixtures/peers.ts";

const { root, executable, environment, end } = ownBrig();
const socket = join(root, "tmux");
let isolation: Isolation;
let engines: readonly {
  readonly side: string;
  readonly command: readonly string[];
  readonly image: string;
}[];

before(async () => {
  isolation = await isolate();
  const docker = (await startDocker(isolation)).command;
  execFileSync(docker[0]!, [...docker.slice(1), "load", "-i", busyboxArchive()]);
  execFileSync(executable, ["run", "--rm", image, "true"], { env: environment });
  engines = [
    { side: "brig", command: [executable], image },
    { side: "docker", command: docker, image: "busybox" },
  ];
});
after(async () => {
  tmux("kill-server");
  end();
  await isolation?.[Symbol.asyncDispose]();
});

const tmux = (...args: readonly string[]) =>
  spawnSync("tmux", ["-S", socket, "-f", "/dev/null", ...args], { encoding: "utf8", env: environment });

interface Loss {
  readonly what: string;
  /** Before the terminal is there. */
  readonly first?: readonly string[];
  /** On the terminal. */
  readonly words: readonly string[];
  readonly shows: RegExp;
  /** Status and exit code a moment after the terminal has gone. */
  readonly leaves: string;
}

const trap = (answer: string) => `trap '${answer}' HUP; echo ready; while :; do sleep 0.05; done`;

const losses: readonly Loss[] = [
  {
    what: "a shell that waits for its user",
    words: ["run", "-it", "--name", "lost", "IMAGE", "sh"],
    shows: /\/ #/,
    leaves: "running 0",
  },
  {
    what: "a program that ends when it is hung up on",
    words: ["run", "-it", "--name", "lost", "IMAGE", "sh", "-c", trap("exit 9")],
    shows: /ready/,
    leaves: "exited 9",
  },
  {
    what: "the same without a proxy for signals",
    words: ["run", "-it", "--sig-proxy=false", "--name", "lost", "IMAGE", "sh", "-c", trap("exit 9")],
    shows: /ready/,
    leaves: "running 0",
  },
  {
    what: "a program without a terminal of its own",
    words: ["run", "-i", "--name", "lost", "IMAGE", "sh", "-c", trap("exit 9")],
    shows: /ready/,
    leaves: "exited 9",
  },
  {
    what: "a client that has attached",
    first: ["run", "-dit", "--name", "lost", "IMAGE", "sh", "-c", `${trap("exit 9")}`],
    words: ["attach", "lost"],
    shows: /^/,
    leaves: "running 0",
  },
  {
    what: "a command that was executed",
    first: ["run", "-d", "--name", "lost", "IMAGE", "sleep", "1000"],
    words: ["exec", "-it", "lost", "sh"],
    shows: /\/ #/,
    leaves: "running 0",
  },
];

for (const { what, first, words, shows, leaves } of losses)
  test(`${what} is left as Docker leaves it: ${leaves}`, async () => {
    const told = await Promise.all(
      engines.map(async ({ side, command, image: name }) => {
        const of = (line: readonly string[]) => [
          ...command,
          ...line.map((word) => (word === "IMAGE" ? name : word)),
        ];
        const say = (...line: readonly string[]) => {
          const [program, ...args] = of(line);
          return spawnSync(program!, args, { encoding: "utf8", env: environment }).stdout.trim();
        };
        if (first) say(...first);
        // The pane's process is the command itself: the session's leader, which the kernel hangs up on.
        tmux("new-session", "-d", "-s", side, ...of(words));
        await until(
          () => shows.test(tmux("capture-pane", "-p", "-t", side).stdout),
          () => `${side} shows ${shows}`,
        );
        await sleep(500);
        tmux("kill-session", "-t", side);
        await sleep(2000);
        const state = say("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "lost");
        say("rm", "-f", "lost");
        return [side, state];
      }),
    );
    assert.deepEqual(told, [
      ["brig", leaves],
      ["docker", leaves],
    ]);
  });
