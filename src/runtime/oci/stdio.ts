/**
 * The stdio that the container's process inherits. Pipes and sockets are given to its user, so that it can open
 * /dev/stdout by name; never a file or device, which is the host's.
 */

import { fstatSync } from "node:fs";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import type { User } from "../../spec/runtime/process.ts";

const unchanged = 0xffffffff;

export function ownStdio(user: User): readonly Instruction[] {
  if (user.uid === 0) return [];
  const p = new ProgramBuilder();
  for (const fd of [0, 1, 2]) {
    if (!isPipe(fd)) continue;
    p.call(`give fd ${fd} to the user`, "fchown", [fd, user.uid, unchanged], {
      from: "process.user.uid",
      // Ids outside the user namespace, or a file system that has no owners.
      on: { EPERM: "continue", EINVAL: "continue", EROFS: "continue" },
    });
  }
  return p.instructions;
}

function isPipe(fd: number): boolean {
  try {
    const status = fstatSync(fd);
    return status.isFIFO() || status.isSocket();
  } catch {
    return false; // closed
  }
}
