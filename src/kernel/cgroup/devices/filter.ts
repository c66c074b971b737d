/**
 * The device rules of v2: a program of the type BPF_PROG_TYPE_CGROUP_DEVICE that answers 1 (allowed) or 0 for
 * `struct bpf_cgroup_dev_ctx { u32 access_type, major, minor }` (<linux/bpf.h>), where access_type holds the type of
 * device in its lower half and the access in its upper.
 *
 *   r2 = type, r3 = access, r4 = major, r5 = minor
 *   for each exception: if it does not match go on with the next, else return its answer
 *   return the default
 *
 * An allowing exception must cover all of the access, a denying one any of it, as v1 has it: who may not write a device
 * may not open it for reading and writing either.
 */

import type { DeviceException, DevicePolicy } from "./rules.ts";

export const deviceTypes = { b: 1, c: 2 } as const;
export const deviceAccess: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };

/** The instructions of the program, eight bytes each. */
export function deviceFilter(policy: DevicePolicy): Buffer {
  const code: Instruction[] = [
    loadWord(type, context, 0),
    move(access, type),
    and(type, 0xffff),
    shiftRight(access, 16),
    loadWord(major, context, 4),
    loadWord(minor, context, 8),
  ];
  for (const exception of policy.exceptions) code.push(...block(exception, policy.byDefault));
  code.push(...answer(policy.byDefault === "allow"));
  return Buffer.concat(code.map(encode));
}

interface Instruction {
  readonly code: number;
  readonly dst: number;
  readonly src?: number;
  readonly offset?: number;
  readonly immediate?: number;
}

const [result, context, type, access, major, minor] = [0, 1, 2, 3, 4, 5];
/** The context is read once at the beginning, so that its register is free. */
const scratch = context;
const allAccess = 7;

/** Instructions that end the program if the exception matches. Jumps to the next block are filled in at the end. */
function block(exception: DeviceException, byDefault: DevicePolicy["byDefault"]): readonly Instruction[] {
  const next = 0;
  const code = [jumpUnlessEqual(type, deviceTypes[exception.type], next)];
  const mask = [...exception.access].reduce((bits, letter) => bits | deviceAccess[letter]!, 0);
  if (mask !== allAccess) {
    code.push(move(scratch, access), and(scratch, byDefault === "deny" ? ~mask & allAccess : mask));
    code.push(byDefault === "deny" ? jumpUnlessEqual(scratch, 0, next) : jumpIfEqual(scratch, 0, next));
  }
  if (exception.major !== "*") code.push(jumpUnlessEqual(major, exception.major, next));
  if (exception.minor !== "*") code.push(jumpUnlessEqual(minor, exception.minor, next));
  code.push(...answer(byDefault === "deny"));
  return code.map((n, i) => (jumps.has(n.code) ? { ...n, offset: code.length - i - 1 } : n));
}

function answer(allowed: boolean): readonly Instruction[] {
  return [
    { code: 0xb7, dst: result, immediate: allowed ? 1 : 0 },
    { code: 0x95, dst: 0 },
  ];
}

/* Opcodes: Documentation/bpf/standardization/instruction-set.rst */

const jumps: ReadonlySet<number> = new Set([0x15, 0x55]);

function loadWord(dst: number, src: number, offset: number): Instruction {
  return { code: 0x61, dst, src, offset };
}

function move(dst: number, src: number): Instruction {
  return { code: 0xbf, dst, src };
}

function and(dst: number, immediate: number): Instruction {
  return { code: 0x57, dst, immediate };
}

function shiftRight(dst: number, immediate: number): Instruction {
  return { code: 0x77, dst, immediate };
}

function jumpIfEqual(dst: number, immediate: number, offset: number): Instruction {
  return { code: 0x15, dst, immediate, offset };
}

function jumpUnlessEqual(dst: number, immediate: number, offset: number): Instruction {
  return { code: 0x55, dst, immediate, offset };
}

function encode({ code, dst, src = 0, offset = 0, immediate = 0 }: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(code, 0);
  bytes.writeUInt8(dst | (src << 4), 1);
  bytes.writeInt16LE(offset, 2);
  bytes.writeInt32LE(immediate, 4);
  return bytes;
}
