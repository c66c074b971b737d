/** `images --filter`, and the name that `images` takes. */

import { BrigError } from "../../base/errors.ts";
import { labelHolds } from "../../base/labels.ts";
import type { ImageInfo } from "../../engine/container/info.ts";
import type { ImageDetails } from "../../engine/image/list.ts";
import { type ImageRow, imageRows } from "../image-rows.ts";
import { booleanFilter } from "./boolean.ts";
import type { Filters } from "./filters.ts";

type Test = (image: ImageInfo) => boolean | Promise<boolean>;

/** Those for which all filters hold. Throws for keys that do not exist. */
export async function filterImages(
  images: readonly ImageInfo[],
  filters: Filters,
  detailsOf: DetailsOf,
): Promise<readonly ImageInfo[]> {
  const tests = await Promise.all(
    Object.entries(filters).map(async ([key, values]) => {
      const make = Object.hasOwn(makers, key) ? makers[key] : undefined;
      if (!make) throw new BrigError("invalid", `invalid filter '${key}'`);
      const alternatives = await Promise.all(values.map((value) => make(value, detailsOf)));
      return { all: key === "label", alternatives };
    }),
  );
  const kept: ImageInfo[] = [];
  for (const image of images) {
    const holds = await Promise.all(
      tests.map(async ({ all, alternatives }) => {
        const results = await Promise.all(alternatives.map((test) => test(image)));
        return all ? results.every(Boolean) : results.some(Boolean);
      }),
    );
    if (holds.every(Boolean)) kept.push(image);
  }
  return kept;
}

type DetailsOf = (reference: string) => Promise<ImageDetails>;

/** "repository", "repository:tag", and shell patterns of either. */
export function nameMatches({ repository, tag }: ImageRow<unknown>, pattern: string): boolean {
  const expression = patternOf(pattern);
  return expression.test(`${repository}:${tag}`) || expression.test(repository);
}

type Maker = (value: string, detailsOf: DetailsOf) => Test | Promise<Test>;

const makers: Readonly<Record<string, Maker>> = {
  dangling: (value) => {
    const wanted = booleanFilter("dangling", value);
    return ({ names }) => (names.length === 0) === wanted;
  },
  reference: (value) => (image) =>
    imageRows(image, image.names).some((row) => row.name !== "" && nameMatches(row, value)),
  label: (value, detailsOf) => async (image) =>
    labelHolds((await detailsOf(image.id)).config.config?.Labels ?? {}, value),
  before: async (value, detailsOf) => {
    const created = createdOf(await detailsOf(value));
    return (image) => image.created < created;
  },
  since: async (value, detailsOf) => {
    const created = createdOf(await detailsOf(value));
    return (image) => image.created > created;
  },
};

function createdOf({ config }: ImageDetails): number {
  return config.created === undefined ? 0 : Date.parse(config.created);
}

/** path.Match of Go: `*` and `?` stay within one part of the name. */
function patternOf(pattern: string): RegExp {
  const source = [...pattern].map((c) => (c === "*" ? "[^/]*" : c === "?" ? "[^/]" : RegExp.escape(c)));
  return new RegExp(`^${source.join("")}$`);
}
