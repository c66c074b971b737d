/** `--version`: the first line names the runtime, the second the spec, as engines parse it. */

import packageJson from "../../../package.json" with { type: "json" };
import { runtimeSpecVersion } from "../../spec/runtime/version.ts";

export function versionText(): string {
  return `brig-oci version ${packageJson.version}\nspec: ${runtimeSpecVersion}\n`;
}
