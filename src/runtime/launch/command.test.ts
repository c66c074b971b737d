import assert from "node:assert/strict";
import { test } from "node:test";
import { BrigError } from "../../base/errors.ts";
import { KernelFailure } from "../../kernel/executor/failure.ts";
import { type PrintedStep, printProgram } from "../../kernel/explain/print.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Process } from "../../spec/runtime/process.ts";
import { commandFailure, executeCommand, requireCommand } from "./command.ts";

const process = (args: readonly string[], ...env: readonly string[]): Process =>
  ({ args: [...args], env: [...env], cwd: "/", user: { uid: 0, gid: 0 } }) as Process;

function stepsOf(write: (p: ProgramBuilder) => void): readonly PrintedStep[] {
  const p = new ProgramBuilder();
  write(p);
  return printProgram(p.instructions, "one")[0]!.steps;
}

const tried = (of: Process) =>
  stepsOf((p) => executeCommand(p, of)).flatMap(({ calls }) => calls.map(({ args }) => args[0]));

/** A process, and the paths that are executed in turn. */
const searches: readonly (readonly [Process, readonly string[]])[] = [
  [process(["/bin/sh"], "PATH=/a"), ["/bin/sh"]],
  [process(["./run"], "PATH=/a"), ["./run"]],
  [process(["sh"], "PATH=/a:/b"), ["/a/sh", "/b/sh"]],
  [process(["sh"], "PATH=/a", "PATH=/b"), ["/b/sh"]],
  [process(["sh"], "PATH=:/b:"), ["./sh", "/b/sh", "./sh"]],
  [process(["sh"], "PATH="), ["./sh"]],
  [process([""], "PATH=/a"), [""]],
];

test("a command is looked for as execvp(3) does it", () => {
  for (const [of, paths] of searches) assert.deepEqual(tried(of), paths, JSON.stringify(of.env));
});

test("without a PATH the usual folders are searched", () => {
  assert.deepEqual(tried(process(["sh"])).slice(-2), ["/sbin/sh", "/bin/sh"]);
});

test("a file that may not be executed is remembered over one that is not there", () => {
  const steps = stepsOf((p) => executeCommand(p, process(["sh"], "PATH=/a:/b")));
  for (const step of steps.slice(0, -1))
    assert.deepEqual(step.on, {
      ENOENT: { do: "continue" },
      ENOTDIR: { do: "continue" },
      EACCES: { do: "remember" },
    });
  assert.match(steps.at(-1)!.note!, /fails with ENOENT, or with the errno remembered/);
});

test("create looks for a file that may be executed in every folder before it says that there is none", () => {
  const steps = stepsOf((p) => requireCommand(p, process(["sh"], "PATH=/a:/b")));
  const looked = steps.flatMap(({ calls }) => calls.map(({ name, args }) => `${name} ${args[1]}`));
  assert.deepEqual(looked, [
    "faccessat /a/sh",
    "faccessat /a/sh",
    "statx /a/sh",
    "faccessat /b/sh",
    "faccessat /b/sh",
    "statx /b/sh",
  ]);
});

test("what fails to be executed is told as Docker's users know it", () => {
  const p = new ProgramBuilder();
  const failing = process(["sh"], "PATH=/a");
  executeCommand(p, failing);
  const failure = (error: number, of: Process) =>
    commandFailure(
      new KernelFailure({ instruction: p.instructions[0] as never, error, index: 0, status: 0, output: "" }),
      of,
    ) as BrigError;
  const table = [
    [2, failing, "command-not-found", 'cannot execute "sh": executable file not found in $PATH'],
    [20, process(["/a/b"]), "command-not-found", 'cannot execute "/a/b": no such file or directory'],
    [13, failing, "command-not-executable", 'cannot execute "sh": permission denied'],
    [8, process(["/a"]), "command-not-executable", 'cannot execute "/a": exec format error'],
  ] as const;
  for (const [errno, of, kind, message] of table) {
    const error = failure(errno, of);
    assert.ok(error instanceof BrigError);
    assert.deepEqual([error.kind, error.message], [kind, message]);
  }
  const other = new Error("other");
  assert.equal(commandFailure(other, failing), other);
});
