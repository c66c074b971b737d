/** The columns of `history`, by the names that `--format` knows them by. */

import { humanSize } from "../../base/units.ts";
import { humanAge } from "../../docker/human-time.ts";
import { timestamp } from "../../docker/timestamp.ts";
import type { HistoryStep } from "../../engine/image/history.ts";
import { ellipsis } from "../terminal/ellipsis.ts";
import type { Columns } from "../terminal/format.ts";
import { shortId } from "./image-columns.ts";

export const historyTable = ["ID", "CreatedSince", "CreatedBy", "Size", "Comment"] as const;

/** Docker keeps the images of no step but the last. */
const missing = "<missing>";
const commandWidth = 45;

/** `full`: nothing is shortened; `human`: sizes and times in words. `now` in milliseconds since 1970. */
export function historyColumns({
  full,
  human,
  now,
}: {
  readonly full: boolean;
  readonly human: boolean;
  readonly now: number;
}): Columns<HistoryStep> {
  const since = ({ created }: HistoryStep) => (created === undefined ? "N/A" : humanAge(created, now));
  return {
    Comment: { title: "COMMENT", text: ({ comment }) => comment },
    CreatedAt: { title: "CREATED AT", text: ({ created }) => wholeSeconds(created) },
    CreatedBy: { title: "CREATED BY", text: ({ createdBy }) => command(createdBy, full) },
    CreatedSince: human
      ? { title: "CREATED", text: since }
      : { title: "CREATED AT", text: ({ created }) => wholeSeconds(created) },
    ID: { title: "IMAGE", text: ({ id }) => (id === undefined ? missing : full ? id : shortId(id)) },
    Size: { title: "SIZE", text: ({ size }) => (human ? humanSize(size) : String(size)) },
  };
}

function command(text: string, full: boolean): string {
  const line = text.replaceAll("\t", " ");
  return full ? line : ellipsis(line, commandWidth);
}

function wholeSeconds(time: number | undefined): string {
  return timestamp(time).replace(/\.\d+Z$/, "Z");
}
