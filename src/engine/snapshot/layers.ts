/** The unpacked layers of a root (`image/layers/layer-store.ts`). What changes them is loaded when something does. */

import { type LayerStore, layerStore } from "../../image/layers/layer-store.ts";
import type { EngineHost } from "../host.ts";

export function layersOf(host: EngineHost): LayerStore {
  return layerStore(host.roots.root, {
    owner: host.owner,
    random: host.random,
    plan: { overlay: "trusted", devices: "make" },
    openJail: async (directory) => {
      const { sessionJail } = await import("../../image/layers/session-jail.ts");
      return sessionJail({ shim: host.shim, directory });
    },
    exclusively: async (work) => {
      const { withIndexLock } = await import("../../image/store/lock.ts");
      return withIndexLock(host.images, work);
    },
    spread: async (folder) => {
      const { spreadFolders } = await import("../../image/layers/host-folders.ts");
      await spreadFolders(host.shim, folder);
    },
    emptyWhenSynced: async (folder, names) => {
      const { emptyWhenSynced } = await import("../../image/layers/host-folders.ts");
      await emptyWhenSynced(host.shim, folder, names);
    },
  });
}
