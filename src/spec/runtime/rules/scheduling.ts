/** CPU and I/O scheduling of the process (runtime-spec, config.md#linux-process; sched_setattr(2), ioprio_set(2)). */

import type { Process } from "../process.ts";
import type { Scheduler, SchedulerPolicy } from "../scheduler.ts";
import { type Finding, invalid, unsupported } from "./finding.ts";

export function* schedulingRules(process: Process, path: (field: string) => string): Iterable<Finding> {
  if (process.scheduler) yield* schedulerRules(process.scheduler, (field) => path(`scheduler.${field}`));
  const priority = process.ioPriority?.priority ?? 0;
  if (priority < 0 || priority > 7) {
    yield invalid(path("ioPriority.priority"), "must be from 0 to 7", "config.md#linux-process");
  }
}

/** Which of the fields besides flags a policy takes. */
const takes: Readonly<Record<SchedulerPolicy, "nice" | "priority" | "times" | "nothing">> = {
  SCHED_OTHER: "nice",
  SCHED_BATCH: "nice",
  SCHED_FIFO: "priority",
  SCHED_RR: "priority",
  SCHED_DEADLINE: "times",
  SCHED_IDLE: "nothing",
  SCHED_ISO: "nothing",
};

function* schedulerRules(scheduler: Scheduler, path: (field: string) => string): Iterable<Finding> {
  const { policy, nice = 0, priority = 0, runtime = 0, deadline = 0, period = 0 } = scheduler;
  const clause = "config.md#linux-process; sched_setattr(2)";
  const field = takes[policy];

  if (policy === "SCHED_ISO")
    yield unsupported(path("policy"), "SCHED_ISO is not implemented by Linux", "sched(7)");
  // The kernel ignores nice under the other policies.
  if (field === "nice" && (nice < -20 || nice > 19))
    yield invalid(path("nice"), "must be from -20 to 19", clause);
  if (field === "priority" && (priority < 1 || priority > 99)) {
    yield invalid(path("priority"), `must be from 1 to 99 with ${policy}`, clause);
  }
  if (field !== "priority" && priority !== 0) {
    yield invalid(path("priority"), `must be 0 or absent with ${policy}`, clause);
  }
  for (const [name, value] of Object.entries({ runtime, deadline, period })) {
    if (field !== "times" && value > 0)
      yield invalid(path(name), `is only for SCHED_DEADLINE, not ${policy}`, clause);
  }
  if (field === "times" && (runtime > deadline || (period > 0 && deadline > period))) {
    yield invalid(path("runtime"), "must be: runtime <= deadline <= period", clause);
  }
}
