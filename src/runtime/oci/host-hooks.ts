/** `poststart` and `poststop` hooks: run on the host, when the launch is over (config.md#posix-platform-hooks). */

import { messageOf } from "../../base/errors.ts";
import { Executor } from "../../kernel/executor/executor.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Hooks } from "../../spec/runtime/hooks.ts";
import type { State } from "../../spec/runtime/state.ts";
import { runHooks } from "../launch/hooks.ts";
import type { OciContext } from "./context.ts";

/** The first that fails is an error; the rest is not run (runtime.md#lifecycle, step 9). */
export async function runPoststart(
  context: OciContext,
  hooks: Hooks["poststart"],
  state: State,
): Promise<void> {
  if (!hooks?.length) return;
  const executor = Executor.start({ shim: context.shim });
  try {
    const p = new ProgramBuilder();
    runHooks(p, "poststart", hooks, JSON.stringify(state));
    await executor.run(p.instructions);
  } finally {
    executor.close();
  }
}

/** One that fails is a warning, and the rest is run all the same (step 13). */
export async function runPoststop(
  context: OciContext,
  hooks: Hooks["poststop"],
  state: State,
): Promise<void> {
  if (!hooks?.length) return;
  const executor = Executor.start({ shim: context.shim });
  try {
    for (const hook of hooks) {
      const p = new ProgramBuilder();
      runHooks(p, "poststop", [hook], JSON.stringify(state));
      await executor.run(p.instructions).catch((error) => context.warn(messageOf(error)));
    }
  } finally {
    executor.close();
  }
}
