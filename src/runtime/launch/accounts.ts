/** The container's own account files, for whoever looks up the user that the process shall be. */

import * as F from "../../kernel/abi/files.ts";
import { output, type Slot } from "../../kernel/program/argument.ts";
import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import { openInRoot } from "./target.ts";

/** Longer account files than this are not looked into. */
const accountsMax = 1 << 20;

/** Answers with the container's /etc/passwd and /etc/group (empty where there are none), then pauses. */
export function readAccounts(p: ProgramBuilder, root: Slot, scratch: Slot): void {
  for (const file of ["passwd", "group"]) {
    const none = p.label(`no /etc/${file}`);
    const bytes = output(accountsMax);
    openInRoot(p, {
      root,
      path: `/etc/${file}`,
      into: scratch,
      // A fifo in its place must not hold the launch up.
      flags: F.O_RDONLY | F.O_NONBLOCK | F.O_NOCTTY,
      why: `open the container's /etc/${file}`,
      on: { ENOENT: none, ENOTDIR: none, EACCES: none, ELOOP: none, ENXIO: none },
    });
    p.call(`read the container's /etc/${file}`, "read", [scratch, bytes, accountsMax], {
      answer: { buffer: bytes },
      on: { EISDIR: "continue", EAGAIN: "continue", EINVAL: "continue" },
    });
    p.close(scratch);
    p.place(none);
  }
  p.pause("look up the user");
}
