/** `--pull`: when to ask the registry. */

import type { FlagType } from "../../flags/flag.ts";

export type PullPolicy = "always" | "missing" | "never";

const policies: readonly PullPolicy[] = ["always", "missing", "never"];

export const pullPolicy: FlagType<PullPolicy, PullPolicy> = {
  word: "string",
  initial: "missing",
  whole: true,
  read: (text) => {
    const policy = policies.find((known) => known === (text === "" ? "missing" : text));
    if (policy) return policy;
    throw new Error(`invalid pull option: '${text}': must be one of "always", "missing" or "never"`);
  },
};
