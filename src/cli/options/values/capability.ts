/** `--cap-add`, `--cap-drop`: `NET_ADMIN`, `cap_net_admin`, `ALL`. Whether such a capability exists is for the kernel's table. */

import { listOf } from "../../flags/types/text.ts";

/** Names as capabilities(7) writes them (`CAP_NET_ADMIN`), or `ALL`. */
export const capabilityList = listOf((text) => {
  const name = text.trim().toUpperCase();
  return name === "ALL" || name.startsWith("CAP_") ? name : `CAP_${name}`;
});
