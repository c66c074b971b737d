/**
 * The last step: executing the command, searched along PATH as execvp(3) does, without a shell.
 */

import { BrigError } from "../../base/errors.ts";
import * as F from "../../kernel/abi/files.ts";
import { KernelFailure } from "../../kernel/executor/failure.ts";
import { output, vector } from "../../kernel/program/argument.ts";
import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Rules } from "../../kernel/program/instruction.ts";
import type { Process } from "../../spec/runtime/process.ts";

/** Where a command without a slash is looked for when the environment has no PATH (execvp(3) of glibc: confstr). */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const execute = "execute the command";
const from = "process.args";

/** EACCES is remembered: a file that is there and may not be executed says more than those that are not there. */
const search: Rules = { ENOENT: "continue", ENOTDIR: "continue", EACCES: "remember" };

/** The working directory; its name must be visible from the root (CVE-2024-21626). */
export function enterWorkingDirectory(p: ProgramBuilder, cwd: string): void {
  const name = output(4096);
  p.call(`change to the working directory ${cwd}`, "chdir", [cwd], { from: "process.cwd" });
  p.call("see that it lies inside the root", "getcwd", [name, 4096], {
    from: "process.cwd",
    check: { buffer: name, value: Buffer.from("/") },
  });
}

/** Fails now where execve would fail later: `create` finds a missing command before `start`. */
export function requireCommand(p: ProgramBuilder, process: Process): void {
  const [found, directory] = [p.label("the command is there"), p.label("the command is a directory")];
  const [status, regular, type] = [output(256), modeField(F.S_IFREG), modeField(F.S_IFMT)];
  const inPath = !process.args![0]!.includes("/");
  for (const path of candidates(process)) {
    const next = p.label("next directory of PATH");
    p.call(`look for ${path}`, "faccessat", [F.AT_FDCWD, path, F.X_OK], {
      from,
      on: { ENOENT: next, ENOTDIR: next, EACCES: "remember" },
    });
    // EACCES goes on here too, so ask again in a way that tells success apart.
    p.call(`see that ${path} may be executed`, "faccessat", [F.AT_FDCWD, path, F.X_OK], {
      from,
      on: { EACCES: next },
    });
    // Directories may be searched, which the kernel calls by the same name; execve says EACCES.
    p.call(`see that ${path} is a file`, "statx", [F.AT_FDCWD, path, 0, STATX_TYPE, status], {
      from,
      check: { buffer: status, value: regular, mask: type },
      on: { EBADMSG: inPath ? next : directory },
    });
    p.jump("the command is there", found);
    p.place(next);
  }
  p.fail(execute, "ENOENT", from);
  p.place(directory);
  p.fail(execute, "EACCES", from);
  p.place(found);
}

const STATX_TYPE = 1;

/** struct statx: stx_mode stands at 28. */
const modeAt = 28;

function modeField(bits: number): Uint8Array {
  const field = Buffer.alloc(modeAt + 2);
  field.writeUInt16LE(bits, modeAt);
  return field;
}

export function executeCommand(p: ProgramBuilder, process: Process): void {
  const args = vector(process.args!);
  const env = vector(process.env ?? []);
  for (const path of candidates(process)) p.call(execute, "execve", [path, args, env], { from, on: search });
  p.fail(execute, "ENOENT", from);
}

function candidates(process: Process): readonly string[] {
  const name = process.args![0]!;
  if (name.includes("/")) return [name];
  if (name === "") return [""];
  const path = process.env?.findLast((entry) => entry.startsWith("PATH="))?.slice(5) ?? defaultPath;
  return path.split(":").map((directory) => `${directory || "."}/${name}`);
}

/** A failure to execute as Docker's users know it: 127 for what is not there, 126 for what cannot be executed. */
export function commandFailure(error: unknown, process: Process): unknown {
  if (!(error instanceof KernelFailure)) return error;
  const { instruction, errno } = error;
  if (instruction.why !== execute) return error;
  const name = JSON.stringify(process.args![0]);
  const missing = errno === "ENOENT" || errno === "ENOTDIR";
  const inPath = !process.args![0]!.includes("/");
  const reason = missing
    ? inPath
      ? "executable file not found in $PATH"
      : "no such file or directory"
    : error.message.replace(/^.*?: (.*) \(.*$/, "$1");
  return new BrigError(
    missing ? "command-not-found" : "command-not-executable",
    `cannot execute ${name}: ${reason}`,
    {
      code: errno,
      cause: error,
    },
  );
}
