/**
 * Comparisons of a call's arguments: unsigned, 64 bits wide, made of two 32-bit halves because classic BPF
 * has no wider loads. The arguments of a 32-bit ABI have no upper half, nor do the values they are compared
 * with.
 */

import { BrigError } from "../../base/errors.ts";
import type { SeccompArg } from "../../spec/runtime/seccomp.ts";
import { quote } from "../../spec/schema/schema.ts";
import type { FilterAssembler, Target } from "./assembler.ts";

/** True when (argument & mask) relates to value as the operator says. */
export interface Condition {
  readonly index: number;
  readonly operator: Operator;
  readonly mask: bigint;
  readonly value: bigint;
}

export type Operator = "NE" | "LT" | "LE" | "EQ" | "GE" | "GT";

/** The condition a profile describes (config-linux.md#seccomp, `args`). */
export function parseCondition(arg: SeccompArg): Condition {
  const operator = operators.get(arg.op);
  if (!operator) refuse(`unknown operator ${quote(arg.op)}; use ${[...operators.keys()].join(", ")}`);
  if (!Number.isInteger(arg.index) || arg.index < 0 || arg.index > 5)
    refuse(`argument index must be from 0 to 5, not ${arg.index}`);
  const value = word(arg.value);
  if (operator !== "MASKED_EQ") return { index: arg.index, operator, mask: allBits, value };
  // As libseccomp: bits of the compared value outside the mask count for nothing.
  return { index: arg.index, operator: "EQ", mask: value, value: word(arg.valueTwo) & value };
}

/** Emits the comparison; the program goes on at `yes` or `no`. */
export function emitCondition(
  program: FilterAssembler,
  condition: Condition,
  bits: 32 | 64,
  yes: Target,
  no: Target,
): Target {
  switch (condition.operator) {
    case "EQ":
      return emitEqual(program, condition, bits, yes, no);
    case "NE":
      return emitEqual(program, condition, bits, no, yes);
    case "GT":
      return emitGreater(program, condition, bits, "jgt", yes, no);
    case "GE":
      return emitGreater(program, condition, bits, "jge", yes, no);
    case "LE":
      return emitGreater(program, condition, bits, "jgt", no, yes);
    case "LT":
      return emitGreater(program, condition, bits, "jge", no, yes);
  }
}

const allBits = 0xffff_ffff_ffff_ffffn;

const operators: ReadonlyMap<string, Operator | "MASKED_EQ"> = new Map(
  (["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"] as const).map((name) => [`SCMP_CMP_${name}`, name]),
);

function emitEqual(
  program: FilterAssembler,
  condition: Condition,
  bits: 32 | 64,
  yes: Target,
  no: Target,
): Target {
  const { index, mask, value } = condition;
  const low = emitHalfEqual(program, lowOffset(index), lowHalf(mask), lowHalf(value), yes, no);
  if (bits === 32) return low;
  return emitHalfEqual(program, lowOffset(index) + 4, highHalf(mask), highHalf(value), low, no);
}

function emitHalfEqual(
  program: FilterAssembler,
  offset: number,
  mask: number,
  value: number,
  yes: Target,
  no: Target,
): Target {
  if (mask === 0) return yes;
  program.jump("jeq", value, yes, no);
  if (mask !== 0xffff_ffff) program.and(mask);
  return program.load(offset);
}

function emitGreater(
  program: FilterAssembler,
  condition: Condition,
  bits: 32 | 64,
  lowJump: "jgt" | "jge",
  yes: Target,
  no: Target,
): Target {
  const { index, value } = condition;
  program.jump(lowJump, lowHalf(value), yes, no);
  const low = program.load(lowOffset(index));
  if (bits === 32) return low;
  const high = highHalf(value);
  if (high === 0) program.jump("jeq", 0, low, yes);
  else program.jump("jgt", high, yes, program.jump("jeq", high, low, no));
  return program.load(lowOffset(index) + 4);
}

/** Offset of an argument in struct seccomp_data; both architectures are little endian. */
function lowOffset(index: number): number {
  return 16 + 8 * index;
}

function lowHalf(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}

function highHalf(value: bigint): number {
  return Number(value >> 32n);
}

function word(value: number | bigint): bigint {
  if (typeof value === "number" && !Number.isSafeInteger(value))
    refuse(`value ${value} is not an exact integer`);
  if (value < 0 || value > allBits) refuse(`value ${value} does not fit 64 bits without a sign`);
  return BigInt(value);
}

function refuse(reason: string): never {
  throw new BrigError("invalid", `cannot compile seccomp profile: ${reason}`);
}
