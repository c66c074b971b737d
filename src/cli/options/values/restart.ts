/** `--restart no|always|unless-stopped|on-failure[:TIMES]`. */

import type { RestartPolicy } from "../../../engine/container/spec.ts";
import type { FlagType } from "../../flags/flag.ts";

const names = ["no", "always", "unless-stopped", "on-failure"] as const;

export const restartPolicy: FlagType<RestartPolicy, RestartPolicy> = {
  word: "string",
  initial: { name: "no", maximumRetryCount: 0 },
  whole: true,
  read: parseRestartPolicy,
};

export function parseRestartPolicy(text: string): RestartPolicy {
  const colon = text.indexOf(":");
  const given = colon < 0 ? text : text.slice(0, colon);
  const times = colon < 0 ? "" : text.slice(colon + 1);
  if (given === "" && colon >= 0) {
    throw new Error("invalid restart policy format: no policy provided before colon");
  }
  if (!/^([+-]?\d+)?$/.test(times)) {
    throw new Error("invalid restart policy format: maximum retry count must be an integer");
  }
  const name = given === "" ? "no" : names.find((known) => known === given);
  if (!name) throw new Error(`invalid restart policy '${given}'`);
  const maximumRetryCount = Number(times);
  if (maximumRetryCount !== 0 && name !== "on-failure") {
    throw new Error(`maximum retry count cannot be used with restart policy '${name}'`);
  }
  if (maximumRetryCount < 0) throw new Error("maximum retry count cannot be negative");
  return { name, maximumRetryCount };
}
