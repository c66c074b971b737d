/** The options of the local driver, as Docker's: what is mounted as the volume while containers have it. */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { BrigError } from "../../base/errors.ts";

export type VolumeOptions = Readonly<Record<string, string>>;

/** Of mount(8): `-t type -o o device`. */
export interface VolumeSource {
  /** `none` or "" for a bind. */
  readonly type: string;
  readonly device: string;
  readonly words: readonly string[];
}

const known = ["type", "device", "o"] as const;
const required = ["type", "device"] as const;

export function checkVolumeOptions(name: string, options: VolumeOptions): void {
  if (Object.keys(options).length === 0) return;
  const cannot = (reason: string) => new BrigError("invalid", `create ${name}: ${reason}`);
  if (options.size !== undefined)
    throw cannot("quota size requested but no quota support; with type=tmpfs say o=size=… instead");
  for (const key of Object.keys(options))
    if (!(known as readonly string[]).includes(key)) throw cannot(`invalid option: "${key}"`);
  for (const key of required)
    if (options[key] === undefined) throw cannot(`missing required option: "${key}"`);
}

/** Network file systems take the address of their server as a number. */
export async function volumeSource({ type = "", device = "", o = "" }: VolumeOptions): Promise<VolumeSource> {
  const words = o.split(",").filter(Boolean);
  const resolved = words.map(async (word) => {
    const host = /^addr=(.+)$/.exec(word)?.[1];
    if (host === undefined || isIP(host) !== 0 || !/^(?:nfs|cifs)/.test(type)) return word;
    return `addr=${(await lookup(host)).address}`;
  });
  return { type, device, words: await Promise.all(resolved) };
}
