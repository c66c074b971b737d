/** When a container is started again, as requests say it. */

import { BrigError } from "../../base/errors.ts";
import type { RestartPolicy } from "../../engine/container/spec.ts";
import type { Infer } from "../../spec/schema/schema.ts";
import type { restartBody } from "./container-body.ts";

const names = ["no", "always", "unless-stopped", "on-failure"] as const;

/** Undefined for the policy that does nothing. */
export function restartOf(body: Infer<typeof restartBody> | undefined): RestartPolicy | undefined {
  const { Name: said = "no", MaximumRetryCount: maximumRetryCount = 0 } = body ?? {};
  const name = names.find((known) => known === said);
  if (!name)
    throw new BrigError(
      "invalid",
      `invalid restart policy: unknown policy '${said}'; use one of ${names.join(", ")}`,
    );
  if (maximumRetryCount !== 0 && name !== "on-failure")
    throw new BrigError(
      "invalid",
      `invalid restart policy: maximum retry count can only be used with 'on-failure'`,
    );
  if (maximumRetryCount < 0)
    throw new BrigError("invalid", "invalid restart policy: maximum retry count cannot be negative");
  return name === "no" ? undefined : { name, maximumRetryCount };
}
