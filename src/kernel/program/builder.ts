/**
 * Writes the instruction list of one process. The compiler of a launch program holds one builder per process
 * and shares the slots between them: a slot is the same fd everywhere.
 */

import type { SharedSyscallName } from "../syscalls.ts";
import { type Argument, type Slot, type Struct, struct, u32 } from "./argument.ts";
import type { Call, Clone, Data, Fail, Instruction, Label, Netlink, Run, Supervise } from "./instruction.ts";

type Options<Node> = Omit<Node, "kind" | "name" | "args" | "why">;

export class ProgramBuilder {
  readonly #instructions: Instruction[] = [];

  get instructions(): readonly Instruction[] {
    return this.#instructions;
  }

  call(why: string, name: SharedSyscallName, args: readonly Argument[], options: Options<Call> = {}): void {
    this.#instructions.push({ kind: "call", why, name, args, ...options });
  }

  clone(why: string, node: Omit<Clone, "kind" | "why">): void {
    this.#instructions.push({ kind: "clone", why, ...node });
  }

  netlink(why: string, node: Omit<Netlink, "kind" | "why">): void {
    this.#instructions.push({ kind: "netlink", why, ...node });
  }

  run(why: string, node: Omit<Run, "kind" | "why">): void {
    this.#instructions.push({ kind: "run", why, ...node });
  }

  pause(why: string): void {
    this.#instructions.push({ kind: "pause", why });
  }

  supervise(why: string, description: Supervise["description"]): void {
    this.#instructions.push({ kind: "supervise", why, description });
  }

  fail(why: string, errno: Fail["errno"], from?: string): void {
    this.#instructions.push({ kind: "fail", why, errno, ...(from === undefined ? {} : { from }) });
  }

  end(why: string, options: { readonly code?: number; readonly keep?: boolean } = {}): void {
    this.#instructions.push({ kind: "end", why, code: options.code ?? 0, keep: options.keep ?? false });
  }

  jump(why: string, to: Label): void {
    this.#instructions.push({ kind: "jump", why, to });
  }

  data(why: string, node: Omit<Data, "kind" | "why">): void {
    this.#instructions.push({ kind: "data", why, ...node });
  }

  label(name: string): Label {
    return { kind: "label", name };
  }

  place(label: Label): void {
    this.#instructions.push({ kind: "place", label });
  }

  append(instructions: readonly Instruction[]): void {
    this.#instructions.push(...instructions);
  }

  close(slot: Slot): void {
    this.call(`close ${slot.name}`, "close", [slot]);
  }

  /** Two connected stream sockets, one for each process of a pair that must wait for the other. */
  socketPair(why: string, into: NonNullable<Call["pair"]>): void {
    this.call(why, "socketpair", [1 /* AF_UNIX */, 0x80001 /* SOCK_STREAM|SOCK_CLOEXEC */, 0, into.into], {
      pair: into,
    });
  }
}

/** Hands out slots upwards from the first fd that belongs to nobody. */
export class SlotAllocator {
  #next: number;

  constructor(first: number) {
    this.#next = first;
  }

  slot(name: string): Slot {
    return { kind: "slot", name, fd: this.#next++ };
  }
}

/** `struct open_how` of openat2(2). */
export function openHow(how: {
  readonly flags: number;
  readonly mode?: number;
  readonly resolve: number;
  readonly text: Struct["text"];
}) {
  return struct(how.text, u32(how.flags, 0, how.mode ?? 0, 0, how.resolve, 0));
}
