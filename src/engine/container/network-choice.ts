/** Which network a container is in, from what the user said. */

import { BrigError } from "../../base/errors.ts";
import { parseMode } from "../../network/drivers.ts";
import type { ContainerSpec } from "./spec.ts";

export type NetworkChoice =
  | { readonly kind: "bridge" | "none" | "host" }
  | { readonly kind: "container"; readonly container: string };

export function networkOf(spec: ContainerSpec): NetworkChoice {
  const mode = parseMode(spec.network?.mode ?? "");
  if (mode.kind !== "network") return mode;
  if (mode.name === "bridge") return { kind: "bridge" };
  throw new BrigError(
    "not-found",
    `network ${mode.name} not found; the networks are bridge, none, host and container:NAME`,
    {
      code: "no-such-network",
    },
  );
}
