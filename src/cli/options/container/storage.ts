/** What is mounted into the container. */

import type { Flags } from "../../flags/flag.ts";
import { list } from "../../flags/types/text.ts";
import { toggle } from "../../flags/types/toggle.ts";
import { mountList } from "../values/mount-flag.ts";
import { tmpfsList } from "../values/tmpfs.ts";
import { volumeList } from "../values/volume.ts";

export const storageFlags = {
  mount: { type: mountList, help: "Mount a file system (type=bind|volume|tmpfs,source=,target=,…)" },
  readOnly: { type: toggle, help: "Make the container's root file system read-only" },
  tmpfs: { type: tmpfsList, help: "Mount an empty file system in memory (TARGET[:OPTIONS])" },
  volumesFrom: { type: list, help: "Mount what another container mounts (CONTAINER[:ro])" },
  volume: { type: volumeList, short: "v", help: "Mount a host path or a volume ([SOURCE:]TARGET[:MODES])" },
} as const satisfies Flags;
