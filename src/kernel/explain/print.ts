/**
 * A launch program as plain data for people and tests: each process's steps in order, with the system calls they
 * make, as strace(1) would show them; `listing.ts` makes text of it.
 *
 * A step has the number by which a failure names it ("cannot …: permission denied (mount_setattr, step 41)"): it is
 * that of `program/encode.ts`, where the children's lists follow their parent's. A program that goes on after a pause does so
 * in another segment, and its steps count from 1 again.
 */

import { type Argument, type Struct, structText } from "../program/argument.ts";
import type { Call, Clone, Instruction, Label, Rules } from "../program/instruction.ts";
import { cloneFlags } from "./flag-names.ts";
import { argumentTexts } from "./signatures.ts";

export interface PrintedProcess {
  readonly role: string;
  readonly steps: readonly PrintedStep[];
}

export interface PrintedStep {
  readonly segment: number;
  readonly step: number;
  readonly kind: Instruction["kind"];
  /** Completes the sentence "cannot …". */
  readonly why: string;
  /** The field of the config, or the option, that asks for it. */
  readonly from?: string;
  /** In their order. The first is what the step is about; those behind it follow its success. */
  readonly calls: readonly PrintedCall[];
  /** What is not a system call of the program: a pause, the end. */
  readonly note?: string;
  /** The result that the first call must have. */
  readonly expect?: number;
  /** By errno; any other ends the launch. */
  readonly on?: Readonly<Record<string, PrintedRule>>;
  /** Of a clone: the role of the process that begins. */
  readonly begins?: string;
  /** Of a jump: the step of this segment where it leads. */
  readonly to?: number;
}

export interface PrintedCall {
  readonly name: string;
  /** As a person reads it. */
  readonly text: string;
  readonly args: readonly PrintedArgument[];
}

/**
 * As the kernel gets it: a number; text for paths, names and other readable memory, a list of it for a vector; bytes
 * for other memory; null for what is known only when it happens, and for structures with pointers inside.
 */
export type PrintedArgument = number | string | readonly string[] | { readonly hex: string } | null;

export type PrintedRule =
  | { readonly do: "continue" | "remember" }
  | { readonly do: "go on"; readonly at: number; readonly label: string }
  | { readonly do: "try again"; readonly times: number; readonly delay: number };

/** The processes of one segment, the first one first. */
export function printProgram(
  program: readonly Instruction[],
  role: string,
  segment = 1,
): readonly PrintedProcess[] {
  const numbers = new Numbers();
  const lists: { readonly role: string; readonly list: readonly Instruction[] }[] = [{ role, list: program }];
  for (let i = 0; i < lists.length; i++) {
    const { list } = lists[i]!;
    numbers.number(list);
    for (const node of list) if (node.kind === "clone") lists.push({ role: node.role, list: node.child });
  }
  return lists.map((process) => ({
    role: process.role,
    steps: process.list
      .filter((node) => node.kind !== "place")
      .map((node) => printStep(node, segment, numbers)),
  }));
}

/** Segments one after the other: processes of the same role are the same process. */
export function joinSegments(...segments: readonly (readonly PrintedProcess[])[]): readonly PrintedProcess[] {
  const processes = new Map<string, PrintedStep[]>();
  for (const { role, steps } of segments.flat())
    processes.set(role, [...(processes.get(role) ?? []), ...steps]);
  return [...processes].map(([role, steps]) => ({ role, steps }));
}

type Node = Exclude<Instruction, { kind: "place" }>;

class Numbers {
  readonly steps = new Map<Instruction, number>();
  readonly #labels = new Map<Label, number>();
  #next = 1;

