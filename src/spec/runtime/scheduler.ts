/** Scheduling of the process (runtime-spec, config.md#linux-process; sched_setattr(2)). */

import { int32, oneOf, uint64 } from "../schema/scalars.ts";
import { type Infer, list, object, optional } from "../schema/schema.ts";

export const schedulerPolicies = [
  "SCHED_OTHER",
  "SCHED_FIFO",
  "SCHED_RR",
  "SCHED_BATCH",
  "SCHED_ISO",
  "SCHED_IDLE",
  "SCHED_DEADLINE",
] as const;

export const schedulerFlags = [
  "SCHED_FLAG_RESET_ON_FORK",
  "SCHED_FLAG_RECLAIM",
  "SCHED_FLAG_DL_OVERRUN",
  "SCHED_FLAG_KEEP_POLICY",
  "SCHED_FLAG_KEEP_PARAMS",
  "SCHED_FLAG_UTIL_CLAMP_MIN",
  "SCHED_FLAG_UTIL_CLAMP_MAX",
] as const;

export const scheduler = object({
  policy: oneOf(schedulerPolicies),
  nice: optional(int32),
  /** Static priority of SCHED_FIFO and SCHED_RR. */
  priority: optional(int32),
  flags: optional(list(oneOf(schedulerFlags))),
  /** Nanoseconds, of SCHED_DEADLINE only, as are the next two. */
  runtime: optional(uint64),
  deadline: optional(uint64),
  period: optional(uint64),
});

export type SchedulerPolicy = (typeof schedulerPolicies)[number];
export type SchedulerFlag = (typeof schedulerFlags)[number];
export interface Scheduler extends Infer<typeof scheduler> {}
