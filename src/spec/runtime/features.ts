/**
 * What a runtime can do (runtime-spec, features.md and features-linux.md): what `brig oci features` prints, and
 * what an external runtime answers. Absent means "not known"; an empty list or false means "none".
 */

import { parseJson } from "../schema/json.ts";
import { boolean, text } from "../schema/scalars.ts";
import { type Infer, list, object, optional, record } from "../schema/schema.ts";

const flag = optional(boolean);
const words = optional(list(text));
const enabled = optional(object({ enabled: flag }));

export const linuxFeatures = object({
  namespaces: words,
  capabilities: words,
  cgroup: optional(object({ v1: flag, v2: flag, systemd: flag, systemdUser: flag, rdma: flag })),
  seccomp: optional(
    object({
      enabled: flag,
      actions: words,
      operators: words,
      archs: words,
      knownFlags: words,
      supportedFlags: words,
    }),
  ),
  apparmor: enabled,
  selinux: enabled,
  intelRdt: optional(object({ enabled: flag, schemata: flag, monitoring: flag })),
  memoryPolicy: optional(object({ modes: words, flags: words })),
  mountExtensions: optional(object({ idmap: enabled })),
  netDevices: enabled,
});

export const features = object({
  ociVersionMin: text,
  ociVersionMax: text,
  hooks: words,
  mountOptions: words,
  linux: optional(linuxFeatures),
  annotations: optional(record(text)),
  potentiallyUnsafeConfigAnnotations: words,
});

export interface LinuxFeatures extends Infer<typeof linuxFeatures> {}
export interface Features extends Infer<typeof features> {}

/** Greatest length of a features document. */
export const featuresLimit = 1024 * 1024;

/** The text that `features` of a runtime printed as its type. */
export function parseFeatures(json: string, name = "features"): Features {
  return parseJson(features, json, name, featuresLimit);
}
