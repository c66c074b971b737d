/** What a spec can say and this engine does not do: refused with a reason, never ignored. */

import { BrigError } from "../../base/errors.ts";
import { hasOrigin } from "./mount-origins.ts";
import type { ContainerSpec } from "./spec.ts";

/** Throws for the first of them. */
export function refuseUnsupported(spec: ContainerSpec): void {
  const found = unsupported.find(([asked]) => asked(spec));
  if (found) throw new BrigError("unsupported", found[1], { code: "unsupported-option" });
}

const unsupported: readonly (readonly [asked: (spec: ContainerSpec) => boolean, reason: string])[] = [
  [
    ({ init = false, runtime }) => init && runtime !== undefined,
    "--init is not supported with another runtime; use an init of the image's as entrypoint",
  ],
  [
    ({ mounts = [] }) =>
      mounts.some(
        (mount) =>
          mount.kind === "volume" &&
          ((mount.driver ?? "local") !== "local" ||
            (mount.name === undefined && Object.keys(mount.driverOptions).length > 0)),
      ),
    "a volume with options needs a name, and the driver local",
  ],
  [
    ({ mounts = [], runtime }) => runtime !== undefined && mounts.some(hasOrigin),
    "images and parts of volumes cannot be mounted with another runtime",
  ],
];
