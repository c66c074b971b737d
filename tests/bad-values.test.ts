/**
 * Values that cannot be: names and ports in use, ids that fit several containers, sizes and durations that are none,
 * templates that do not parse. Each is refused with Docker's exit code and one line, before anything is made.
 */

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { image, ownBrig } from "./cli/brig.ts";
import { assertRefused } from "./fixtures/refusal.ts";

const { brig, end } = ownBrig();

before(async () => {
  assert.equal((await brig("create", "--name", "used", image, "true")).code, 0);
});
after(end);

const stays = async () => assert.equal((await brig("ps", "-a", "--format", "{{.Names}}")).stdout, "used\n");

interface Bad {
  readonly flag: string;
  readonly values: readonly string[];
  readonly says: RegExp;
}

/** Of `run` and `create`. */
const bad: readonly Bad[] = [
  { flag: "--memory", values: ["10x", "ten", "1.2.3g", "-1x", "", "0x10"], says: /invalid/ },
  { flag: "--memory", values: ["1", "5m", "1e3"], says: /inimum memory limit/ },
  { flag: "--memory-swap", values: ["10x", "--"], says: /invalid/ },
  { flag: "--memory-reservation", values: ["10x"], says: /invalid/ },
  { flag: "--shm-size", values: ["10x", "big"], says: /invalid/ },
  { flag: "--cpus", values: ["many", "1.2.3", "1e1000000"], says: /invalid|Range of CPUs|fail/i },
  { flag: "--cpu-shares", values: ["x", "1.5"], says: /invalid/ },
  { flag: "--cpuset-cpus", values: ["x", "1-", "9999"], says: /cpuset|CPUs/i },
  { flag: "--pids-limit", values: ["x", "1.5", "99999999999999999999"], says: /invalid/ },
  { flag: "--ulimit", values: ["nofile", "nofile=x", "nofile=9:1", "nofile=1:2:3"], says: /nofile|ulimit/ },
  { flag: "--blkio-weight", values: ["x", "5", "1001"], says: /invalid|Range of blkio/i },
  { flag: "--log-opt", values: ["max-size=10x", "max-file=0", "max-file=x"], says: /max-file|size/ },
  { flag: "--tmpfs", values: ["/x:size=10x"], says: /brig: / },
  { flag: "--stop-timeout", values: ["soon"], says: /invalid/ },
  { flag: "--health-interval", values: ["10x", "5"], says: /invalid/ },
  { flag: "--publish", values: ["x", "80:80:80:80", "70000", "1-5:1-3"], says: /brig: |invalid/ },
  { flag: "--name", values: ["used"], says: /name "\/used" is already in use by container/ },
  { flag: "--name", values: ["a/b", "-x", ".", " "], says: /Invalid container name/ },
];

for (const { flag, values, says } of bad)
  for (const value of values)
    test(`run ${flag}=${JSON.stringify(value)} is refused`, async () => {
      await assertRefused(flag, brig("run", "--rm", `${flag}=${value}`, image, "true"), 125, says);
      await stays();
    });

const templates: readonly string[] = [
  "{{",
  "{{.Names",
  "{{.Names}} {{",
  "{{}}",
  "{{.Names | nosuch}}",
  "{{nosuch .Names}}",
  "{{range .Names}}",
  "{{if}}x{{end}}",
  "{{end}}",
  "{{else}}",
  "{{.Names | }}",
  "{{.Names)}}",
  '{{"x}}',
  "{{index}}",
  "{{.Nosuch}}",
];

for (const template of templates)
  test(`the template ${template} is refused by every command that takes one`, async () => {
    const lines = [
      ["ps", "-a", "--format", template],
      ["images", "--format", template],
      ["volume", "ls", "--format", template],
      ["network", "ls", "--format", template],
      ["inspect", "-f", template, "used"],
      ["version", "--format", template],
      ["info", "--format", template],
    ];
    for (const line of lines) {
      // Where a list has no row there is nothing that a field could be missing of.
      if (line[0] === "volume" && template === "{{.Nosuch}}") continue;
      const ended = await brig(...line);
      assert.notEqual(ended.code, 0, line.join(" "));
      await assertRefused(
        line.join(" "),
        Promise.resolve({ ...ended, stdout: "" }),
        ended.code!,
        /emplate|Nosuch|brig: /,
      );
    }
  });

test("a port that is in use is refused, whoever uses it, and nothing is made", async () => {
  const server = createServer().listen(0, "0.0.0.0");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const flags = ["run", "--rm", "-p", `${port}:80`, image, "true"];
  await assertRefused("port", brig(...flags), 125, new RegExp(`${port}.*address already in use`));
  await stays();
  server.close();
});
