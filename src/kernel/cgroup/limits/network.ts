/** linux.resources.network (runtime-spec, config-linux.md#network): marks for packets, in v1 only. */

import type { Network } from "../../../spec/runtime/resources.ts";
import { given, notInV2, type SettingContext, type Settings } from "../setting.ts";

export function* networkLimits({ classID, priorities }: Network, { version }: SettingContext): Settings {
  const at = "linux.resources.network";
  if (given(classID))
    yield version === 2
      ? notInV2(`${at}.classID`, "set the class of packets")
      : {
          kind: "setting",
          controller: "net_cls",
          file: "net_cls.classid",
          value: String(classID),
          why: `mark its packets as of the class ${classID}`,
          from: `${at}.classID`,
        };
  for (const [i, { name, priority }] of (priorities ?? []).entries())
    yield version === 2
      ? notInV2(`${at}.priorities[${i}]`, "set the priority of packets")
      : {
          kind: "setting",
          controller: "net_prio",
          file: "net_prio.ifpriomap",
          value: `${name} ${priority}`,
          why: `give its packets on ${name} the priority ${priority}`,
          from: `${at}.priorities[${i}]`,
        };
}
