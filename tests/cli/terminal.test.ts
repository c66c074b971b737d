/** Terminals, seen through tmux: size, keys that detach, and the state the user's terminal is left in. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { image, ownBrig, until } from "./brig.ts";

const { brig, end, root, environment, executable } = ownBrig();
const socket = join(root, "tmux");

const tmux = (...args: readonly string[]) =>
  execFileSync("tmux", ["-S", socket, "-f", "/dev/null", ...args], { encoding: "utf8", env: environment });
const screen = () => tmux("capture-pane", "-p", "-S", "-200");
const type = (...keys: readonly string[]) => void tmux("send-keys", ...keys);
const seen = (pattern: RegExp) =>
  until(
    () => pattern.test(screen()),
    () => `${pattern} is on\n${screen()}`,
  );

before(async () => {
  await brig("run", "--rm", image, "true");
  tmux("new-session", "-d", "-x", "90", "-y", "30", `env PS1='host> ' brig=${executable} bash --norc`);
  await seen(/^host>/m);
});
after(() => {
  tmux("kill-server");
  end();
});

test("a shell in a container has a terminal of the user's size, which follows it", async () => {
  type(`$brig run -it --name shell ${image} sh`, "Enter");
  await seen(/^\/ #/m);
  type("echo $TERM $(stty size)", "Enter");
  await seen(/^xterm 30 90$/m);
  tmux("resize-window", "-x", "80", "-y", "24");
  type("clear; sleep 0.3; stty size", "Enter");
  await seen(/^24 80$/m);
});

test("ctrl-c interrupts the program in the container, not the command", async () => {
  type("clear; sleep 100", "Enter");
  await new Promise((resolve) => setTimeout(resolve, 300));
  type("C-c");
  type("echo code $?", "Enter");
  await seen(/^code 130$/m);
});

test("ctrl-p ctrl-q leaves the container running, attach comes back, and its exit code is the command's", async () => {
  type("C-p", "C-q");
  await seen(/read escape sequence\nhost>/);
  assert.equal((await brig("inspect", "-f", "{{.State.Status}}", "shell")).stdout, "running\n");
  type("clear; $brig attach shell", "Enter");
  await new Promise((resolve) => setTimeout(resolve, 300));
  type("", "Enter");
  await seen(/^\/ #/m);
  type("exit 7", "Enter");
  await seen(/exit 7\nhost>/);
  type("echo code $?", "Enter");
  await seen(/^code 7$/m);
  await brig("rm", "shell");
});

test("the user's terminal is as it was", async () => {
  type(
    "clear; stty -a | tr ' ' '\\n' | grep -xE -- '-?(icanon|echo|opost|isig|icrnl);?' | sort | tr '\\n' ' '",
    "Enter",
  );
  await seen(/^echo icanon icrnl isig opost/m);
});

test("exec has a terminal, too", async () => {
  await brig("run", "-d", "--name", "home", image, "sleep", "100");
  type("clear; $brig exec -it home sh -c 'tty; stty size; exit 4'; echo code $?", "Enter");
  await seen(/^\/dev\/pts\/\d+\n24 80\ncode 4$/m);
  await brig("rm", "-f", "home");
});
