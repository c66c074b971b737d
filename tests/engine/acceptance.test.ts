/** A Debian root with nginx inside, from the archive to the last trace of it on the host. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ownBrig, until } from "../cli/brig.ts";
import { debianRoot } from "../fixtures/images.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";

const { brig, root, end, executable, environment, about } = ownBrig();
const socket = join(root, "tmux");
const port = 18089;
let host: HostState;
/** Where the root keeps what is no image. */
const folders = ["containers", "run", "volumes"].map((name) => join(root, name));

before(async () => {
  host = hostState({ about, folders });
  const imported = await brig("import", debianRoot(), "debian-nginx");
  assert.match(imported.stdout, /^sha256:[0-9a-f]{64}\n$/, imported.stderr);
});
after(() => {
  tmux("kill-server");
  end();
});

const tmux = (...words: readonly string[]) => {
  try {
    return execFileSync("tmux", ["-S", socket, "-f", "/dev/null", ...words], {
      encoding: "utf8",
      env: environment,
      stdio: "pipe",
    });
  } catch {
    return ""; // It has no server any more.
  }
};
const screen = () => tmux("capture-pane", "-p", "-S", "-200");
const type = (...keys: readonly string[]) => void tmux("send-keys", ...keys);
const seen = (pattern: RegExp) => until(() => pattern.test(screen()), `${pattern} is on\n${screen()}`);

test("nginx runs in the background with a published port", async () => {
  // As nginx's own image has it: the visits go to the container's log.
  const script = "ln -sf /dev/stdout /var/log/nginx/access.log; exec nginx -g 'daemon off;'";
  const { code, stdout, stderr } = await brig(
    "run",
    "-d",
    "--name",
    "web",
    "-p",
    `${port}:80`,
    "debian-nginx",
    ...["sh", "-c", script],
  );
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^[0-9a-f]{64}\n$/);
  await until(() => answers(`127.0.0.1:${port}`), "nginx answers");
});

test("it answers on every address of the host, and on its own", async () => {
  const own = (await brig("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "web")).stdout.trim();
  assert.match(own, /^\d+\.\d+\.\d+\.\d+$/);
  const hosts = addresses();
  assert(hosts.length >= 2);
  // The bridge of another test file may have gone meanwhile.
  for (const address of hosts)
    assert((await answers(`${address}:${port}`)) || !addresses().includes(address), address);
  assert(await answers(`${own}:80`));
});

test("its log has the visits, and only it listens", async () => {
  const { stdout } = await brig("logs", "web");
  assert.match(stdout, /"GET \/ HTTP\/1\.1" 200/);
  const { stdout: ports } = await brig("ps", "--format", "{{.Ports}}");
  assert.equal(ports, `0.0.0.0:${port}->80/tcp\n`);
});

test("a shell in it has the user's terminal, whose size it follows", async () => {
  tmux("new-session", "-d", "-x", "90", "-y", "30", `env PS1='host> ' bash --norc`);
  await seen(/^host>/m);
  type(`${executable} exec -it web sh`, "Enter");
  await seen(/^#$/m);
  type("stty size; grep PRETTY /etc/os-release", "Enter");
  await seen(/^30 90$/m);
  await seen(/^PRETTY_NAME="Debian GNU\/Linux 12/m);
  tmux("resize-window", "-x", "70", "-y", "20");
  type("clear; sleep 0.3; stty size", "Enter");
  await seen(/^20 70$/m);
  type("exit 7", "Enter");
  await seen(/exit 7\s+host>\s*$/);
  type("echo code $?", "Enter");
  await seen(/^code 7$/m);
});

test("it stops when asked, and is removed", async () => {
  // nginx takes SIGTERM for an order to end at once, with success.
  const stopped = await brig("stop", "web");
  assert.deepEqual(stopped, { code: 0, stdout: "web\n", stderr: "" });
  const { stdout } = await brig("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "web");
  assert.equal(stdout, "exited 0\n");
  assert.equal(await answers(`127.0.0.1:${port}`), false);
  assert.equal((await brig("rm", "web")).stdout, "web\n");
});

test("the host is as it was before", async () => {
  tmux("kill-server");
  await assertSameHost(host, { about, folders });
});

/** The IPv4 addresses that the host has now. */
function addresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.filter(({ family }) => family === "IPv4").map(({ address }) => address);
}

async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${address}/`, {
      headers: { connection: "close" },
      signal: AbortSignal.timeout(2000),
    });
    return /Welcome to nginx/.test(await response.text());
  } catch {
    return false;
  }
}
