/**
 * `--device HOST[:CONTAINER][:rwm]`, or a name of the Container Device Interface (`vendor.com/class=name`).
 */

import type { DeviceSpec } from "../../../engine/container/spec.ts";
import { listOf } from "../../flags/types/text.ts";

export const deviceList = listOf(parseDevice, { whole: true });

export function parseDevice(text: string): DeviceSpec {
  if (/^[a-zA-Z][\w.-]*\/[a-zA-Z][\w-]*=[a-zA-Z0-9][\w.:-]*$/.test(text)) return { kind: "cdi", name: text };
  const parts = text.split(":");
  const [pathOnHost, second, third] = parts;
  if (!pathOnHost || parts.length > 3) throw new Error(`bad format for path: ${text}`);
  const onlyMode = parts.length === 2 && isMode(second!);
  const pathInContainer = second === undefined || onlyMode ? pathOnHost : second;
  const permissions = third ?? (onlyMode ? second! : "rwm");
  if (!pathInContainer.startsWith("/")) throw new Error(`${pathInContainer} is not an absolute path`);
  if (!isMode(permissions)) throw new Error(`bad mode specified: ${permissions}`);
  return { kind: "path", pathOnHost, pathInContainer, permissions };
}

/** Each of the letters at most once. */
function isMode(text: string): boolean {
  return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}
