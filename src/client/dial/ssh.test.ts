import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../address.ts";
import { sshArguments } from "./ssh.ts";

const argumentsFor = (url: string) => {
  const address = parseAddress(url);
  assert.equal(address.kind, "ssh");
  return sshArguments(address as Parameters<typeof sshArguments>[0]);
};

test("ssh is called with the user, the port, and brig or Docker at the other end", () => {
  assert.deepEqual(argumentsFor("ssh://me@host:2222"), [
    "-o",
    "ConnectTimeout=30",
    "-T",
    "-l",
    "me",
    "-p",
    "2222",
    "--",
    "host",
    "if command -v brig >/dev/null 2>&1; then exec brig system dial-stdio; else exec docker system dial-stdio; fi",
  ]);
});

test("a path is one word for the shell of the other host, whatever is in it", () => {
  const command = argumentsFor("ssh://host/a'$(reboot)%20b").at(-1);
  assert.match(command ?? "", /^if .* exec brig --host 'unix:\/\/\/a'\\''\$\(reboot\) b' system dial-stdio;/);
});
