/** `network ls --filter`: values of one key are alternatives, keys must all hold. */

import { BrigError } from "../../base/errors.ts";
import type { NetworkInfo } from "../../engine/networks.ts";
import { booleanFilter } from "./boolean.ts";
import type { Filters } from "./filters.ts";

type Test = (network: NetworkInfo) => boolean;

/** Throws for keys that do not exist. */
export function networkFilter(filters: Filters): Test {
  const tests = Object.entries(filters).map(([key, values]): Test => {
    const make = Object.hasOwn(makers, key) ? makers[key] : undefined;
    if (!make) throw new BrigError("invalid", `invalid filter '${key}'`);
    const alternatives = values.map(make);
    return (network) => alternatives.some((test) => test(network));
  });
  return (network) => tests.every((test) => test(network));
}

const makers: Readonly<Record<string, (value: string) => Test>> = {
  name: (value) => (network) => network.name.includes(value),
  id: (value) => (network) => network.id.startsWith(value),
  driver: (value) => (network) => network.driver === value,
  scope: (value) => () => value === "local",
  // The networks that are always there have none.
  label: () => () => false,
  type: (value) => {
    if (value !== "builtin" && value !== "custom")
      throw new BrigError("invalid", `invalid filter 'type=${value}': use builtin or custom`);
    return () => value === "builtin";
  },
  dangling: (value) => {
    const wanted = booleanFilter("dangling", value);
    return () => !wanted;
  },
};
