/** Nothing to set up: the namespace is another's, and has its interfaces. */

import type { Step } from "../step.ts";

export const network = (): readonly Step[] => [];
export const endpoint = (): readonly Step[] => [];
/** Ports cannot be published: what the container listens on is reached as it is. */
export const ports = (): readonly Step[] => [];
