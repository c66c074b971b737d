/** `brig container|image|volume|network|system prune`: takes away what nobody needs, after a question. */

import { BrigError } from "../../base/errors.ts";
import { humanSize } from "../../base/units.ts";
import type { Filters } from "../../docker/filter/filters.ts";
import { imagePruneQuery, pruneQuery, volumePruneQuery } from "../../docker/filter/prune.ts";
import { confirm } from "./confirm.ts";
import type { CallTo, Context } from "./context.ts";
import type { EngineDoor } from "./engine-door.ts";

/** What was removed, a line each below a title; nothing where nothing was. */
interface Report {
  readonly text: string;
  readonly reclaimed: number;
}

interface Wish {
  /** Kinds of which also those that have names go. */
  readonly named: readonly Kind[];
  readonly filter: Filters;
  readonly now: number;
}

type Kind = "containers" | "networks" | "volumes" | "images";

const prunes: Readonly<Record<Kind, (engine: EngineDoor, wish: Wish) => Promise<Report>>> = {
  async containers(engine, { filter, now }) {
    const pruned = await engine.pruneContainers({ ...pruneQuery(filter, now), release: true });
    return report("Deleted Containers:", pruned.removed, pruned.reclaimed);
  },
  async networks(engine, { filter, now }) {
    const { removed } = await engine.pruneNetworks(pruneQuery(filter, now));
    return report("Deleted Networks:", removed, 0);
  },
  async volumes(engine, { filter, named }) {
    const pruned = await engine.pruneVolumes(volumePruneQuery(filter, named.includes("volumes")));
    return report("Deleted Volumes:", pruned.removed, pruned.reclaimed);
  },
  async images(engine, { filter, named, now }) {
    const dangling = [...(filter.dangling ?? []), String(!named.includes("images"))];
    const pruned = await engine.pruneImages(imagePruneQuery({ ...filter, dangling }, now));
    const lines = pruned.removed.map(({ kind, what }) => `${kind}: ${what}`);
    return report("Deleted Images:", lines, pruned.reclaimed);
  },
};

function report(title: string, lines: readonly string[], reclaimed: number): Report {
  if (lines.length === 0) return { text: "", reclaimed: 0 };
  return { text: `${[title, ...lines].join("\n")}\n\n`, reclaimed };
}

interface Question {
  readonly warning: string;
  readonly force: boolean;
}

/** Bytes; undefined when the user has said no, which is as good an end as any. */
async function pruneKinds(
  kinds: readonly Kind[],
  { warning, force }: Question,
  wish: Omit<Wish, "now">,
  context: Context,
): Promise<number | undefined> {
  if (!force && !(await confirm(`WARNING! This will remove${warning}`, context))) return undefined;
  const engine = await context.engine();
  let reclaimed = 0;
  for (const kind of kinds) {
    const done = await prunes[kind](engine, { ...wish, now: context.now() });
    await context.stdout.write(done.text);
    reclaimed += done.reclaimed;
  }
  return reclaimed;
}

async function tellReclaimed(pruning: Promise<number | undefined>, { stdout }: Context): Promise<number> {
  const reclaimed = await pruning;
  if (reclaimed !== undefined) await stdout.write(`Total reclaimed space: ${humanSize(reclaimed, 4)}\n`);
  return 0;
}

export function containerPrune({ options }: CallTo<"containerPrune">, context: Context): Promise<number> {
  const { filter, force } = options;
  const question = { warning: " all stopped containers.", force };
  return tellReclaimed(pruneKinds(["containers"], question, { named: [], filter }, context), context);
}

export function imagePrune({ options }: CallTo<"imagePrune">, context: Context): Promise<number> {
  const { all, filter, force } = options;
  const which = all ? "images without at least one container associated to them" : "dangling images";
  const wish = { named: all ? (["images"] as const) : [], filter };
  return tellReclaimed(pruneKinds(["images"], { warning: ` all ${which}.`, force }, wish, context), context);
}

export function volumePrune({ options }: CallTo<"volumePrune">, context: Context): Promise<number> {
  const { all, filter, force } = options;
  if (all && "all" in filter)
    throw new BrigError("invalid", "conflicting options: cannot specify both --all and --filter all=1");
  const which = all ? "all" : "anonymous";
  const warning = ` ${which} local volumes not used by at least one container.`;
  const wish = { named: all ? (["volumes"] as const) : [], filter };
  return tellReclaimed(pruneKinds(["volumes"], { warning, force }, wish, context), context);
}

export async function networkPrune({ options }: CallTo<"networkPrune">, context: Context): Promise<number> {
  const { filter, force } = options;
  const warning = " all custom networks not used by at least one container.";
  await pruneKinds(["networks"], { warning, force }, { named: [], filter }, context);
  return 0;
}

/** Volumes that have a name stay, whatever is said of images. */
export function systemPrune({ options }: CallTo<"systemPrune">, context: Context): Promise<number> {
  const { all, filter, force, volumes } = options;
  if (volumes && "until" in filter)
    throw new BrigError("invalid", 'the "until" filter is not supported with "--volumes"');
  const kinds = ["containers", "networks", ...(volumes ? (["volumes"] as const) : []), "images"] as const;
  const question = { warning: systemWarning(all, volumes, filter), force };
  const wish = { named: all ? (["images"] as const) : [], filter };
  return tellReclaimed(pruneKinds(kinds, question, wish, context), context);
}

function systemWarning(all: boolean, volumes: boolean, filter: Filters): string {
  const warnings = [
    "all stopped containers",
    "all networks not used by at least one container",
    ...(volumes ? ["all anonymous volumes not used by at least one container"] : []),
    all ? "all images without at least one container associated to them" : "all dangling images",
    all ? "all build cache" : "unused build cache",
  ];
  const filters = ["label", "label!", "until"]
    .flatMap((name) => (filter[name] ?? []).map((value) => `${name}=${value}`))
    .sort();
  const items = (lines: readonly string[]) => lines.map((line) => `\n  - ${line}`).join("");
  const narrowed =
    filters.length > 0 ? `\n\n  Items to be pruned will be filtered with:${items(filters)}` : "";
  return `:${items(warnings)}${narrowed}\n`;
}
