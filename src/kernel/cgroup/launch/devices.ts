/** The device rules as instructions: lines of devices.allow and devices.deny in v1, a program in v2. */

import * as F from "../../abi/files.ts";
import type { CgroupDirectory } from "../cgroup.ts";
import { attachArguments, BPF_PROG_ATTACH, BPF_PROG_LOAD, loadArguments } from "../devices/bpf.ts";
import { deviceFilter } from "../devices/filter.ts";
import { deviceLines } from "../devices/list.ts";
import type { CreateContext } from "./create.ts";
import type { Door } from "./join.ts";

const from = "linux.resources.devices";

export function restrictDevices(c: CreateContext, directory: CgroupDirectory, door: Door): void {
  if (directory.version === 1) writeLines(c, directory);
  else if (c.policy.byDefault === "deny" || c.policy.exceptions.length > 0) attachFilter(c, directory, door);
}

function writeLines(c: CreateContext, directory: CgroupDirectory): void {
  const { p, hierarchy, file } = c;
  let open: string | undefined;
  for (const line of deviceLines(c.policy)) {
    const verb = line.file === "devices.allow" ? "allow" : "deny";
    if (line.file !== open) {
      if (open) p.close(file);
      const path = `${directory.path}/${line.file}`;
      p.call(`${verb} devices`, "openat", [hierarchy, path, F.O_WRONLY | F.O_CLOEXEC, 0], {
        slot: file,
        from,
      });
      open = line.file;
    }
    p.call(`${verb} the devices ${line.line}`, "write", [file, line.line, line.line.length], { from });
  }
  p.close(file);
}

/** A directory fd of its own where the door is not one. */
function attachFilter(c: CreateContext, directory: CgroupDirectory, door: Door): void {
  const { p, hierarchy, file, other } = c;
  const target = door.born ? door.slot : other;
  if (!door.born)
    p.call(
      "open the cgroup for its device filter",
      "openat",
      [hierarchy, directory.path, F.O_RDONLY | F.O_DIRECTORY | F.O_CLOEXEC, 0],
      { slot: other },
    );
  const load = loadArguments(deviceFilter(c.policy));
  p.call("load the device filter", "bpf", [BPF_PROG_LOAD, ...load], { slot: file, from });
  p.call("attach the device filter", "bpf", [BPF_PROG_ATTACH, ...attachArguments(target, file)], { from });
  p.close(file);
  if (!door.born) p.close(other);
}
