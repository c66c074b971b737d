/** linux.resources.rdma (runtime-spec, config-linux.md#rdma): the same file in v1 and v2. */

import type { Rdma } from "../../../spec/runtime/resources.ts";
import type { Settings } from "../setting.ts";

export function* rdmaLimits(limits: Readonly<Record<string, Rdma>>): Settings {
  for (const [device, { hcaHandles, hcaObjects }] of Object.entries(limits)) {
    const words = [
      ...(hcaHandles === undefined ? [] : [`hca_handle=${hcaHandles}`]),
      ...(hcaObjects === undefined ? [] : [`hca_object=${hcaObjects}`]),
    ];
    yield {
      kind: "setting",
      controller: "rdma",
      file: "rdma.max",
      value: `${device} ${words.join(" ")}`,
      why: `limit the use of ${device} to ${words.join(" and ")}`,
      from: `linux.resources.rdma["${device}"]`,
    };
  }
}
