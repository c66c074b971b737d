/**
 * New device rules for a running container. At no moment is more allowed than before or after, nor is denied what both
 * allow: v1 writes only the differences, v2 exchanges the program in one step (BPF_F_REPLACE, Linux 5.6).
 */

import { BrigError } from "../../../base/errors.ts";
import type { DeviceRule } from "../../../spec/runtime/resources.ts";
import * as F from "../../abi/files.ts";
import type { Executor } from "../../executor/executor.ts";
import { output, type Slot } from "../../program/argument.ts";
import { ProgramBuilder } from "../../program/builder.ts";
import { type Cgroup, type CgroupDirectory, directoryOf, hostPath } from "../cgroup.ts";
import * as B from "../devices/bpf.ts";
import { deviceFilter } from "../devices/filter.ts";
import { deviceTransition, parseDeviceList } from "../devices/list.ts";
import { devicePolicy } from "../devices/rules.ts";
import { readCgroupFile, writeCgroupFile } from "./files.ts";

export async function updateDevices(
  cgroup: Cgroup,
  rules: readonly DeviceRule[],
  executor: Executor | undefined,
): Promise<void> {
  const directory = directoryOf(cgroup, "devices");
  if (directory?.version === 1) writeLines(directory, rules);
  else if (directory && executor) await exchangeFilter(directory, rules, executor);
  else
    throw new BrigError(
      "unsupported",
      "cannot change the devices: no device controller, or no executor to use it",
    );
}

function writeLines(directory: CgroupDirectory, rules: readonly DeviceRule[]): void {
  const path = hostPath(directory);
  const now = parseDeviceList(readCgroupFile(path, "devices.list") ?? "");
  for (const { file, line } of deviceTransition(now, devicePolicy(rules)))
    writeCgroupFile(path, file, line, `${file.slice("devices.".length)} the devices ${line}`);
}

async function exchangeFilter(
  directory: CgroupDirectory,
  rules: readonly DeviceRule[],
  executor: Executor,
): Promise<void> {
  const cgroup = executor.slots.slot("cgroup");
  const attached = await openAttached(directory, executor, cgroup);
  const p = new ProgramBuilder();
  const program = executor.slots.slot("device filter");
  const filter = deviceFilter(devicePolicy(rules));
  p.call("load the device filter", "bpf", [B.BPF_PROG_LOAD, ...B.loadArguments(filter)], { slot: program });
  const replaced = attached.length === 1 ? attached[0] : undefined;
  const attach = B.attachArguments(cgroup, program, replaced);
  p.call("attach the device filter", "bpf", [B.BPF_PROG_ATTACH, ...attach]);
  // Several must all agree, so the new one holds from here on; the others are taken off.
  if (!replaced)
    for (const old of attached)
      p.call("detach a device filter", "bpf", [B.BPF_PROG_DETACH, ...B.detachArguments(cgroup, old)]);
  for (const slot of [...attached, program, cgroup]) p.close(slot);
  await executor.run(p.instructions);
}

/** The programs on the cgroup now. */
async function openAttached(
  directory: CgroupDirectory,
  executor: Executor,
  cgroup: Slot,
): Promise<readonly Slot[]> {
  const ask = new ProgramBuilder();
  const ids = output(B.attachedMax * 4);
  const flags = F.O_RDONLY | F.O_DIRECTORY | F.O_CLOEXEC;
  ask.call("open the cgroup", "openat", [F.AT_FDCWD, hostPath(directory), flags, 0], { slot: cgroup });
  ask.call("list its device filters", "bpf", [B.BPF_PROG_QUERY, ...B.queryArguments(cgroup, ids)], {
    answer: { buffer: ids, whole: true },
  });
  const { bytes } = (await executor.run(ask.instructions)).answers[0]!;
  const found = Array.from({ length: B.attachedMax }, (_, i) => bytes.readUInt32LE(i * 4)).filter(
    (id) => id > 0,
  );
  const open = new ProgramBuilder();
  const slots = found.map((id) => {
    const slot = executor.slots.slot(`device filter ${id}`);
    open.call(`open the device filter ${id}`, "bpf", [B.BPF_PROG_GET_FD_BY_ID, ...B.fdByIdArguments(id)], {
      slot,
    });
    return slot;
  });
  if (slots.length > 0) await executor.run(open.instructions);
  return slots;
}
