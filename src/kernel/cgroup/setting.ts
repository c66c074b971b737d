/**
 * What a limit comes to: one write to one file of the cgroup. The same settings become instructions when a container is
 * made and plain writes when it is updated.
 */

import type { Int64 } from "../../spec/schema/scalars.ts";
import type { ErrnoName } from "../errno.ts";

export interface Setting {
  readonly kind: "setting";
  readonly controller: string;
  readonly file: string;
  readonly value: string;
  /** Completes the sentence "cannot …". */
  readonly why: string;
  /** The field of the config that asks for it. */
  readonly from: string;
  /** Where `file` does not exist: what other kernels have in its place. */
  readonly instead?: { readonly file: string; readonly value: string };
  /** The file depends on how the kernel was built; in v1 the root of the hierarchy shows whether it is there. */
  readonly optional?: boolean;
  /** Failures that take nothing away from the limit. */
  readonly forgive?: readonly ErrnoName[];
}

/**
 * A limit that this host cannot keep. Nothing is written for it: an engine warns and goes on, as Docker does; an OCI
 * runtime refuses, as runc does.
 */
export type CgroupFinding = MissingController | MissingFile | UnsupportedSetting;

export interface MissingController {
  readonly kind: "missing-controller";
  readonly controller: string;
  readonly from: string;
  readonly message: string;
}

/** The controller is there, but the kernel was built without this part of it. */
export interface MissingFile {
  readonly kind: "missing-file";
  readonly controller: string;
  readonly file: string;
  readonly from: string;
  readonly message: string;
}

/** This version of cgroups has no such limit. */
export interface UnsupportedSetting {
  readonly kind: "unsupported-setting";
  readonly from: string;
  readonly message: string;
}

export interface SettingContext {
  readonly version: 1 | 2;
  /** The cgroup exists and has limits; without it, it is a new one whose limits are all the kernel's defaults. */
  readonly update?: {
    /** v1: `memory.limit_in_bytes` as it is. */
    readonly memoryLimit: bigint;
  };
}

export type Settings = Iterable<Setting | CgroupFinding>;

/** runc leaves out what is 0: the spec's "no limit given" of former days. */
export function given(value: Int64 | undefined): value is Int64 {
  return value !== undefined && Number(value) !== 0;
}

export function notInV2(from: string, what: string): UnsupportedSetting {
  return { kind: "unsupported-setting", from, message: `cannot ${what}: cgroup v2 has no such limit` };
}

/** "512 MiB", "1 GiB" or "1000 bytes"; -1 is "unlimited". */
export function sizeText(bytes: Int64): string {
  let value = BigInt(bytes);
  if (value < 0n) return "unlimited";
  let unit = 0;
  for (; value !== 0n && value % 1024n === 0n && unit < units.length - 1; unit++) value /= 1024n;
  return `${value} ${units[unit]}`;
}

const units = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;
