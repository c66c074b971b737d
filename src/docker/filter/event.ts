/** `events --filter`: values of one key are alternatives, labels and keys must all hold (daemon/events/filter.go). */

import { labelHolds } from "../../base/labels.ts";
import type { EngineEvent } from "../../engine/events/feed.ts";
import { familiarName, parseReference } from "../../spec/reference.ts";
import type { Filters } from "./filters.ts";

type Test = (event: EngineEvent) => boolean;

/** Keys that do not exist are ignored, as Docker does. */
export function eventFilter(filters: Filters): Test {
  const tests = Object.entries(filters).map(([key, values]): Test => {
    if (values.length === 0) return () => true;
    if (key === "label") return ({ attributes }) => values.every((value) => labelHolds(attributes, value));
    if (key === "event") return actionTest(values);
    const holds = Object.hasOwn(makers, key) ? makers[key] : undefined;
    return holds ? (event) => values.some((value) => holds(event, value)) : () => true;
  });
  return (event) => tests.every((test) => test(event));
}

/** Told with more behind a colon: then a beginning is enough for whatever is asked for beside them. */
const withDetails = ["exec_create", "exec_start", "health_status"];

function actionTest(values: readonly string[]): Test {
  const fuzzy = values.some((value) => withDetails.includes(value));
  return ({ action }) => values.some((value) => action === value || (fuzzy && action.startsWith(value)));
}

/** By the beginning of its id or name, whatever it happened to: a container's events name its network, too. */
const named = ({ subject, attributes }: EngineEvent, value: string): boolean =>
  subject.startsWith(value) || (attributes.name ?? "").startsWith(value);

/** Only of things that go by that type's name. */
const makers: Readonly<Record<string, (event: EngineEvent, value: string) => boolean>> = {
  type: ({ type }, value) => type === value,
  scope: (_, value) => value === "local",
  container: named,
  daemon: named,
  network: named,
  plugin: named,
  volume: named,
  node: named,
  service: named,
  secret: named,
  config: named,
  image: ({ type, subject, attributes }, value) => {
    const name = (type === "image" ? attributes.name : attributes.image) ?? "";
    return [subject, name, untagged(subject), untagged(name)].includes(value);
  },
};

function untagged(name: string): string {
  try {
    return familiarName(parseReference(name));
  } catch {
    return name;
  }
}
