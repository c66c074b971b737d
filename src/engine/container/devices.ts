/** Devices of the host that a container gets: the nodes; `resources.ts` has the rules that let it use them. */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { Device } from "../../spec/runtime/devices.ts";
import type { ContainerSpec } from "./spec.ts";

export function devicesOf(spec: ContainerSpec): Device[] {
  if (spec.privileged) return everyDevice("/dev");
  return (spec.devices ?? []).flatMap((device) => {
    if (device.kind === "cdi")
      throw new BrigError(
        "unsupported",
        `cannot add the device ${device.name}: CDI is not supported; name a path`,
      );
    const found = deviceAt(device.pathOnHost, device.pathInContainer);
    if (found) return [found];
    const inside = directoryDevices(device.pathOnHost, device.pathInContainer);
    if (inside.length > 0) return inside;
    throw new BrigError(
      "invalid",
      `cannot add the device ${device.pathOnHost}: it does not exist or is no device node`,
    );
  });
}

/** Of a block device by its path. Throws `invalid`. */
export function blockDevice(path: string): { readonly major: number; readonly minor: number } {
  const found = deviceAt(path, path);
  if (found?.type !== "b")
    throw new BrigError(
      "invalid",
      `cannot limit the device ${path}: it does not exist or is no block device`,
    );
  return { major: Number(found.major), minor: Number(found.minor) };
}

function deviceAt(path: string, destination: string): Device | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status || !(status.isCharacterDevice() || status.isBlockDevice())) return undefined;
  const number = BigInt(status.rdev);
  return {
    path: destination,
    type: status.isBlockDevice() ? "b" : "c",
    // gnu_dev_major(3), gnu_dev_minor(3)
    major: Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn)),
    minor: Number((number & 0xffn) | ((number >> 12n) & ~0xffn)),
    fileMode: status.mode & 0o777,
    uid: status.uid,
    gid: status.gid,
  };
}

function directoryDevices(path: string, destination: string): Device[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(path).flatMap((name) => deviceAt(join(path, name), join(destination, name)) ?? []);
}

/** Mounted over in the container, or made anew there. */
const skipped: ReadonlySet<string> = new Set(["pts", "shm", "fd", "mqueue", "console", "ptmx"]);

function everyDevice(directory: string): Device[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return everyDevice(path);
    return deviceAt(path, path) ?? [];
  });
}
