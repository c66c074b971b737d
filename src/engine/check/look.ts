/** Looking again: what other brigs are just making or removing is gone at one of the next looks, and is not told. */

import { messageOf } from "../../base/errors.ts";
import { sleep } from "../../base/sleep.ts";
import type { EngineHost } from "../host.ts";
import { advice, type Check, type CheckOptions, type Finding } from "./finding.ts";

/** A finding with the check that mends it. */
export interface Found {
  readonly check: Check;
  readonly finding: Finding;
}

/** Milliseconds for which a finding must be there at every look, and between two of them. */
const grace = 3000;
const pause = 150;

/** A host on which all is well is looked at once. */
export async function look(
  host: EngineHost,
  checks: readonly Check[],
  options: CheckOptions,
): Promise<readonly Found[]> {
  let found = await lookOnce(host, checks, options);
  const deadline = host.now() + grace;
  while (found.some(({ check }) => !check.once) && host.now() < deadline) {
    await sleep(pause);
    const doubted = new Set(found.map(({ check }) => check).filter((check) => !check.once));
    const again = await lookOnce(host, [...doubted], options);
    // As it is told now: what `mend` will find.
    found = [...found.filter(({ check }) => check.once), ...again.filter(isAmong(found))];
  }
  const order = (each: Found) => checks.indexOf(each.check);
  return found.toSorted((a, b) => order(a) - order(b));
}

async function lookOnce(
  host: EngineHost,
  checks: readonly Check[],
  options: CheckOptions,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const check of checks) {
    const findings = await findingsOf(host, check, options);
    found.push(...findings.map((finding) => ({ check, finding })));
  }
  return found;
}

/** What cannot be looked at is a finding itself. */
async function findingsOf(
  host: EngineHost,
  check: Check,
  options: CheckOptions,
): Promise<readonly Finding[]> {
  try {
    return await check.find(host, options);
  } catch (error) {
    const remedy = advice("see what the message says");
    return [{ what: "check", where: host.roots.root, why: messageOf(error), remedy, data: undefined }];
  }
}

const isAmong = (known: readonly Found[]) => {
  const keys = new Set(known.map(keyOf));
  return (found: Found) => keys.has(keyOf(found));
};

/** A finding is the same one as long as it reads the same. */
export function keyOf({ finding: { what, where, why } }: Found): string {
  return [what, where, why].join("\0");
}
