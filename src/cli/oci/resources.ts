/** The limits that `update` names: a document, or flags. */

import { readFileSync } from "node:fs";
import { parseResources, type Resources } from "../../spec/runtime/resources.ts";
import type { CallOf } from "../flags/program.ts";
import type { ociProgram } from "../options/oci.ts";

const stdin = 0;

export function resourcesOf({ options }: CallOf<typeof ociProgram, "update">): Resources {
  const { resources: file } = options;
  if (file !== undefined) return parseResources(readFileSync(file === "-" ? stdin : file, "utf8"), file);
  const { blkioWeight, cpuIdle, cpuPeriod, cpuQuota, cpuShare, cpusetCpus, cpusetMems } = options;
  const { memory, memoryReservation, memorySwap, pidsLimit } = options;
  return {
    ...section("blockIO", { weight: blkioWeight }),
    ...section("cpu", {
      idle: cpuIdle,
      period: cpuPeriod,
      quota: cpuQuota,
      shares: cpuShare,
      cpus: cpusetCpus,
      mems: cpusetMems,
    }),
    ...section("memory", { limit: memory, reservation: memoryReservation, swap: memorySwap }),
    ...section("pids", { limit: pidsLimit }),
  };
}

/** The section, if any of its fields was given. */
function section(name: keyof Resources, fields: Readonly<Record<string, unknown>>): Resources {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.length === 0 ? {} : { [name]: Object.fromEntries(given) };
}
