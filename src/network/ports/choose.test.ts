import assert from "node:assert/strict";
import { test } from "node:test";
import { choosePorts, fallbackRange, parsePortRange } from "./choose.ts";
import { parsePublish } from "./parse.ts";
import { formatPort, type PublishedPort } from "./port.ts";

const ephemeral = { first: 32_768, last: 32_772 };
const web: PublishedPort = { protocol: "tcp", hostIp: "", hostPort: 8080, containerPort: 80 };
const choose = (flags: readonly string[], taken: readonly PublishedPort[] = [], after?: number): string[] =>
  choosePorts(flags.flatMap(parsePublish), { taken, ephemeral, ...(after !== undefined && { after }) }).map(
    formatPort,
  );

test("a named port is given as it is, in the order of the flags", () => {
  assert.deepEqual(choose(["8081:81/udp", "127.0.0.1:80:80"]), [
    "0.0.0.0:8081->81/udp",
    "127.0.0.1:80->80/tcp",
  ]);
});

test("a port without a number comes from the ephemeral range, behind the last one and around", () => {
  assert.deepEqual(choose(["80", "81"]), ["0.0.0.0:32768->80/tcp", "0.0.0.0:32769->81/tcp"]);
  assert.deepEqual(choose(["80", "81"], [], 32_771), ["0.0.0.0:32772->80/tcp", "0.0.0.0:32768->81/tcp"]);
});

test("a port without a number does not take what a later flag names", () => {
  assert.deepEqual(choose(["80", "32768:81"]), ["0.0.0.0:32769->80/tcp", "0.0.0.0:32768->81/tcp"]);
});

test("of a range for one container port the first free one is taken", () => {
  assert.deepEqual(choose(["8080-8082:80"], [web]), ["0.0.0.0:8081->80/tcp"]);
});

const collisions = [
  ["8080:80", true],
  ["0.0.0.0:8080:80", true],
  ["127.0.0.1:8080:80", true],
  ["8080:80/udp", false],
  ["[::1]:8080:80", true],
] as const;
for (const [flag, collides] of collisions) {
  test(`${flag} ${collides ? "collides" : "does not collide"} with a port on every address`, () => {
    if (collides)
      assert.throws(() => choose([flag], [web]), {
        kind: "conflict",
        message: /^Bind for .*:8080 failed: port is already allocated$/,
      });
    else assert.equal(choose([flag], [web]).length, 1);
  });
}

test("different addresses have their own ports, and so have the families", () => {
  const local = [{ ...web, hostIp: "127.0.0.1" }];
  assert.equal(choose(["127.0.0.2:8080:80", "[::]:8080:80"], local).length, 2);
  assert.throws(
    () => choose(["127.0.0.2:8080:80", "0.0.0.0:8080:81"], local),
    /Bind for 0\.0\.0\.0:8080 failed/,
  );
  assert.throws(() => choose(["[::1]:8080:80"], [{ ...web, hostIp: "::" }]), /Bind for \[::1\]:8080 failed/);
});

test("two flags of one container collide as well", () => {
  assert.throws(() => choose(["8080:80", "8080:81"]), /port is already allocated/);
});

test("a range without a free port says so", () => {
  const taken = [8080, 8081].map((hostPort) => ({ ...web, hostPort }));
  assert.throws(() => choose(["8080-8081:80"], taken), {
    kind: "exhausted",
    message: "cannot publish port 80: all ports from 8080 to 8081 are allocated",
  });
});

test("a port without a number is none that another program has; one with a number is for its owner to refuse", () => {
  const isBound = (protocol: string, port: number) => protocol === "tcp" && port < 32_770;
  const ports = (...flags: readonly string[]) =>
    choosePorts(flags.flatMap(parsePublish), { taken: [], ephemeral, isBound }).map(formatPort);
  assert.deepEqual(ports("80", "81/udp", "32768:82"), [
    "0.0.0.0:32770->80/tcp",
    "0.0.0.0:32771->81/udp",
    "0.0.0.0:32768->82/tcp",
  ]);
});

test("the ephemeral range is the kernel's, or Docker's when it cannot be read", () => {
  assert.deepEqual(parsePortRange("32768\t60999\n"), { first: 32_768, last: 60_999 });
  assert.deepEqual(parsePortRange(""), fallbackRange);
});
