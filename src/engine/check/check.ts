/**
 * `system check`: what does not belong to a root, and with `repair` no more after it.
 *
 * Other brigs may be at work meanwhile. Of two that repair one waits for the other.
 */

import { messageOf } from "../../base/errors.ts";
import type { EngineHost } from "../host.ts";
import { withLock } from "../store/lock.ts";
import { checks, first } from "./checks.ts";
import type { CheckOptions, Remedy } from "./finding.ts";
import { type Found, keyOf, look } from "./look.ts";

export interface SystemCheckOptions extends CheckOptions {
  readonly repair?: boolean;
}

export interface Report {
  readonly what: string;
  readonly where: string;
  readonly why: string;
  readonly remedy: Remedy;
  /** `failed`: a repair was tried. */
  readonly outcome: "found" | "mended" | "failed";
  /** Why it has failed. */
  readonly reason?: string;
}

export async function checkSystem(
  host: EngineHost,
  { repair = false, ...options }: SystemCheckOptions,
): Promise<readonly Report[]> {
  const found = await lookAround(host, options);
  if (!repair || found.length === 0) return found.map((each) => reportOf(each, "found"));
  return withLock(host, "repair", () => mendAll(host, options, found));
}

/** Mending one thing brings others to light. */
const rounds = 4;

async function mendAll(
  host: EngineHost,
  options: CheckOptions,
  found: readonly Found[],
): Promise<readonly Report[]> {
  const reports = new Map<string, Report>();
  let left = found;
  for (let round = 0; round < rounds && left.length > 0; round++) {
    const before = reports.size;
    for (const each of left) {
      const key = keyOf(each);
      if (!reports.has(key)) reports.set(key, await mend(host, each));
    }
    if (reports.size === before) break;
    left = await lookAround(host, options);
  }
  const still = new Set(left.map(keyOf));
  return [...reports].flatMap(([key, report]): readonly Report[] => {
    // What was mended elsewhere has gone with its reason, or another brig was first.
    if (!still.has(key)) return report.remedy.kind === "repair" ? [{ ...report, outcome: "mended" }] : [];
    return [
      report.outcome === "mended" ? { ...report, outcome: "failed", reason: "it is there again" } : report,
    ];
  });
}

async function lookAround(host: EngineHost, options: CheckOptions): Promise<readonly Found[]> {
  const unreadable = await look(host, [first], options);
  return unreadable.length > 0 ? unreadable : look(host, checks, options);
}

async function mend(host: EngineHost, found: Found): Promise<Report> {
  const { check, finding } = found;
  if (finding.remedy.kind === "advice") return reportOf(found, "found");
  try {
    await check.mend(host, finding.data);
    return reportOf(found, "mended");
  } catch (error) {
    return { ...reportOf(found, "failed"), reason: messageOf(error) };
  }
}

function reportOf({ finding: { what, where, why, remedy } }: Found, outcome: Report["outcome"]): Report {
  return { what, where, why, remedy, outcome };
}
