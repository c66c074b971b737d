/** What is found of the network, in a network namespace of its own: a host's is that of other tests, too. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { NetworkNamespace } from "../../../src/kernel/netlink/testbed/namespace.ts";
import { image, ownBrig } from "../../cli/brig.ts";

/** What is done to the network together, in the words of whoever does it to a host; each is told in a line. */
const networkDamages: readonly (readonly (readonly [command: string, told: RegExp])[])[] = [
  [
    ["nft flush ruleset", /it has lost the firewall table ip brig-\w{6}; --repair makes it again/],
    ["sysctl -q net.ipv4.ip_forward=0", /it passes nothing on, as net\.ipv4\.ip_forward is off; --repair/],
  ],
  [["ip link delete TABLE", /it has lost its bridge brig-\w{6}; --repair/]],
  [
    [
      "nft flush chain ip TABLE postrouting",
      /it has lost the rule "containers reach the world as the host" of/,
    ],
    [
      "nft delete element ip TABLE masqueraded '{ TABLE }'",
      /it is not in the set masqueraded of the firewall/,
    ],
    ["nft insert rule ip TABLE forward drop", /it has other rules than its own in the chain forward of/],
    ["ip link set TABLE down", /it has a bridge brig-\w{6} that is down; --repair/],
    ["ip address flush dev TABLE", /it has a bridge brig-\w{6} without the address [\d.]+\/\d+; --repair/],
  ],
];

test("whatever is taken from the network of a container that runs is told, and given back", async (t) => {
  using space = await NetworkNamespace.create();
  space.run("ip", "link", "set", "lo", "up");
  const own = ownBrig();
  t.after(own.end);
  const inside = (...words: readonly string[]) =>
    spawnSync("nsenter", [`--net=${space.path}`, own.executable, ...words], {
      env: own.environment,
      encoding: "utf8",
    });
  const started = inside(
    "run",
    "-d",
    "--name",
    "web",
    "-p",
    "18504:80",
    image,
    "sh",
    "-c",
    "mkdir w; echo hello > w/index.html; httpd -f -h w",
  );
  assert.equal(started.status, 0, started.stderr);
  const call = () =>
    space.run(
      "curl",
      "-sf",
      "-m",
      "5",
      "--retry",
      "20",
      "--retry-connrefused",
      "--retry-delay",
      "0",
      "http://127.0.0.1:18504/",
    );
  for (const together of networkDamages)
    await t.test(together.map(([command]) => command).join("; "), () => {
      for (const [command] of together)
        space.run("sh", "-c", command.replaceAll("TABLE", `brig-${own.about[1]}`));
      const found = inside("system", "check");
      assert.deepEqual([found.status, found.stderr], [1, ""]);
      for (const [, told] of together) assert.match(found.stdout, told);
      const repaired = inside("system", "check", "--repair");
      assert.deepEqual([repaired.status, repaired.stderr], [0, ""], repaired.stdout);
      assert.equal(inside("system", "check").stdout, "");
      assert.equal(call(), "hello\n");
    });
  inside("rm", "-f", "web");
});
