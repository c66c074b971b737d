/** Removing one thing of many that seem not to be needed. */

import { BrigError } from "../../base/errors.ts";

/** Undefined where somebody needs it by now, or has taken it away already. */
export async function attempt<T>(remove: () => Promise<T>): Promise<{ readonly result: T } | undefined> {
  try {
    return { result: await remove() };
  } catch (error) {
    if (error instanceof BrigError && (error.kind === "conflict" || error.kind === "not-found"))
      return undefined;
    throw error;
  }
}
