/**
 * What may stand as an argument of an instruction: constants only. Memory is laid out by `encode.ts`.
 */

/** A fixed file descriptor above stdio and the preserved ones; a result is moved there with dup3(2). */
export interface Slot {
  readonly kind: "slot";
  readonly name: string;
  readonly fd: number;
}

/** Bytes with pointers among them, such as an argument vector, an iovec or a sock_fprog. */
export interface Struct {
  readonly kind: "struct";
  readonly parts: readonly (Uint8Array | Pointer)[];
  /** How `explain` shows it, in the notation of strace(1); a function where that is work that a launch can spare. */
  readonly text: string | (() => string);
}

export interface Pointer {
  readonly kind: "pointer";
  readonly to: string | Uint8Array | Struct | Output;
}

/** A buffer that the kernel writes; instructions that name the same object share it. */
export interface Output {
  readonly kind: "output";
  readonly size: number;
}

/** A number or slot is passed as it is; everything else as the address of its bytes; text ends in NUL. */
export type Argument = number | bigint | string | Uint8Array | Slot | Struct | Output;

export function output(size: number): Output {
  return { kind: "output", size };
}

export function struct(text: Struct["text"], ...parts: readonly (Uint8Array | Pointer)[]): Struct {
  return { kind: "struct", parts, text };
}

export function structText({ text }: Struct): string {
  return typeof text === "string" ? text : text();
}

export function pointer(to: Pointer["to"]): Pointer {
  return { kind: "pointer", to };
}

export function u32(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => {
    bytes.writeUInt32LE(value >>> 0, i * 4);
  });
  return bytes;
}

export function u64(...values: readonly (number | bigint)[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, i) => {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), i * 8);
  });
  return bytes;
}

/** A NULL-terminated vector of strings, as execve(2) takes it. */
export function vector(strings: readonly string[]): Struct {
  return struct(() => vectorText(strings), ...strings.map(pointer), u64(0));
}

const shownStrings = 16;

function vectorText(strings: readonly string[]): string {
  const shown = strings.slice(0, shownStrings).map((s) => JSON.stringify(s));
  return `[${shown.join(", ")}${strings.length > shownStrings ? ", ..." : ""}]`;
}