  number(list: readonly Instruction[]): void {
    for (const node of list) {
      if (node.kind === "place") this.#labels.set(node.label, this.#next);
      else this.steps.set(node, this.#next++);
    }
    if (!ends(list.at(-1))) this.#next++;
  }

  of(label: Label): number {
    return this.#labels.get(label)!;
  }
}

/** As in `program/encode.ts`, which ends a list that does not end itself. */
function ends(last: Instruction | undefined): boolean {
  return (
    last?.kind === "end" || last?.kind === "supervise" || last?.kind === "fail" || last?.kind === "pause"
  );
}

function printStep(node: Node, segment: number, numbers: Numbers): PrintedStep {
  return {
    segment,
    step: numbers.steps.get(node)!,
    kind: node.kind,
    why: node.why,
    ...(node.from === undefined ? {} : { from: node.from }),
    ...printKind(node),
    ...("on" in node && node.on ? { on: printRules(node.on, numbers) } : {}),
    ...(node.kind === "jump" ? { to: numbers.of(node.to) } : {}),
  };
}

function printKind(node: Node): Pick<PrintedStep, "calls" | "note" | "expect" | "begins"> {
  switch (node.kind) {
    case "call":
      return {
        calls: [printCall(node), ...moves(node)],
        ...(node.expect === undefined ? {} : { expect: node.expect }),
        ...(node.check ? { note: checkText(node.check) } : {}),
      };
    case "clone":
      return { calls: cloneCalls(node), begins: node.role };
    case "netlink":
      return { calls: netlinkCalls(node.socket.fd, node.messages, node.text) };
    case "run":
      return { calls: [], note: `runs ${JSON.stringify(node.args)} and waits${limit(node.timeout)}` };
    case "pause":
      return { calls: [], note: "brig reads what was answered, and sends the next segment" };
    case "supervise":
      return { calls: [], note: `is the container's shim from here on: ${structText(node.description)}` };
    case "fail":
      return { calls: [], note: `fails with ${node.errno}, or with the errno remembered` };
    case "end":
      return { calls: [], note: node.keep ? "ends; what it started lives on" : "ends" };
    case "jump":
      return { calls: [] };
    case "data":
      return { calls: [], note: `writes ${node.size} bytes to ${node.into.fd}<${node.into.name}>` };
  }
}

function checkText({ value, mask }: NonNullable<Call["check"]>): string {
  const first = mask === undefined ? 0 : mask.findIndex((byte) => byte !== 0);
  const bytes = Buffer.from(value.subarray(first));
  const text = bytes.toString("latin1");
  const shown = /^[\x20-\x7e]+$/.test(text)
    ? JSON.stringify(text)
    : bytes.toString("hex").replace(/..(?=.)/g, "$& ");
  return `what comes back must have ${shown} at ${first}`;
}

function limit(timeout: number): string {
  return timeout === 0 ? "" : `, ${timeout} ms at most`;
}

function printCall({ name, args, slot, pair }: Call): PrintedCall {
  const result = slot ? " = fd" : pair ? ", [fd, fd2]" : "";
  return { name, text: `${name}(${argumentTexts(name, args).join(", ")})${result}`, args: args.map(plain) };
}

/** Fds that a call returned go to their slots; of a pair the second goes first, so that it is not overwritten. */
function moves({ slot, pair }: Call): readonly PrintedCall[] {
  if (pair) return [...move(pair.second.fd, "fd2"), ...move(pair.first.fd, "fd")];
  return slot ? move(slot.fd, "fd") : [];
}

function move(slot: number, fd: string): readonly PrintedCall[] {
  return [
    { name: "dup3", text: `dup3(${fd}, ${slot}, O_CLOEXEC)`, args: [null, slot, 0o2000000] },
    { name: "close", text: `close(${fd})`, args: [null] },
  ];
}

const AT_FDCWD = -100;
const CLONE_PIDFD = 0x1000n;
const CLONE_INTO_CGROUP = 0x200000000n;

function cloneCalls({ flags, pidfd, proc, cgroup }: Clone): readonly PrintedCall[] {
  const names = cloneFlags(flags | CLONE_PIDFD | (cgroup ? CLONE_INTO_CGROUP : 0n));
  const into = cgroup ? `, cgroup=${cgroup.fd}` : "";
  const path = {
    name: "openat",
    text: 'openat(AT_FDCWD, "/proc/PID", O_PATH|O_DIRECTORY|O_CLOEXEC) = fd',
    args: [AT_FDCWD, null, null],
  };
  return [
    {
      name: "clone3",
      text: `clone3({flags=${names}, pidfd=fd, exit_signal=SIGCHLD${into}}, 88) = PID`,
      args: [null, 88],
    },
    ...(pidfd ? move(pidfd.fd, "fd") : []),
    ...(proc ? [path, ...move(proc.fd, "fd")] : []),
  ];
}

function netlinkCalls(socket: number, messages: Uint8Array, text: string): readonly PrintedCall[] {
  return [
    { name: "sendto", text: `sendto(${socket}, ${text})`, args: [socket, null, messages.length] },
    ...Array.from({ length: acknowledgements(messages) }, () => ({
      name: "recvfrom",
      text: `recvfrom(${socket}, acknowledgement)`,
      args: [socket],
    })),
  ];
}

function plain(argument: Argument): PrintedArgument {
  if (typeof argument === "number" || typeof argument === "string") return argument;
  if (typeof argument === "bigint") return Number(argument);
  if (argument instanceof Uint8Array) return memory(argument);
  if (argument.kind === "slot") return argument.fd;
  return argument.kind === "output" ? null : structure(argument);
}

function memory(bytes: Uint8Array): PrintedArgument {
  const text = Buffer.from(bytes).toString("latin1");
  return /^[\x20-\x7e\n]*$/.test(text) ? text : { hex: Buffer.from(bytes).toString("hex") };
}

function structure({ parts }: Struct): PrintedArgument {
  const bytes = parts.filter((part) => part instanceof Uint8Array);
  if (bytes.length === parts.length) return { hex: Buffer.concat(bytes).toString("hex") };
  // A vector is pointers to text, and a null at its end.
  const strings = parts.flatMap((part) => ("to" in part && typeof part.to === "string" ? [part.to] : []));
  return strings.length === parts.length - 1 && parts.at(-1) instanceof Uint8Array ? strings : null;
}

function printRules(on: Rules, numbers: Numbers): NonNullable<PrintedStep["on"]> {
  return Object.fromEntries(Object.entries(on).map(([errno, rule]) => [errno, printRule(rule, numbers)]));
}

function printRule(rule: NonNullable<Rules[keyof Rules]>, numbers: Numbers): PrintedRule {
  if (typeof rule === "string") return { do: rule };
  if (rule.kind === "label") return { do: "go on", at: numbers.of(rule), label: rule.name };
  return { do: "try again", times: rule.times, delay: rule.delay };
}

const NLM_F_ACK = 4;

function acknowledgements(messages: Uint8Array): number {
  const view = new DataView(messages.buffer, messages.byteOffset, messages.length);
  let count = 0;
  for (let at = 0; at + 16 <= messages.length; at += (view.getUint32(at, true) + 3) & ~3) {
    if (view.getUint32(at, true) < 16) break;
    if (view.getUint16(at + 6, true) & NLM_F_ACK) count++;
  }
  return count;
}
