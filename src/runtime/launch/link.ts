/** The socket pair by which parent and child wait for each other, one byte at a time. */

import { AF_UNIX, SOCK_CLOEXEC, SOCK_STREAM } from "../../kernel/abi/socket.ts";
import { output, type Slot } from "../../kernel/program/argument.ts";
import type { ProgramBuilder, SlotAllocator } from "../../kernel/program/builder.ts";

export class Link {
  readonly parent: Slot;
  readonly child: Slot;
  /** The container's process, and its directory in /proc. */
  readonly pidfd: Slot;
  readonly proc: Slot;
  readonly #byte = output(8);

  constructor(slots: SlotAllocator) {
    this.parent = slots.slot("the parent's end");
    this.child = slots.slot("the child's end");
    this.pidfd = slots.slot("pidfd of the container");
    this.proc = slots.slot("/proc of the container");
  }

  open(p: ProgramBuilder): void {
    p.call("connect parent and child", "socketpair", [AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, this.#byte], {
      pair: { into: this.#byte, first: this.parent, second: this.child },
    });
  }

  /** From the parent: the child goes on. */
  go(p: ProgramBuilder, why: string): void {
    p.call(why, "write", [this.parent, Buffer.from("g"), 1]);
  }

  /** In the child: waits for `go`; the end of the parent ends it. */
  awaitGo(p: ProgramBuilder, why: string): void {
    p.call(why, "read", [this.child, this.#byte, 1], { expect: 1 });
  }

  /** From the child: a step is reached. */
  tell(p: ProgramBuilder, why: string): void {
    p.call(why, "write", [this.child, Buffer.from("r"), 1]);
  }

  /** In the parent: waits for `tell`. */
  awaitChild(p: ProgramBuilder, why: string): void {
    p.call(why, "read", [this.parent, this.#byte, 1], { expect: 1 });
  }

  /** In the parent: the child's end is close-on-exec, so its end of file is the success of execve. */
  awaitExec(p: ProgramBuilder): void {
    p.call("wait until the command runs", "read", [this.parent, this.#byte, 1], { expect: 0 });
  }
}
