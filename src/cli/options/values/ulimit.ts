/** `--ulimit NAME=SOFT[:HARD]` (getrlimit(2)); -1 is no limit, and a single number is both limits. */

import { quote } from "../../../docker/text/quote.ts";
import type { Ulimit } from "../../../engine/container/spec.ts";
import type { FlagType } from "../../flags/flag.ts";
import { parseInteger } from "../../flags/types/integer.ts";

/** The resources of setrlimit(2) in lower case, without RLIMIT_. */
export const ulimitNames = [
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
] as const;

/** Of two limits with one name the later holds. */
export const ulimitList: FlagType<readonly Ulimit[], readonly Ulimit[]> = {
  word: "ulimit",
  initial: [],
  read: (text, before = []) => {
    const limit = parseUlimit(text);
    return [...before.filter(({ name }) => name !== limit.name), limit];
  },
};

export function parseUlimit(text: string): Ulimit {
  const equals = text.indexOf("=");
  if (equals < 0) throw new Error(`invalid ulimit argument: ${text}`);
  const [given, values] = [text.slice(0, equals), text.slice(equals + 1)];
  const name = ulimitNames.find((known) => known === given);
  if (!name) throw new Error(`invalid ulimit type: ${given}`);
  const parts = values.split(":");
  if (parts.length > 2) {
    throw new Error(`too many limit value arguments - ${values}, can only have up to two, \`soft[:hard]\``);
  }
  const [soft, hard = soft] = parts.map(parseLimit) as [number, number?];
  if (hard !== -1 && soft === -1) {
    throw new Error(
      `ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: ${hard}`,
    );
  }
  if (hard !== -1 && soft > hard) {
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  }
  return { name, soft, hard };
}

/** Decimal only: `0x10` is no limit. */
function parseLimit(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`);
  return parseInteger(text.replace(/^([+-]?)0+(?=\d)/, "$1"), -(2n ** 63n), 2n ** 63n - 1n);
}
