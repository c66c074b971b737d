/**
 * A launch program for people: each process's system calls in order, in the notation of strace(1), each with its
 * reason and the field of the config it comes from; and the same as plain JSON.
 */

import type { Argument } from "./argument.ts";
import type { Clone, Instruction, Rules } from "./instruction.ts";
import { argumentText } from "./signatures.ts";

export interface PrintedStep {
  readonly why: string;
  readonly from?: string;
  /** The system calls of this step, as strace shows them. */
  readonly calls: readonly PrintedCall[];
  /** What is not a system call: a jump, the end. */
  readonly note?: string;
  readonly on?: Readonly<Record<string, string>>;
}

export interface PrintedCall {
  readonly name: string;
  /** As a person reads them. */
  readonly text: string;
  /** As the kernel gets them: numbers, and text for what is a path or a name; null for other memory. */
  readonly args: readonly (number | string | null)[];
}

export interface PrintedProcess {
  readonly role: string;
  readonly steps: readonly PrintedStep[];
}

/** The processes of a program, the first one first. */
export function printProgram(program: readonly Instruction[], role: string): readonly PrintedProcess[] {
  const clones = program.filter((node): node is Clone => node.kind === "clone");
  const steps = program.map(printStep);
  return [{ role, steps }, ...clones.flatMap((clone) => printProgram(clone.child, clone.role))];
}

export function printText(processes: readonly PrintedProcess[]): string {
  return processes
    .map(({ role, steps }) =>
      [`── ${role} ${"─".repeat(Math.max(3, 100 - role.length))}`, ...steps.map(stepText), ""].join("\n"),
    )
    .join("\n");
}

function stepText({ why, from, calls, note, on }: PrintedStep): string {
  const reason = from === undefined ? why : `${why} (${from})`;
  const rules = Object.entries(on ?? {}).map(([errno, what]) => `${errno}: ${what}`);
  const lines = calls.map(({ text }) => `    ${text}`);
  return [
    `  # ${reason}`,
    ...lines,
    ...(note ? [`    ${note}`] : []),
    ...(rules.length > 0 ? [`      ${rules.join(", ")}`] : []),
  ].join("\n");
}

function printStep(node: Instruction): PrintedStep {
  const reason =
    node.kind === "place"
      ? { why: node.label.name }
      : { why: node.why, ...(node.from === undefined ? {} : { from: node.from }) };
  return { ...reason, ...printCalls(node), ...("on" in node && node.on ? { on: printRules(node.on) } : {}) };
}

function printCalls(node: Instruction): Pick<PrintedStep, "calls" | "note"> {
  switch (node.kind) {
    case "call": {
      const call = printed(node.name, node.args, node.slot?.fd);
      const { slot, pair } = node;
      const moved = slot ? move(slot.fd) : pair ? [...move(pair.first.fd), ...move(pair.second.fd)] : [];
      return { calls: [call, ...moved] };
    }
    case "clone": {
      const calls = [
        {
          name: "clone3",
          text: `clone3({flags=${flagNames(node.flags)}|CLONE_PIDFD}, 88) → ${node.role}`,
          args: [null, 88],
        },
      ];
      return {
        calls: [
          ...calls,
          ...(node.pidfd ? move(node.pidfd.fd) : []),
          ...(node.proc
            ? [
                {
                  name: "openat",
                  text: 'openat(AT_FDCWD, "/proc/PID", O_PATH|O_DIRECTORY|O_CLOEXEC)',
                  args: [-100, null, null],
                },
                ...move(node.proc.fd),
              ]
            : []),
        ],
      };
    }
    case "netlink": {
      const to = {
        name: "sendto",
        text: `sendto(${node.socket.fd}, ${node.text})`,
        args: [node.socket.fd, null, node.messages.length],
      };
      return {
        calls: [
          to,
          ...Array.from({ length: acknowledgements(node.messages) }, () => ({
            name: "recvfrom",
            text: `recvfrom(${node.socket.fd}, acknowledgement)`,
            args: [node.socket.fd],
          })),
        ],
      };
    }
    case "run":
      return { calls: [], note: `run ${JSON.stringify(node.args)}` };
    case "pause":
      return { calls: [], note: "— the launcher answers, and the program goes on —" };
    case "supervise":
      return { calls: [], note: `supervise ${node.description.text}` };
    case "fail":
      return { calls: [], note: `fail: ${node.errno}, or what was remembered` };
    case "end":
      return { calls: [], note: "end" };
    case "jump":
      return { calls: [], note: `go on at "${node.to.name}"` };
    case "data":
      return { calls: [], note: `write ${node.size} bytes to ${node.into.fd}` };
    case "place":
      return { calls: [] };
  }
}

/** An fd that a call returns goes to its slot. */
function move(slot: number): readonly PrintedCall[] {
  return [
    { name: "dup3", text: `dup3(FD, ${slot}, O_CLOEXEC)`, args: [null, slot, 0o2000000] },
    { name: "close", text: "close(FD)", args: [null] },
  ];
}

function printed(name: string, args: readonly Argument[], slot: number | undefined): PrintedCall {
  const result = slot === undefined ? "" : ` = ${slot}`;
  return {
    name,
    text: `${name}(${args.map((a, i) => argumentText(name, i, a)).join(", ")})${result}`,
    args: args.map(plain),
  };
}

function plain(argument: Argument): number | string | null {
  if (typeof argument === "number" || typeof argument === "string") return argument;
  if (typeof argument === "bigint") return Number(argument);
  if (argument instanceof Uint8Array) return null;
  return argument.kind === "slot" ? argument.fd : null;
}

function printRules(on: Rules): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(on).map(([errno, rule]) => [
      errno,
      typeof rule === "string"
        ? rule
        : rule.kind === "label"
          ? `go on at "${rule.name}"`
          : `try again ${rule.times} times`,
    ]),
  );
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

const cloneNames: Readonly<Record<string, bigint>> = {
  CLONE_NEWTIME: 0x80n,
  CLONE_NEWNS: 0x20000n,
  CLONE_NEWCGROUP: 0x2000000n,
  CLONE_NEWUTS: 0x4000000n,
  CLONE_NEWIPC: 0x8000000n,
  CLONE_NEWUSER: 0x10000000n,
  CLONE_NEWPID: 0x20000000n,
  CLONE_NEWNET: 0x40000000n,
};

export function flagNames(flags: bigint): string {
  const names = Object.entries(cloneNames).filter(([, bit]) => flags & bit);
  return names.length === 0 ? "0" : names.map(([name]) => name).join("|");
}
