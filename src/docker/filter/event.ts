/** `events --filter`: values of one key are alternatives, keys must all hold. */

import { BrigError } from "../../base/errors.ts";
import type { EngineEvent } from "../../engine/events/feed.ts";
import { familiar } from "../../spec/reference.ts";
import type { Filters } from "./filters.ts";
import { labelHolds } from "./label.ts";

type Test = (event: EngineEvent) => boolean;

/** Throws for keys that do not exist. */
export function eventFilter(filters: Filters): Test {
  const tests = Object.entries(filters).map(([key, values]): Test => {
    const make = Object.hasOwn(makers, key) ? makers[key] : undefined;
    if (!make) throw new BrigError("invalid", `invalid filter '${key}'`);
    const alternatives = values.map(make);
    return key === "label"
      ? (event) => alternatives.every((test) => test(event))
      : (event) => alternatives.some((test) => test(event));
  });
  return (event) => tests.every((test) => test(event));
}

const makers: Readonly<Record<string, (value: string) => Test>> = {
  // "exec_create" is told with its command behind a colon.
  event: (value) => (event) => event.action === value || event.action.startsWith(`${value}:`),
  type: (value) => (event) => event.type === value,
  container: (value) => (event) =>
    event.type === "container" && (event.attributes.name === value || event.subject.startsWith(value)),
  image: (value) => (event) => {
    const name = event.type === "image" ? event.attributes.name : event.attributes.image;
    return name !== undefined && (name === value || familiar(name) === familiar(value));
  },
  volume: (value) => (event) => event.type === "volume" && event.subject === value,
  network: (value) => (event) => event.type === "network" && event.subject.startsWith(value),
  daemon: () => (event) => event.type === "daemon",
  scope: (value) => () => value === "local",
  label: (value) => (event) => labelHolds(event.attributes, value),
};
