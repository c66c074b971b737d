/** Rules of hooks (runtime-spec, config.md#posix-platform-hooks). */

import type { RuntimeConfig } from "../config.ts";
import { hookNames } from "../hooks.ts";
import { absolutePath, type Finding, invalid } from "./finding.ts";

export function* hookRules(config: RuntimeConfig): Iterable<Finding> {
  const clause = "config.md#posix-platform-hooks";
  for (const name of hookNames) {
    for (const [index, hook] of (config.hooks?.[name] ?? []).entries()) {
      yield* absolutePath(`hooks.${name}[${index}].path`, hook.path, clause);
      if (hook.timeout !== undefined && hook.timeout <= 0) {
        yield invalid(`hooks.${name}[${index}].timeout`, "must be greater than zero", clause);
      }
    }
  }
}
