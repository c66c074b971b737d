/**
 * The nodes of a launch program: frozen, one per thing the executor does. `native/wire.h` says what each means
 * there. `why` completes the sentence "cannot …" and is what `explain` prints as the reason.
 */

import type { ErrnoName } from "../errno.ts";
import type { SharedSyscallName } from "../syscalls.ts";
import type { Argument, Output, Slot, Struct } from "./argument.ts";

/** A place further down in the same process's list. */
export interface Label {
  readonly kind: "label";
  readonly name: string;
}

/** What an errno means: go on, go on at a label, keep it for `fail`, or try again some milliseconds later. */
export type Rule =
  | "continue"
  | "remember"
  | Label
  | { readonly kind: "retry"; readonly times: number; readonly delay: number };

export type Rules = { readonly [Name in ErrnoName]?: Rule };

interface Reasoned {
  readonly why: string;
  /** The field of the runtime-spec config that asks for it, such as `linux.maskedPaths[3]`. */
  readonly from?: string;
}

export interface Call extends Reasoned {
  readonly kind: "call";
  readonly name: SharedSyscallName;
  readonly args: readonly Argument[];
  readonly on?: Rules;
  /** The result must be exactly this; without it any result that is no error will do. */
  readonly expect?: number;
  /** The fd it returns moves here. */
  readonly slot?: Slot;
  /** It wrote two fds to `into`. */
  readonly pair?: { readonly into: Output; readonly first: Slot; readonly second: Slot };
  readonly check?: { readonly buffer: Output; readonly value: Uint8Array; readonly mask?: Uint8Array };
  /** Sends the result, and as much of the buffer as the result says (or all of it), to the client. */
  readonly answer?: { readonly buffer?: Output; readonly whole?: boolean };
}

/** clone3(2): `child` is the list of the new process. */
export interface Clone extends Reasoned {
  readonly kind: "clone";
  readonly flags: bigint;
  readonly role: string;
  readonly child: readonly Instruction[];
  readonly pidfd?: Slot;
  /** The new process's directory in /proc. */
  readonly proc?: Slot;
  /** A cgroup v2 directory it is born in (CLONE_INTO_CGROUP). */
  readonly cgroup?: Slot;
}

export interface Netlink extends Reasoned {
  readonly kind: "netlink";
  readonly socket: Slot;
  readonly messages: Uint8Array;
  /** What the messages say, for people. */
  readonly text: string;
  readonly on?: Rules;
}

export interface Run extends Reasoned {
  readonly kind: "run";
  readonly path: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly stdin: Uint8Array;
  /** Milliseconds; 0 waits for ever. */
  readonly timeout: number;
  readonly on?: Rules;
}

export interface Pause extends Reasoned {
  readonly kind: "pause";
}

export interface Supervise extends Reasoned {
  readonly kind: "supervise";
  readonly description: Struct;
}

/** Fails with the errno remembered, or else with this one. */
export interface Fail extends Reasoned {
  readonly kind: "fail";
  readonly errno: ErrnoName;
}

export interface End extends Reasoned {
  readonly kind: "end";
  readonly code: number;
  /** The children live on when the executor goes. */
  readonly keep: boolean;
}

export interface Jump extends Reasoned {
  readonly kind: "jump";
  readonly to: Label;
}

/** Copies the next `size` bytes of the segment's data to an fd. */
export interface Data extends Reasoned {
  readonly kind: "data";
  readonly into: Slot;
  readonly size: number;
}

/** Where a label stands; it costs nothing. */
export interface Place {
  readonly kind: "place";
  readonly label: Label;
}

export type Instruction = Call | Clone | Netlink | Run | Pause | Supervise | Fail | End | Jump | Data | Place;
