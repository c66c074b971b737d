/** `prune --filter`, of each kind of thing, as what the engine is asked for. */

import { BrigError, messageOf } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import type { ImagePruneQuery } from "../../engine/prune/images.ts";
import type { PruneQuery } from "../../engine/prune/query.ts";
import type { VolumePruneQuery } from "../../engine/prune/volumes.ts";
import { parseBoolean } from "../text/boolean.ts";
import { instant, parseMoment } from "../text/moment.ts";
import type { Filters } from "./filters.ts";

/** `now` in milliseconds since 1970. Throws for keys that do not exist. */
export function pruneQuery(filters: Filters, now: number): PruneQuery {
  allow(filters, ["label", "label!", "until"]);
  return present({
    until: untilOf(filters, now),
    labels: filters.label,
    withoutLabels: filters["label!"],
  });
}

/** `dangling=false` is what the command line calls `--all`. */
export function imagePruneQuery({ dangling = [], ...filters }: Filters, now: number): ImagePruneQuery {
  const says = (...words: readonly string[]) => words.some((word) => dangling.includes(word));
  const all = says("false", "0");
  // Of several words one that is known is enough, as for Docker.
  if (dangling.length > 0 && !all && !says("true", "1"))
    throw new BrigError("invalid", `invalid filter 'dangling=[${dangling.join(" ")}]'`);
  return { ...pruneQuery(filters, now), all };
}

/** `all`: whether it is all of them where the filter does not say. */
export function volumePruneQuery({ all = [], ...filters }: Filters, otherwise: boolean): VolumePruneQuery {
  allow(filters, ["label", "label!"]);
  return {
    ...present({ labels: filters.label, withoutLabels: filters["label!"] }),
    all: all.length === 0 ? otherwise : truth(all),
  };
}

function allow(filters: Filters, keys: readonly string[]): void {
  const other = Object.keys(filters).find((key) => !keys.includes(key));
  if (other !== undefined) throw new BrigError("invalid", `invalid filter '${other}'`);
}

function untilOf({ until = [] }: Filters, now: number): number | undefined {
  if (until.length > 1) throw new BrigError("invalid", "more than one until filter specified");
  if (until.length === 0) return undefined;
  try {
    const moment = parseMoment(until[0]!);
    return moment && Number(instant(moment, BigInt(now) * 1_000_000n) / 1_000_000n);
  } catch (error) {
    throw new BrigError("invalid", messageOf(error));
  }
}

function truth(values: readonly string[]): boolean {
  try {
    const [first, ...others] = values.map(parseBoolean);
    if (others.every((value) => value === first)) return first!;
  } catch {
    // Told below.
  }
  throw new BrigError("invalid", `invalid filter 'all=[${values.join(" ")}]'`);
}
