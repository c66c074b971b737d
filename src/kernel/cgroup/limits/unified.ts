/** linux.resources.unified (runtime-spec, config-linux.md#unified): files of v2, written as they are. */

import { BrigError } from "../../../base/errors.ts";
import type { Settings } from "../setting.ts";

export function* unifiedLimits(files: Readonly<Record<string, string>>, mode: string): Settings {
  for (const [file, content] of Object.entries(files)) {
    const from = `linux.resources.unified["${file}"]`;
    if (mode !== "v2")
      throw new BrigError(
        "unsupported",
        `cannot set ${file}: unified limits need a host with cgroup v2 alone`,
      );
    // A slash would reach another cgroup; a file of the core, such as cgroup.procs, is no limit but goes too.
    const [, controller] = /^([a-z0-9_]+)\.[^/]+$/i.exec(file) ?? [];
    if (controller === undefined)
      throw new BrigError("invalid", `cannot set ${file}: it is not a file name like controller.parameter`);
    // Each line is a write of its own, which is how such files take several devices.
    for (const line of content.split("\n").filter(Boolean))
      yield { kind: "setting", controller, file, value: line, why: `set ${file} to ${line}`, from };
  }
}
