/** `--platform` as the engine takes it. */

import type { PlatformSpec } from "../options/values/platform.ts";

export function platformText({ os, architecture, variant }: PlatformSpec = {}): string | undefined {
  return [os, architecture, variant].filter(Boolean).join("/") || undefined;
}
