/** Rules of the process (runtime-spec, config.md#process). */

import { quote } from "../../schema/schema.ts";
import type { Process } from "../process.ts";
import { absolutePath, type Finding, invalid, numberList, repeated, warning } from "./finding.ts";
import { schedulingRules } from "./scheduling.ts";

/** `at` is the place of the process in its document, "" when it is the whole document. */
export function* processRules(process: Process, at: string): Iterable<Finding> {
  const path = (field: string) => (at === "" ? field : `${at}.${field}`);

  yield* absolutePath(path("cwd"), process.cwd, "config.md#process");
  if (!process.args || process.args.length === 0) {
    yield invalid(path("args"), "must have at least one entry", "config.md#process");
  }
  for (const [index, entry] of (process.env ?? []).entries()) {
    if (entry.indexOf("=") < 1) {
      yield warning(path(`env[${index}]`), `${quote(entry)} is not of the form NAME=value`, "environ(7)");
    }
  }
  if (process.terminal && process.consoleSize) yield* consoleRules(process.consoleSize, path);
  yield* userRules(process.user, path);
  yield* rlimitRules(process.rlimits ?? [], path);
  yield* schedulingRules(process, path);
  for (const field of ["initial", "final"] as const) {
    const list = process.execCPUAffinity?.[field];
    if (list !== undefined)
      yield* numberList(path(`execCPUAffinity.${field}`), list, "config.md#linux-process");
  }
}

type PathOf = (field: string) => string;

function* consoleRules(size: NonNullable<Process["consoleSize"]>, path: PathOf): Iterable<Finding> {
  for (const field of ["height", "width"] as const) {
    // struct winsize has 16 bits for each.
    if (size[field] > 0xffff)
      yield invalid(path(`consoleSize.${field}`), "must be at most 65535", "ioctl_tty(2)");
  }
}

/** To the kernel the id 2^32-1 means "leave as it is": a process that asks for it would keep running as root. */
const noId = 0xffff_ffff;

function* userRules(user: Process["user"], path: PathOf): Iterable<Finding> {
  const clause = "config.md#user; setresuid(2)";
  for (const field of ["uid", "gid"] as const) {
    if (user[field] === noId) yield invalid(path(`user.${field}`), "must be below 4294967295", clause);
  }
  for (const [index, gid] of (user.additionalGids ?? []).entries()) {
    if (gid === noId)
      yield invalid(path(`user.additionalGids[${index}]`), "must be below 4294967295", clause);
  }
}

function* rlimitRules(rlimits: NonNullable<Process["rlimits"]>, path: PathOf): Iterable<Finding> {
  for (const index of repeated(rlimits, (rlimit) => rlimit.type)) {
    const { type } = rlimits[index]!;
    yield invalid(path(`rlimits[${index}].type`), `${type} is given twice`, "config.md#posix-process");
  }
  for (const [index, { soft, hard }] of rlimits.entries()) {
    if (soft > hard) yield invalid(path(`rlimits[${index}]`), "soft must not be above hard", "setrlimit(2)");
  }
}
