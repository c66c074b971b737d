/**
 * The printed program of a process as an automaton, and a trace as its word: every call must be the one of the step at
 * hand, its result says which step is next, and nothing may be left when the process has become what it shall be.
 */

import type {
  PrintedArgument,
  PrintedCall,
  PrintedProcess,
  PrintedStep,
} from "../../src/kernel/explain/print.ts";
import { number, type Traced, type Value } from "./trace.ts";

/** Follows the trace from its first call on; throws where it leaves the program. Returns the children's pids by role. */
export function walk(
  process: PrintedProcess,
  trace: readonly Traced[],
  same: Same,
): ReadonlyMap<string, number> {
  return new Walk(process, trace, same).go();
}

/** Makes texts comparable whose random parts differ. */
export type Same = (text: string) => string;

const F_SETFD = 2;
const F_DUPFD_CLOEXEC = 1030;
const O_CLOEXEC = 0o2000000;

class Walk {
  readonly #process: PrintedProcess;
  readonly #trace: readonly Traced[];
  readonly #same: Same;
  readonly #children = new Map<string, number>();
  #at = 0;

  constructor(process: PrintedProcess, trace: readonly Traced[], same: Same) {
    this.#process = process;
    this.#trace = trace;
    this.#same = same;
  }

  go(): ReadonlyMap<string, number> {
    for (let i: number | undefined = 0; i !== undefined; ) i = this.#step(i);
    return this.#children;
  }

  /** Where the process goes on; undefined when it has become the command or the shim. */
  #step(i: number): number | undefined {
    const step = this.#process.steps[i];
    if (!step) throw new Error(`${this.#process.role}: the program ends without an end`);
    switch (step.kind) {
      case "pause":
        return i + 1;
      case "jump":
        return this.#find(step, step.to!);
      case "supervise":
        return undefined;
      case "end":
        if (this.#at < this.#trace.length) throw this.#wrong(step, "the end of the process");
        return undefined;
      case "call":
      case "clone":
      case "netlink":
        return this.#calls(step, i);
      default:
        throw this.#wrong(step, `no ${step.kind}`);
    }
  }

  #calls(step: PrintedStep, i: number): number | undefined {
    const [first, ...rest] = step.calls;
    const seen = this.#next(step, first!);
    if (first!.name === "execve" && seen.errno === undefined) return undefined;
    const errno =
      seen.errno ?? (step.expect === undefined || seen.result === step.expect ? undefined : "EBADMSG");
    if (errno !== undefined) {
      const rule = step.on?.[errno];
      if (!rule) throw this.#wrong(step, `no ${errno}`, seen);
      if (rule.do === "try again") return i;
      return rule.do === "go on" ? this.#find(step, rule.at) : i + 1;
    }
    if (step.kind === "netlink") this.#acknowledgements(step, rest);
    else if (step.kind === "clone") this.#clone(step, rest, seen);
    else this.#moves(step, rest, fdsOf(seen));
    return i + 1;
  }

  /** The next call, which must be this one. */
  #next(step: PrintedStep, call: PrintedCall): Traced {
    const seen = this.#trace[this.#at++];
    if (!seen) throw this.#wrong(step, call.text);
    if (seen.name !== call.name || !sameArguments(call, seen, this.#same))
      throw this.#wrong(step, call.text, seen);
    return seen;
  }

  /** Fds go to their slots: by dup3 and close, or, where one is there already, by fcntl. */
  #moves(step: PrintedStep, moves: readonly PrintedCall[], fds: readonly number[]): void {
    const slots = moves.filter(({ name }) => name === "dup3").map(({ args }) => Number(args[1]));
    // Of a pair the second is moved first; the first makes way for it where it sits in its slot.
    const sources = [...fds].reverse();
    if (sources.length === 2 && sources[1] === slots[0]) {
      const away = this.#exact(step, "fcntl", [sources[1]!, F_DUPFD_CLOEXEC, 256]);
      this.#exact(step, "close", [sources[1]!]);
      sources[1] = away.result!;
    }
    slots.forEach((slot, i) => {
      const fd = sources[i]!;
      if (fd === slot) this.#exact(step, "fcntl", [fd, F_SETFD, 1]);
      else {
        this.#exact(step, "dup3", [fd, slot, O_CLOEXEC]);
        this.#exact(step, "close", [fd]);
      }
    });
  }

  #clone(step: PrintedStep, rest: readonly PrintedCall[], seen: Traced): void {
    this.#children.set(step.begins!, seen.result!);
    const pidfd = /pidfd=\[(\d+)\]/.exec(seen.line)?.[1];
    const open = rest.findIndex(({ name }) => name === "openat");
    this.#moves(step, open < 0 ? rest : rest.slice(0, open), [Number(pidfd)]);
    if (open < 0) return;
    const proc = this.#next(step, rest[open]!);
    if (proc.args[1] !== `/proc/${seen.result}`) throw this.#wrong(step, `/proc/${seen.result}`, proc);
    this.#moves(step, rest.slice(open + 1), [proc.result!]);
  }

  /** One datagram or more. */
  #acknowledgements(step: PrintedStep, rest: readonly PrintedCall[]): void {
    if (rest.length === 0) return;
    this.#next(step, rest[0]!);
    for (let i = 1; i < rest.length && this.#trace[this.#at]?.name === "recvfrom"; i++)
      this.#next(step, rest[i]!);
  }

  #exact(step: PrintedStep, name: string, args: readonly number[]): Traced {
    return this.#next(step, { name, args, text: `${name}(${args.join(", ")})` });
  }

  #find({ segment }: PrintedStep, number: number): number {
    return this.#process.steps.findIndex((s) => s.segment === segment && s.step === number);
  }

  #wrong(step: PrintedStep, wanted: string, seen: Traced | undefined = this.#trace[this.#at]): Error {
    const place = `${this.#process.role}, segment ${step.segment}, step ${step.step} (${step.why})`;
    return new Error(`${place}:\n  explained  ${wanted}\n  strace saw ${seen?.line ?? "nothing more"}`);
  }
}

