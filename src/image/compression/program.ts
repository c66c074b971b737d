/** A source sent through a program that reads stdin and writes stdout, where Node has no decoder of its own. */

import { spawn } from "node:child_process";
import { BrigError } from "../../base/errors.ts";
import { feed } from "./feed.ts";

export interface Filter {
  readonly program: string;
  readonly args: readonly string[];
  /** What to install when the program is missing. */
  readonly debianPackage: string;
}

/** The caller's environment could hold options (XZ_OPT) that change the result or lift the limits. */
const environment = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };

/** As much of the program's complaint as fits a message. */
const complaintLimit = 400;

export async function* throughProgram(
  source: AsyncIterable<Uint8Array>,
  { program, args, debianPackage }: Filter,
): AsyncGenerator<Uint8Array, void, undefined> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env: environment });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(0, complaintLimit);
  });
  const exit = new Promise<number | NodeJS.ErrnoException>((resolve) => {
    child.on("error", resolve);
    child.on("close", (code) => resolve(code ?? -1));
  });
  let sourceFailure: unknown;
  // A program that stops early closes its stdin; its exit status tells why.
  child.stdin.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") sourceFailure = error;
    if (sourceFailure !== undefined) child.kill("SIGKILL");
  });
  const feeding = feed(source, child.stdin);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const status = await exit;
    if (sourceFailure !== undefined) throw sourceFailure;
    if (status instanceof Error) throw missing(program, debianPackage, status);
    if (status !== 0)
      throw new BrigError(
        "invalid",
        `cannot decompress the stream: ${complaint.trim() || `${program} failed`}`,
        {
          code: "malformed-compression",
        },
      );
  } finally {
    child.stdin.destroy();
    child.kill("SIGKILL");
    await feeding;
    await exit;
  }
}

function missing(program: string, debianPackage: string, cause: NodeJS.ErrnoException): BrigError {
  return cause.code === "ENOENT"
    ? new BrigError(
        "unsupported",
        `cannot decompress the stream: the program ${program} is missing; install ${debianPackage}`,
        { cause },
      )
    : new BrigError(
        "unavailable",
        `cannot decompress the stream: ${program} does not start: ${cause.message}`,
        { cause },
      );
}
