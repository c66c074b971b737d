/** Routes of the main table (rtnetlink(7), RTM_*ROUTE). */

import { attribute, concat, u32 } from "./attribute.ts";
import { formatIp, formatPrefix, type Ip, type Prefix } from "./ip.ts";
import { dumpFlags, flag, message, type NetlinkRequest } from "./message.ts";

export interface Route {
  /** Where to; a prefix of length 0 is the default route. */
  readonly destination: Prefix;
  /** The next hop; without one the destination is on the link itself. */
  readonly gateway?: Ip;
  readonly linkIndex: number;
  readonly metric?: number;
}

/** EEXIST when there is one for the same destination, ENETUNREACH when the gateway is on no link. */
export function addRoute(route: Route): NetlinkRequest {
  return request(type.new, flag.create | flag.exclusive, route, "add");
}

/** ESRCH when there is no such route. */
export function deleteRoute(route: Route): NetlinkRequest {
  return request(type.delete, 0, route, "del");
}

/** Asks for the routes of all tables; answers are read with `readRoutes`. */
export function dumpRoutes(): NetlinkRequest {
  return {
    protocol: "route",
    bytes: message(type.get, dumpFlags, 1, new Uint8Array(12)),
    text: "ip route show table all",
  };
}

/** The default route of a family through a gateway. */
export function defaultRoute(gateway: Ip, linkIndex: number): Route {
  return { destination: { address: new Uint8Array(gateway.length), length: 0 }, gateway, linkIndex };
}

/** Types of route attributes (RTA_…, include/uapi/linux/rtnetlink.h). */
export const RTA = { DST: 1, OIF: 4, GATEWAY: 5, PRIORITY: 6, TABLE: 15 } as const;

const type = { new: 24, delete: 25, get: 26 } as const; // RTM_…ROUTE
const mainTable = 254;
const bootProtocol = 3; // RTPROT_BOOT: set by an administrator
const scope = { universe: 0, link: 253 } as const;
const unicast = 1;
const families: Readonly<Record<number, number>> = { 4: 2, 16: 10 };

function request(messageType: number, flags: number, route: Route, verb: string): NetlinkRequest {
  const { destination, gateway, linkIndex, metric } = route;
  // IPv6 knows only the universe; an IPv4 route without a gateway reaches as far as the link.
  const reach = gateway || destination.address.length === 16 ? scope.universe : scope.link;
  // struct rtmsg: family, lengths of destination and source, TOS, table, protocol, scope, type, flags.
  const family = families[destination.address.length]!;
  const header = concat([
    Uint8Array.of(family, destination.length, 0, 0, mainTable, bootProtocol, reach, unicast),
    u32(0),
  ]);
  const bytes = message(
    messageType,
    flag.request | flag.ack | flags,
    1,
    header,
    ...(destination.length === 0 ? [] : [attribute(RTA.DST, destination.address)]),
    ...(gateway ? [attribute(RTA.GATEWAY, gateway)] : []),
    attribute(RTA.OIF, u32(linkIndex)),
    ...(metric === undefined ? [] : [attribute(RTA.PRIORITY, u32(metric))]),
  );
  const words = [
    destination.address.length === 16 ? "ip -6 route" : "ip route",
    verb,
    destination.length === 0 ? "default" : formatPrefix(destination),
    ...(gateway ? [`via ${formatIp(gateway)}`] : []),
    `dev index ${linkIndex}`,
    ...(metric === undefined ? [] : [`metric ${metric}`]),
  ];
  return { protocol: "route", bytes, text: words.join(" ") };
}
