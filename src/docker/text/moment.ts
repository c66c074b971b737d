/**
 * A point in time: a span of time before now (`42m`), seconds since 1970 (`1357133017.5`), or a date and
 * time as RFC 3339 writes it, whose end may be missing; without a zone it is the caller's local time.
 */

import { parseDuration } from "./duration.ts";
import { quote } from "./quote.ts";

export type Moment =
  | { readonly kind: "ago"; readonly nanoseconds: bigint }
  /** Since 1970. */
  | { readonly kind: "at"; readonly nanoseconds: bigint };

/** Nanoseconds since 1970. */
export function instant(moment: Moment, now: bigint): bigint {
  return moment.kind === "at" ? moment.nanoseconds : now - moment.nanoseconds;
}

/** The empty text is no limit: undefined. */
export function parseMoment(text: string): Moment | undefined {
  if (text === "") return undefined;
  const found = ago(text) ?? seconds(text) ?? date(text);
  if (found) return found;
  throw new Error(`failed to parse value as time or duration: ${quote(text)}`);
}

function ago(text: string): Moment | undefined {
  if (text === "0") return undefined; // both a duration and seconds since 1970: the latter
  try {
    return { kind: "ago", nanoseconds: BigInt(Math.round(parseDuration(text) * 1e6)) };
  } catch {
    return undefined;
  }
}

function seconds(text: string): Moment | undefined {
  const [, whole, fraction = ""] = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return { kind: "at", nanoseconds: BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0")) };
}

function date(text: string): Moment | undefined {
  const shape =
    /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?(Z|[+-]\d\d:\d\d)?$/;
  const match = shape.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone = ""] = match;
  const parsed = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  if (Number.isNaN(parsed.getTime())) return undefined;
  return { kind: "at", nanoseconds: BigInt(parsed.getTime()) * 1_000_000n + BigInt(fraction.padEnd(9, "0")) };
}
