/** The table of `top`, laid out as Docker lays it out: wide columns, whatever is in them. */

import type { ProcessTable } from "../../engine/container/top.ts";
import { formatTable } from "../terminal/table.ts";

const leastWidth = 20;

export function processText({ titles, processes }: ProcessTable): string {
  return formatTable([titles, ...processes], leastWidth);
}
