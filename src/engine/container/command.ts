/** What a container executes: the user's words and the image's, combined as Docker does. */

import { BrigError } from "../../base/errors.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import type { ContainerSpec } from "./spec.ts";

/** An entrypoint of the user's takes the image's command away, as that was meant for the image's entrypoint. */
export function commandOf(spec: ContainerSpec, image: ImageConfig): readonly string[] {
  const own = spec.entrypoint !== undefined;
  const entrypoint = own ? spec.entrypoint! : (image.config?.Entrypoint ?? []);
  const command = spec.command?.length ? spec.command : own ? [] : (image.config?.Cmd ?? []);
  const all = [...entrypoint, ...command];
  if (all.length === 0) throw new BrigError("invalid", "cannot create the container: no command specified");
  return all;
}
