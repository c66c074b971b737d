/** What the container may do to the host: privileges, namespaces it shares, devices, kernel parameters. */

import type { Flags } from "../../flags/flag.ts";
import { list } from "../../flags/types/text.ts";
import { toggle } from "../../flags/types/toggle.ts";
import { capabilityList } from "../values/capability.ts";
import { deviceList } from "../values/device.ts";
import { deviceRules } from "../values/device-rule.ts";
import { cgroupMode, ipcMode, pidMode, utsMode } from "../values/namespace.ts";
import { securityOptions } from "../values/security.ts";
import { sysctlMap } from "../values/sysctl.ts";
import { userMode } from "../values/user-namespace.ts";

export const securityFlags = {
  capAdd: { type: capabilityList, help: "Add a capability, or ALL" },
  capDrop: { type: capabilityList, help: "Take a capability away, or ALL" },
  cgroupns: { type: cgroupMode, help: "Cgroup namespace (host, private)" },
  device: { type: deviceList, help: "Make a device of the host available (HOST[:CONTAINER][:rwm])" },
  deviceCgroupRule: { type: deviceRules, help: "Allow device numbers ('c 10:* rwm'), without making a node" },
  groupAdd: { type: list, help: "Further group of the user" },
  ipc: { type: ipcMode, help: "IPC namespace (host, private, shareable, none, container:NAME)" },
  pid: { type: pidMode, help: "PID namespace (host, container:NAME)" },
  privileged: { type: toggle, help: "Give it every privilege: all capabilities and devices, no filters" },
  securityOpt: {
    type: securityOptions,
    help: "Security setting (seccomp=, apparmor=, label=, no-new-privileges, systempaths=unconfined, mask=, unmask=)",
  },
  sysctl: { type: sysctlMap, help: "Kernel parameter of its namespaces (NAME=VALUE)" },
  userns: { type: userMode, help: "User namespace (host, private, auto[:size=COUNT], container:NAME)" },
  uts: { type: utsMode, help: "UTS namespace (host)" },
} as const satisfies Flags;
