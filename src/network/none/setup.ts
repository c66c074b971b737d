/** The loopback, and nothing else. */

import { loopbackUp } from "../loopback.ts";
import type { Step } from "../step.ts";

export const network = (): readonly Step[] => [];
export const endpoint = (): readonly Step[] => [loopbackUp()];
/** Ports cannot be published: as with Docker, the option has no effect. */
export const ports = (): readonly Step[] => [];
