/** `--volumes-from`: what another container mounts, resolved when the container is made: the other one may go. */

import { BrigError } from "../../base/errors.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import type { ContainerRecord } from "./records.ts";
import type { ContainerSpec, MountSpec } from "./spec.ts";
import { anonymousVolume, imageVolumes } from "./volumes.ts";

export interface Lender extends Pick<ContainerRecord, "id" | "spec"> {
  /** Of its image; absent when that is gone. */
  readonly image?: ImageConfig;
}

/** The spec with the mounts of the others; what it mounts itself at the same place holds. */
export function withVolumesOf(spec: ContainerSpec, find: (reference: string) => Lender): ContainerSpec {
  const own = spec.mounts ?? [];
  const borrowed = (spec.volumesFrom ?? []).flatMap((text) => {
    const { reference, readOnly } = parse(text);
    return lent(find(reference)).map((mount) => (readOnly ? { ...mount, readOnly } : mount));
  });
  const mounts = new Map([...borrowed, ...own].map((mount) => [mount.target, mount]));
  // A place that is named twice by the user himself is a conflict, and stays one.
  return { ...spec, mounts: [...[...mounts.values()].filter((mount) => !own.includes(mount)), ...own] };
}

function parse(text: string): { readonly reference: string; readonly readOnly: boolean } {
  const [reference = "", mode = "rw", ...rest] = text.split(":");
  if (reference === "") throw new BrigError("invalid", "malformed volumes-from specification: it is empty");
  const modes = mode.split(",");
  if (rest.length > 0 || modes.some((each) => !["ro", "rw", "z", "Z"].includes(each)))
    throw new BrigError("invalid", `invalid mode: ${[mode, ...rest].join(":")}`);
  return { reference, readOnly: modes.includes("ro") };
}

type Lent = Extract<MountSpec, { kind: "bind" | "volume" }>;

/** File systems in memory are a container's own. */
function lent({ id, spec, image }: Lender): readonly Lent[] {
  const asked = (spec.mounts ?? []).flatMap((mount): readonly Lent[] => {
    if (mount.kind === "bind") return [mount];
    if (mount.kind !== "volume") return [];
    return [{ ...mount, name: mount.name ?? anonymousVolume(id, mount.target) }];
  });
  const declared = image ? imageVolumes(spec, image) : [];
  return [
    ...asked,
    ...declared.map((target) => ({
      kind: "volume" as const,
      name: anonymousVolume(id, target),
      target,
      readOnly: false,
      noCopy: true,
      driverOptions: {},
      labels: {},
    })),
  ];
}
