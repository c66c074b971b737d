/** `--device-cgroup-rule 'c 1:3 rwm'`: a rule of the device cgroup, as cgroup-v1/devices.rst writes it. */

import { listOf } from "../../flags/types/text.ts";

export const deviceRules = listOf(
  (text) => {
    if (!/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(text))
      throw new Error(`invalid device cgroup format '${text}'`);
    return text;
  },
  { whole: true },
);
