/**
 * Takes back what the host keeps: published ports when a container ends, everything else when the network is
 * removed. A veth is not deleted, it ends with the container's namespace (kernel/netlink/link.ts).
 */

import { deleteLink } from "../../kernel/netlink/link.ts";
import { batch } from "../../kernel/nftables/batch.ts";
import { forgetTarget } from "../../kernel/nftables/conntrack.ts";
import type { Endpoint } from "../endpoint.ts";
import { unpublish } from "../ports/elements.ts";
import { netlinkStep, type Step } from "../step.ts";
import type { BridgeConfig } from "./config.ts";
import { familiesOf, leaveTable } from "./elements.ts";
import { publishFlags, targetOf } from "./target.ts";

/** The table stays: another network may use it, and empty it does nothing. */
export function network(config: BridgeConfig): readonly Step[] {
  const { link, table } = config;
  return [
    ...familiesOf(config).map((family) =>
      netlinkStep(
        "host",
        `take ${link.name} out of the firewall table ${table}`,
        batch(leaveTable(config, family)),
        {
          tolerate: ["ENOENT"],
        },
      ),
    ),
    netlinkStep("host", `delete bridge ${link.name}`, deleteLink({ name: link.name }), {
      tolerate: ["ENODEV"],
    }),
  ];
}

export function endpoint(config: BridgeConfig, gone: Endpoint | undefined): readonly Step[] {
  return gone ? ports(config, gone) : [];
}

/** A port that leads to another container by now stays (EEXIST); a table somebody flushed has none (ENOENT). */
export function ports(config: BridgeConfig, { ports: published, ...rest }: Endpoint): readonly Step[] {
  if (published.length === 0) return [];
  const target = targetOf(rest);
  const forgotten = [target.address, ...(target.address6 ? [target.address6] : [])].map(forgetTarget);
  return [
    ...unpublish(config.table, published, target).map((request) =>
      netlinkStep("host", "take published ports back", request, {
        from: publishFlags(published),
        tolerate: ["ENOENT", "EEXIST"],
      }),
    ),
    ...forgotten.map((request) =>
      netlinkStep("host", "forget connections to the container", request, { tolerate: ["ENOENT", "EINVAL"] }),
    ),
  ];
}
