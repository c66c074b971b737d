/** Programs that run at points of the container's life (runtime-spec, config.md#posix-platform-hooks). */

import { integer, kernelText } from "../schema/scalars.ts";
import { type Infer, list, object, optional } from "../schema/schema.ts";

/** The kinds of hooks in the order of a container's life. */
export const hookNames = [
  "prestart",
  "createRuntime",
  "createContainer",
  "startContainer",
  "poststart",
  "poststop",
] as const;

export const hook = object({
  path: kernelText,
  /** argv, with the program's name first; absent means the path alone. */
  args: optional(list(kernelText)),
  env: optional(list(kernelText)),
  /** Seconds; greater than zero. */
  timeout: optional(integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
});

const hookList = optional(list(hook));

export const hooks = object({
  prestart: hookList,
  createRuntime: hookList,
  createContainer: hookList,
  startContainer: hookList,
  poststart: hookList,
  poststop: hookList,
});

export type HookName = (typeof hookNames)[number];
export interface Hook extends Infer<typeof hook> {}
export interface Hooks extends Infer<typeof hooks> {}
