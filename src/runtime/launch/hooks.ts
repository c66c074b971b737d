/** Hooks (runtime-spec, config.md#posix-platform-hooks): programs that get the container's state on stdin. */

import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { Hook, HookName } from "../../spec/runtime/hooks.ts";

/** Hooks of the launch itself, whose state names a pid that is known only after the clone. */
export const launchHooks = ["prestart", "createRuntime", "createContainer", "startContainer"] as const;

export function hasLaunchHooks(config: RuntimeConfig): boolean {
  return launchHooks.some((name) => (config.hooks?.[name]?.length ?? 0) > 0);
}

export function runHooks(
  p: ProgramBuilder,
  name: HookName,
  hooks: readonly Hook[] | undefined,
  state: string,
): void {
  hooks?.forEach((hook, i) => {
    p.run(`run the ${name} hook ${hook.path}`, {
      path: hook.path,
      args: hook.args?.length ? hook.args : [hook.path],
      env: hook.env ?? [],
      stdin: Buffer.from(state),
      timeout: Number(hook.timeout ?? 0) * 1000,
      from: `hooks.${name}[${i}]`,
    });
  });
}
