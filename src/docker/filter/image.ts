/** `images --filter`, and the name that `images` takes. */

import { BrigError } from "../../base/errors.ts";
import type { ImageInfo } from "../../engine/container/info.ts";
import type { ImageDetails } from "../../engine/image/list.ts";
import { type ImageRow, imageRows } from "../image-rows.ts";
import { parseBoolean } from "../text/boolean.ts";
import type { Filters } from "./filters.ts";
import { labelHolds } from "./label.ts";

type Test = (image: ImageInfo) => boolean;

/** Throws for keys that do not exist. */
export function imageFilter(filters: Filters, detailsOf: (reference: string) => ImageDetails): Test {
  const tests = Object.entries(filters).map(([key, values]): Test => {
    const make = Object.hasOwn(makers, key) ? makers[key] : undefined;
    if (!make) throw new BrigError("invalid", `invalid filter '${key}'`);
    const alternatives = values.map((value) => make(value, detailsOf));
    return key === "label"
      ? (image) => alternatives.every((test) => test(image))
      : (image) => alternatives.some((test) => test(image));
  });
  return (image) => tests.every((test) => test(image));
}

/** "repository", "repository:tag", and shell patterns of either. */
export function nameMatches({ repository, tag }: ImageRow, pattern: string): boolean {
  const expression = patternOf(pattern);
  return expression.test(`${repository}:${tag}`) || expression.test(repository);
}

type Maker = (value: string, detailsOf: (reference: string) => ImageDetails) => Test;

const makers: Readonly<Record<string, Maker>> = {
  dangling: (value) => {
    const wanted = parseBoolean(value);
    return ({ names }) => (names.length === 0) === wanted;
  },
  reference: (value) => (image) =>
    imageRows(image).some((row) => row.image.names.length > 0 && nameMatches(row, value)),
  label: (value, detailsOf) => (image) => labelHolds(detailsOf(image.id).config.config?.Labels ?? {}, value),
  before: (value, detailsOf) => {
    const created = createdOf(detailsOf(value));
    return (image) => image.created < created;
  },
  since: (value, detailsOf) => {
    const created = createdOf(detailsOf(value));
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
