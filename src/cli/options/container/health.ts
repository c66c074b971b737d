/** How it is found out whether the container does its work. */

import type { Flags } from "../../flags/flag.ts";
import { duration } from "../../flags/types/duration.ts";
import { integer } from "../../flags/types/integer.ts";
import { text } from "../../flags/types/text.ts";
import { toggle } from "../../flags/types/toggle.ts";

export const healthFlags = {
  healthCmd: { type: text, help: "Command that ends with 0 while it is healthy" },
  healthInterval: { type: duration, help: "Time between two checks (1m30s)" },
  healthRetries: { type: integer, help: "Failures in a row that make it unhealthy" },
  healthStartInterval: { type: duration, help: "Time between two checks while it starts" },
  healthStartPeriod: { type: duration, help: "Time in which failures do not count" },
  healthTimeout: { type: duration, help: "Time after which a check has failed" },
  noHealthcheck: { type: toggle, help: "Do without the image's check" },
} as const satisfies Flags;
