/** This process itself (proc(5), /proc/self). */

import { readdirSync } from "node:fs";

export function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
