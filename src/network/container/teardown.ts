/** Nothing to take back: the host keeps nothing. */

import type { Step } from "../step.ts";

export const network = (): readonly Step[] => [];
export const endpoint = (): readonly Step[] => [];
export const ports = (): readonly Step[] => [];
