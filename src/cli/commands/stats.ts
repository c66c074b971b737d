/** `brig stats`: what containers use, a table that is printed anew every second. */

import { BrigError } from "../../base/errors.ts";
import { sleep } from "../../base/sleep.ts";
import { figuresOf } from "../../docker/stats/figures.ts";
import type { ContainerStats } from "../../engine/container/stats.ts";
import { type StatsRow, statsColumns, statsTable } from "../render/stats-columns.ts";
import { formatList } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";
import type { EngineDoor } from "./engine-door.ts";

/** Milliseconds between two measurements: processor shares need two. */
const interval = 1000;

/** Moves to the upper left, and clears what was there. */
const clear = "\x1b[2J\x1b[H";

export async function stats({ options, operands }: CallTo<"stats">, context: Context): Promise<number> {
  const engine = await context.engine();
  const { format, noTrunc } = options;
  // Of its host, which limits who has no limit.
  const total = Number((await engine.info()).MemTotal);
  let before = await measure(engine, operands, options.all);
  for (;;) {
    await sleep(interval);
    const now = await measure(engine, operands, options.all);
    const rows = [...now].map(([called, each]) => rowOf(called, each, before.get(called), total));
    const table = formatList(format, statsColumns(noTrunc), statsTable, rows);
    const inPlace = !options.noStream && (!format || format.startsWith("table"));
    await context.stdout.write(inPlace ? clear + table : table);
    if (options.noStream) return 0;
    before = now;
  }
}

/** By what the user calls them. Those that are gone by now are left out, unless they were asked for. */
async function measure(
  engine: EngineDoor,
  names: readonly string[],
  all: boolean,
): Promise<ReadonlyMap<string, ContainerStats>> {
  const wanted = names.length > 0 ? names : (await engine.list({ all })).map(({ id }) => id);
  const found = new Map<string, ContainerStats>();
  for (const name of wanted)
    try {
      found.set(name, await engine.stats(name));
    } catch (error) {
      if (names.length > 0 || !(error instanceof BrigError && error.kind === "not-found")) throw error;
    }
  return found;
}

function rowOf(
  called: string,
  now: ContainerStats,
  before: ContainerStats | undefined,
  total: number,
): StatsRow {
  const figures = figuresOf(now, before, total);
  return { called, id: now.id, name: now.name, ...(figures ? { figures } : {}) };
}
