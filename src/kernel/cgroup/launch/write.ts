/** A setting as instructions: open, write, close. */

import { O_CLOEXEC, O_WRONLY } from "../../abi/files.ts";
import type { Rules } from "../../program/instruction.ts";
import type { CgroupDirectory } from "../cgroup.ts";
import type { Setting } from "../setting.ts";
import type { CreateContext } from "./create.ts";

export function writeSetting(c: CreateContext, directory: CgroupDirectory, setting: Setting): void {
  const { p, hierarchy, file } = c;
  const { why, from, instead, forgive = [] } = setting;
  const after = p.label(`after ${setting.file}`);
  const open = (name: string, on: Rules) =>
    p.call(why, "openat", [hierarchy, `${directory.path}/${name}`, O_WRONLY | O_CLOEXEC, 0], {
      slot: file,
      from,
      on,
    });
  const write = (value: string) => {
    const on: Rules = Object.fromEntries(forgive.map((errno) => [errno, "continue"]));
    p.call(why, "write", [file, Buffer.from(value), Buffer.byteLength(value)], { from, on });
    p.close(file);
  };
  const missing: Rules = Object.fromEntries(forgive.map((errno) => [errno, after]));
  if (!instead) {
    open(setting.file, missing);
    write(setting.value);
  } else {
    const other = p.label(instead.file);
    open(setting.file, { ENOENT: other });
    write(setting.value);
    p.jump(`leave ${instead.file} alone`, after);
    p.place(other);
    open(instead.file, missing);
    write(instead.value);
  }
  if (instead || forgive.length > 0) p.place(after);
}
