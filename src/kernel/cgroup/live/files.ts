/**
 * Files of a cgroup that brig made, read and written where no launch program is under way. cgroupfs has no links, and a
 * container that makes cgroups below its own can choose their names but not where they lead.
 */

import { closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { BrigError, type ErrorKind } from "../../../base/errors.ts";
import { type ErrnoName, errnoText } from "../../errno.ts";

/** The text of a file, or undefined when it (or the cgroup, or its controller) is not there. */
export function readCgroupFile(directory: string, file: string): string | undefined {
  try {
    return readFileSync(`${directory}/${file}`, "utf8");
  } catch (error) {
    if (absent.includes(codeOf(error))) return undefined;
    throw failure(`read ${file} of ${directory}`, error);
  }
}

/** ENODEV: the cgroup is being removed. EOPNOTSUPP: a threaded cgroup has no list of processes. */
const absent: readonly string[] = ["ENOENT", "ENODEV", "EOPNOTSUPP", "ENOTSUP"];

/** `why` completes the sentence "cannot …". Answers the errno among `expected` that was met, or undefined. */
export function writeCgroupFile(
  directory: string,
  file: string,
  value: string,
  why: string,
  expected: readonly ErrnoName[] = [],
): ErrnoName | undefined {
  try {
    // Without O_CREAT: a file that does not exist is to be ENOENT, and not EPERM as cgroupfs would have it.
    const fd = openSync(`${directory}/${file}`, "r+");
    try {
      writeSync(fd, value);
    } finally {
      closeSync(fd);
    }
    return undefined;
  } catch (error) {
    const code = codeOf(error) as ErrnoName;
    if (expected.includes(code)) return code;
    throw failure(why, error);
  }
}

/** Names of the cgroups right below one; none when it is gone. */
export function childCgroups(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (error) {
    if (absent.includes(codeOf(error))) return [];
    throw failure(`list ${directory}`, error);
  }
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "";
}

export function failure(why: string, error: unknown): BrigError {
  const code = codeOf(error);
  const number = (constants.errno as Readonly<Record<string, number>>)[code];
  const reason = number === undefined ? String(error) : errnoText(number);
  return new BrigError(kinds[code] ?? "internal", `cannot ${why}: ${reason}`, { code, cause: error });
}

const kinds: Readonly<Record<string, ErrorKind>> = {
  EACCES: "denied",
  EPERM: "denied",
  EROFS: "denied",
  EBUSY: "conflict",
  EEXIST: "conflict",
  ENOENT: "not-found",
  ENODEV: "not-found",
  EINVAL: "invalid",
  ERANGE: "invalid",
  ENOSPC: "invalid",
};
