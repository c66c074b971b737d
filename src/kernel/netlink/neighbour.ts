/** Neighbours: which Ethernet address an IP address has on a link (rtnetlink(7), RTM_*NEIGH). */

import { attribute, concat, u8, u16, u32 } from "./attribute.ts";
import { formatIp, type Ip } from "./ip.ts";
import { formatMac, type Mac } from "./mac.ts";
import { flag, message, type NetlinkRequest } from "./message.ts";

export interface Neighbour {
  readonly address: Ip;
  readonly mac: Mac;
  readonly linkIndex: number;
}

/** A permanent entry, replacing what was there. */
export function setNeighbour({ address, mac, linkIndex }: Neighbour): NetlinkRequest {
  const bytes = message(
    28, // RTM_NEWNEIGH
    flag.request | flag.ack | flag.create | flag.replace,
    1,
    header(address, linkIndex, permanent),
    attribute(NDA.DST, address),
    attribute(NDA.LLADDR, mac),
  );
  return {
    protocol: "route",
    bytes,
    text: `ip neighbour replace ${formatIp(address)} lladdr ${formatMac(mac)} dev index ${linkIndex} nud permanent`,
  };
}

/** ENOENT when there is none. */
export function deleteNeighbour({ address, linkIndex }: Omit<Neighbour, "mac">): NetlinkRequest {
  const bytes = message(
    29,
    flag.request | flag.ack,
    1,
    header(address, linkIndex, 0),
    attribute(NDA.DST, address),
  );
  return { protocol: "route", bytes, text: `ip neighbour del ${formatIp(address)} dev index ${linkIndex}` };
}

const NDA = { DST: 1, LLADDR: 2 } as const;
const permanent = 0x80; // NUD_PERMANENT

/** struct ndmsg: family, padding, index, state, flags, type. */
function header(address: Ip, linkIndex: number, state: number): Uint8Array {
  return concat([u8(address.length === 4 ? 2 : 10), u8(0), u16(0), u32(linkIndex), u16(state), u8(0), u8(0)]);
}
