/** `volume ls --filter`: values of one key are alternatives, keys must all hold. */

import { BrigError } from "../../base/errors.ts";
import { labelHolds } from "../../base/labels.ts";
import type { ContainerInfo } from "../../engine/container/info.ts";
import type { VolumeInfo } from "../../engine/volume/volume.ts";
import { booleanFilter } from "./boolean.ts";
import type { Filters } from "./filters.ts";

type Test = (volume: VolumeInfo) => boolean;
type Maker = (value: string, containers: readonly ContainerInfo[]) => Test;

/** Throws for keys that do not exist. */
export function volumeFilter(filters: Filters, containers: readonly ContainerInfo[]): Test {
  const tests = Object.entries(filters).map(([key, values]): Test => {
    const make = Object.hasOwn(makers, key) ? makers[key] : undefined;
    if (!make) throw new BrigError("invalid", `invalid filter '${key}'`);
    const alternatives = values.map((value) => make(value, containers));
    return key === "label"
      ? (volume) => alternatives.every((test) => test(volume))
      : (volume) => alternatives.some((test) => test(volume));
  });
  return (volume) => tests.every((test) => test(volume));
}

const makers: Readonly<Record<string, Maker>> = {
  name: (value) => (volume) => volume.name.includes(value),
  driver: (value) => () => value === "local",
  label: (value) => (volume) => labelHolds(volume.labels, value),
  dangling: (value, containers) => {
    const wanted = booleanFilter("dangling", value);
    return ({ name }) => !containers.some((container) => has(container, name)) === wanted;
  },
};

function has({ id, spec }: ContainerInfo, name: string): boolean {
  return (
    name.startsWith(`${id}-`) ||
    (spec.mounts ?? []).some((mount) => mount.kind === "volume" && mount.name === name)
  );
}
