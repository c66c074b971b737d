/** A finding of `system check`, as a line and by the names that `--format` knows its parts by. */

import type { Report } from "../../engine/check/check.ts";
import type { Columns } from "../terminal/format.ts";

export const findingColumns: Columns<Report> = {
  Advice: { title: "ADVICE", text: ({ remedy }) => (remedy.kind === "advice" ? remedy.say : "") },
  Outcome: { title: "OUTCOME", text: ({ outcome }) => outcome },
  Reason: { title: "REASON", text: ({ reason = "" }) => reason },
  Repair: { title: "REPAIR", text: ({ remedy }) => (remedy.kind === "repair" ? remedy.does : "") },
  What: { title: "WHAT", text: ({ what }) => what },
  Where: { title: "WHERE", text: ({ where }) => where },
  Why: { title: "WHY", text: ({ why }) => why },
};

/** With a line end. */
export function findingLine(report: Report): string {
  return `${report.what} ${report.where}: ${report.why}; ${remedyText(report)}\n`;
}

function remedyText({ remedy, outcome, reason }: Report): string {
  if (remedy.kind === "advice") return `no repair: ${remedy.say}`;
  if (outcome === "failed") return `not mended: ${reason}`;
  return outcome === "mended" ? `mended: ${remedy.does}` : `--repair ${remedy.does}`;
}
