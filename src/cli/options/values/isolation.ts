/** `--isolation`: what separates the container from the host, weakest first. */

import { oneOf } from "../../flags/types/text.ts";

export const isolation = oneOf(
  ["default", "process", "sandbox", "vm"],
  (text) => `invalid isolation: '${text}': must be one of "default", "process", "sandbox" or "vm"`,
);
