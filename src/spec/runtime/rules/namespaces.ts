/** Rules of namespaces and of what only makes sense inside one (runtime-spec, config-linux.md#namespaces). */

import { quote } from "../../schema/schema.ts";
import type { RuntimeConfig } from "../config.ts";
import type { Linux, Namespace, NamespaceType } from "../linux.ts";
import type { IdMapping } from "../mounts.ts";
import { absolutePath, type Finding, invalid, repeated, warning } from "./finding.ts";

export function* namespaceRules(config: RuntimeConfig): Iterable<Finding> {
  const linux = config.linux ?? {};
  const list = linux.namespaces ?? [];
  const clause = "config-linux.md#namespaces";
  for (const index of repeated(list, (namespace) => namespace.type)) {
    yield invalid(`linux.namespaces[${index}].type`, `${list[index]!.type} is given twice`, clause);
  }
  for (const [index, { path }] of list.entries()) {
    if (path !== undefined) yield* absolutePath(`linux.namespaces[${index}].path`, path, clause);
  }
  const namespaces = namespacesOf(config);
  yield* userRules(linux, namespaces.get("user"));
  yield* timeRules(linux.timeOffsets ?? {}, namespaces.get("time"));
  yield* netDeviceRules(linux.netDevices ?? {}, namespaces.has("network"));
}

/** The namespaces that the container has or joins; a type that is missing here is the runtime's own. */
export function namespacesOf(config: RuntimeConfig): ReadonlyMap<NamespaceType, Namespace> {
  return new Map((config.linux?.namespaces ?? []).map((namespace) => [namespace.type, namespace]));
}

/** The id 2^32-1 is nobody's; a mapping must not reach it (user_namespaces(7)). */
const idCount = 0xffff_ffff;

export function* mappingRules(mappings: readonly IdMapping[], path: string): Iterable<Finding> {
  const clause = "config-linux.md#user-namespace-mappings; user_namespaces(7)";
  for (const [index, { containerID, hostID, size }] of mappings.entries()) {
    if (size === 0) yield invalid(`${path}[${index}].size`, "must be greater than zero", clause);
    if (containerID + size > idCount || hostID + size > idCount) {
      yield invalid(`${path}[${index}]`, "must end below 4294967295", clause);
    }
  }
}

function* userRules(linux: Linux, namespace: Namespace | undefined): Iterable<Finding> {
  const clause = "config-linux.md#user-namespace-mappings";
  const { uidMappings = [], gidMappings = [] } = linux;
  const mapped = uidMappings.length > 0 || gidMappings.length > 0;
  yield* mappingRules(uidMappings, "linux.uidMappings");
  yield* mappingRules(gidMappings, "linux.gidMappings");
  if (!namespace) {
    if (mapped)
      yield invalid("linux.uidMappings", "needs a user namespace; add one to linux.namespaces", clause);
  } else if (namespace.path !== undefined) {
    if (mapped)
      yield warning("linux.uidMappings", "is ignored: the joined user namespace has its own", clause);
  } else if (uidMappings.length === 0 || gidMappings.length === 0) {
    // Without both no id of the container exists, and not even its root could start.
    yield invalid("linux.uidMappings", "and gidMappings are required for a new user namespace", clause);
  }
}

const clocks: readonly string[] = ["monotonic", "boottime"];

function* timeRules(
  offsets: NonNullable<Linux["timeOffsets"]>,
  namespace: Namespace | undefined,
): Iterable<Finding> {
  const clause = "config-linux.md#offset-for-time-namespace; time_namespaces(7)";
  const entries = Object.entries(offsets);
  for (const [clock, { nanosecs }] of entries) {
    if (!clocks.includes(clock)) {
      yield invalid("linux.timeOffsets", `has no clock ${quote(clock)}; use monotonic or boottime`, clause);
    } else if (nanosecs >= 1_000_000_000) {
      yield invalid(`linux.timeOffsets.${clock}.nanosecs`, "must be below 1000000000", clause);
    }
  }
  if (entries.length > 0 && !namespace) {
    yield invalid("linux.timeOffsets", "needs a time namespace; add one to linux.namespaces", clause);
  } else if (entries.length > 0 && namespace?.path !== undefined) {
    yield invalid("linux.timeOffsets", "cannot change the clocks of a namespace that is joined", clause);
  }
}

/** What the kernel's dev_valid_name accepts: at most 15 bytes, no slash, colon or white space. */
const interfaceName = /^(?!\.{1,2}$)[^/:\s]+$/;

function* netDeviceRules(devices: NonNullable<Linux["netDevices"]>, hasNetwork: boolean): Iterable<Finding> {
  const clause = "config-linux.md#network-devices";
  const names = Object.keys(devices);
  for (const hostName of names) {
    for (const name of [hostName, devices[hostName]!.name ?? hostName]) {
      if (interfaceName.test(name) && Buffer.byteLength(name) <= 15) continue;
      yield invalid("linux.netDevices", `${quote(name)} cannot be the name of an interface`, clause);
      break;
    }
  }
  if (names.length > 0 && !hasNetwork) {
    yield invalid("linux.netDevices", "needs a network namespace; add one to linux.namespaces", clause);
  }
}