/** What the call made: one fd as its result, or two in its argument. */
function fdsOf(seen: Traced): readonly number[] {
  const pair = seen.args
    .map((arg) => (typeof arg === "object" && "shown" in arg ? /^\[(\d+), (\d+)\]$/.exec(arg.shown) : null))
    .find((found) => found !== null);
  return pair ? [Number(pair[1]), Number(pair[2])] : [seen.result!];
}

/** strace leaves out arguments that the call does not look at. */
function sameArguments(call: PrintedCall, seen: Traced, same: Same): boolean {
  return call.args.every((wanted, i) => {
    const found = seen.args[i];
    return found === undefined || sameArgument(wanted, found, same);
  });
}

function sameArgument(wanted: PrintedArgument, found: Value, same: Same): boolean {
  if (wanted === null) return true;
  if (typeof wanted === "number")
    return (
      typeof found === "number" && BigInt.asUintN(32, BigInt(found)) === BigInt.asUintN(32, BigInt(wanted))
    );
  if (typeof wanted === "string") return typeof found === "string" && same(found) === same(wanted);
  if ("hex" in wanted)
    return typeof found === "object" && "shown" in found && sameStructure(wanted.hex, found.shown);
  return Array.isArray(found) && same(found.join("\n")) === same(wanted.join("\n"));
}

/** Structures of 64-bit numbers are compared by value; of others it is enough that strace understood them. */
function sameStructure(hex: string, shown: string): boolean {
  const bytes = Buffer.from(hex, "hex");
  const how = /^\{flags=(\w+)(?:, mode=(\w+))?, resolve=(\w+)\}$/.exec(shown);
  if (how) return same64(bytes, [how[1], how[2] ?? "0", how[3]]);
  const attributes = /^\{attr_set=(\w+), attr_clr=(\w+), propagation=(\w+), userns_fd=(\w+)\}$/.exec(shown);
  if (attributes) return same64(bytes, attributes.slice(1));
  const limit = /^\{rlim_cur=(\w+), rlim_max=(\w+)\}$/.exec(shown);
  return limit ? same64(bytes, limit.slice(1)) : true;
}

function same64(bytes: Buffer, words: readonly (string | undefined)[]): boolean {
  return words.every((word, i) => bytes.readBigUInt64LE(i * 8) === BigInt(number(word!)));
}
