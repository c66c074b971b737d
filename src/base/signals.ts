/**
 * Signals by name and number (signal(7)). The numbers are those of x86-64 and arm64, which are the same.
 *
 * The C library keeps 32 and 33 for itself, so real-time signals go from 34 (RTMIN) to 64 (RTMAX).
 */

import { BrigError } from "./errors.ts";

/** The standard signals; where a number has two names, the first is the one that is printed. */
const numbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
  RTMIN: 34,
  RTMAX: 64,
};

const realTime = { least: 34, most: 64 } as const;

/** `SIGTERM`, `term`, `15`, `RTMIN+3`, `SIGRTMAX-1` → the number. Throws for what is no signal, and for 0. */
export function parseSignal(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : signalNumber(text.toUpperCase().replace(/^SIG/, ""));
  if (number === undefined || number < 1 || number > realTime.most) {
    throw new BrigError("invalid", `invalid signal: ${text}`);
  }
  return number;
}

/** 15 → `SIGTERM`, 37 → `SIGRTMIN+3`; the number itself where a signal has no name. */
export function signalName(number: number): string {
  for (const name in numbers) if (numbers[name] === number) return `SIG${name}`;
  return number > realTime.least && number < realTime.most
    ? `SIGRTMIN+${number - realTime.least}`
    : String(number);
}

function signalNumber(name: string): number | undefined {
  if (Object.hasOwn(numbers, name)) return numbers[name];
  const [, limit, offset] = /^(RTMIN\+|RTMAX-)(\d{1,2})$/.exec(name) ?? [];
  if (limit === undefined) return undefined;
  const number = limit === "RTMIN+" ? realTime.least + Number(offset) : realTime.most - Number(offset);
  return number >= realTime.least && number <= realTime.most ? number : undefined;
}
