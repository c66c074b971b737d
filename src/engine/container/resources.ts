/**
 * Limits as the cgroup layer takes them (runtime-spec, config-linux.md#control-groups), from Docker's words.
 * `limits.ts` has refused what makes no sense.
 */

import type { BlockIO, Resources } from "../../spec/runtime/resources.ts";
import { blockDevice, devicesOf } from "./devices.ts";
import type { ContainerSpec, DeviceRate, ResourceSpec } from "./spec.ts";

const defaultPeriod = 100_000;

export function resourcesOf(spec: ContainerSpec): Resources {
  const r = spec.resources ?? {};
  const quota = r.nanoCpus ? Math.round((r.nanoCpus / 1e9) * defaultPeriod) : r.cpuQuota;
  const period = r.nanoCpus ? defaultPeriod : r.cpuPeriod;
  const memory = {
    ...(r.memory ? { limit: r.memory } : {}),
    ...(r.memoryReservation ? { reservation: r.memoryReservation } : {}),
    // Docker's default: as much swap as memory.
    ...(r.memory ? { swap: r.memorySwap || r.memory * 2 } : {}),
    ...(r.oomKillDisable ? { disableOOMKiller: true } : {}),
  };
  const cpu = {
    ...(r.cpuShares ? { shares: r.cpuShares } : {}),
    ...(quota ? { quota } : {}),
    ...(period ? { period } : {}),
    ...(r.cpusetCpus ? { cpus: r.cpusetCpus } : {}),
    ...(r.cpusetMems ? { mems: r.cpusetMems } : {}),
  };
  const blockIO = blockIoOf(r);
  return {
    devices: deviceRules(spec),
    ...(Object.keys(memory).length > 0 ? { memory } : {}),
    ...(Object.keys(cpu).length > 0 ? { cpu } : {}),
    ...(r.pidsLimit ? { pids: { limit: r.pidsLimit < 0 ? -1 : r.pidsLimit } } : {}),
    ...(Object.keys(blockIO).length > 0 ? { blockIO } : {}),
  };
}

function blockIoOf(r: ResourceSpec): BlockIO {
  const rates = (list: readonly DeviceRate[] = []) =>
    list.map(({ path, rate }) => ({ ...blockDevice(path), rate: BigInt(rate) }));
  const weights = (r.blkioWeightDevice ?? []).map(({ path, weight }) => ({ ...blockDevice(path), weight }));
  const all: BlockIO = {
    weightDevice: weights,
    throttleReadBpsDevice: rates(r.deviceReadBps),
    throttleWriteBpsDevice: rates(r.deviceWriteBps),
    throttleReadIOPSDevice: rates(r.deviceReadIops),
    throttleWriteIOPSDevice: rates(r.deviceWriteIops),
  };
  return {
    ...(r.blkioWeight ? { weight: r.blkioWeight } : {}),
    ...Object.fromEntries(Object.entries(all).filter(([, list]) => (list as readonly unknown[]).length > 0)),
  };
}

/** Devices are not among what `update` changes. */
export function changeableResources(spec: ContainerSpec): Resources {
  const { devices: _, ...rest } = resourcesOf(spec);
  return rest;
}

type DeviceRule = NonNullable<Resources["devices"]>[number];

/** Nothing, but what every container may use, and the devices it was given. */
function deviceRules(spec: ContainerSpec): DeviceRule[] {
  if (spec.privileged) return [{ allow: true, access: "rwm" }];
  const rule = (type: "c" | "b", major?: number, minor?: number, access = "rwm"): DeviceRule => ({
    allow: true,
    type,
    ...(major === undefined ? {} : { major }),
    ...(minor === undefined ? {} : { minor }),
    access,
  });
  const asked = (spec.devices ?? []).flatMap((device) =>
    devicesOf({ ...spec, devices: [device] }).map((d) =>
      rule(
        d.type === "b" ? "b" : "c",
        Number(d.major),
        Number(d.minor),
        device.kind === "path" ? device.permissions : "rwm",
      ),
    ),
  );
  return [
    { allow: false, access: "rwm" },
    // Any node may be made, as making one opens nothing.
    rule("c", undefined, undefined, "m"),
    rule("b", undefined, undefined, "m"),
    rule("c", 1, 3),
    rule("c", 1, 5),
    rule("c", 1, 7),
    rule("c", 1, 8),
    rule("c", 1, 9),
    rule("c", 5, 0),
    rule("c", 5, 1),
    rule("c", 5, 2),
    rule("c", 136),
    ...asked,
    ...(spec.deviceRules ?? []).map(parseRule),
  ];
}

/** "c 10:* rwm": `*` is every number, `a` every type. */
function parseRule(text: string): DeviceRule {
  const [, type = "a", major, minor, access = ""] =
    /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text) ?? [];
  const number = (part: string | undefined, name: "major" | "minor") =>
    part === undefined || part === "*" ? {} : { [name]: Number(part) };
  return {
    allow: true,
    type: type as "a" | "b" | "c",
    ...number(major, "major"),
    ...number(minor, "minor"),
    access,
  };
}
