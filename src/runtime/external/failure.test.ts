import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimeFailure } from "./failure.ts";

/** What runc 1.1, crun 1.8 and runsc wrote, the command, and what brig says of it. */
const said: readonly (readonly [string, string, string, string])[] = [
  [
    'runc create failed: unable to start container process: exec: "nosuch": executable file not found in $PATH',
    "nosuch",
    "command-not-found",
    'cannot execute "nosuch": executable file not found in $PATH',
  ],
  [
    "executable file `nosuch` not found in $PATH: No such file or directory",
    "nosuch",
    "command-not-found",
    'cannot execute "nosuch": executable file not found in $PATH',
  ],
  [
    'runc create failed: unable to start container process: exec: "/etc": permission denied',
    "/etc",
    "command-not-executable",
    'cannot execute "/etc": permission denied',
  ],
  [
    "open executable: Operation not permitted",
    "/etc",
    "command-not-executable",
    'cannot execute "/etc": operation not permitted',
  ],
  [
    "mount /no/such/source: No such file or directory",
    "sh -c",
    "internal",
    "cannot start the container: mount /no/such/source: No such file or directory",
  ],
];

test("a runtime's last error is told in brig's words, with the kind that gives Docker's exit code", () => {
  for (const [msg, command, kind, message] of said) {
    const log = [
      { level: "warning", msg: "unknown capability" },
      { level: "error", msg },
    ];
    const failure = runtimeFailure(log.map((line) => `${JSON.stringify(line)}\n`).join(""), command);
    assert.deepEqual([failure?.kind, failure?.message], [kind, message]);
  }
});

test("a log without an error explains nothing", () => {
  assert.equal(runtimeFailure("", "sh"), undefined);
  assert.equal(runtimeFailure('{"level":"info","msg":"done"}\nnot json\n', "sh"), undefined);
});
