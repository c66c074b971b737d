/** The columns of `stats`, by the names that `--format` knows them by. */

import { shortIdLength } from "../../base/ids.ts";
import { binarySize, humanSize } from "../../base/units.ts";
import type { Figures } from "../../docker/stats/figures.ts";
import type { Columns } from "../terminal/format.ts";

export interface StatsRow {
  /** As the user called it, or its id. */
  readonly called: string;
  readonly id: string;
  readonly name: string;
  /** Absent while it does not run. */
  readonly figures?: Figures;
}

export const statsTable = [
  "ID",
  "Name",
  "CPUPerc",
  "MemUsage",
  "MemPerc",
  "NetIO",
  "BlockIO",
  "PIDs",
] as const;

export function statsColumns(full: boolean): Columns<StatsRow> {
  const figure = (text: (figures: Figures) => string, otherwise: string) => (row: StatsRow) =>
    row.figures ? text(row.figures) : otherwise;
  return {
    BlockIO: {
      title: "BLOCK I/O",
      text: figure(({ read, written }) => `${humanSize(read)} / ${humanSize(written)}`, "-- / --"),
    },
    Container: { title: "CONTAINER", text: ({ called }) => called },
    CPUPerc: { title: "CPU %", text: figure(({ cpu }) => `${cpu.toFixed(2)}%`, "--") },
    ID: { title: "CONTAINER ID", text: ({ id }) => (full ? id : id.slice(0, shortIdLength)) },
    MemPerc: { title: "MEM %", text: figure(({ memoryShare }) => `${memoryShare.toFixed(2)}%`, "--") },
    MemUsage: {
      title: "MEM USAGE / LIMIT",
      text: figure(
        ({ memory, memoryLimit }) => `${binarySize(memory)} / ${binarySize(memoryLimit)}`,
        "-- / --",
      ),
    },
    Name: { title: "NAME", text: ({ name }) => name },
    NetIO: {
      title: "NET I/O",
      text: figure(({ received, sent }) => `${humanSize(received)} / ${humanSize(sent)}`, "-- / --"),
    },
    PIDs: { title: "PIDS", text: figure(({ processes }) => String(processes), "--") },
  };
}
