/**
 * What a driver returns: steps, in order, for the runtime to put into a launch program or a session. A step is
 * a constant; nothing here talks to the kernel.
 */

import type { ErrnoName } from "../kernel/errno.ts";
import type { NetlinkProtocol, NetlinkRequest } from "../kernel/netlink/message.ts";

export type Step = NetlinkStep | SysctlStep;

/** Whose network namespace the socket belongs to, or the sysctl is written in. */
export type Side = "host" | "container";

interface Reasoned {
  readonly side: Side;
  /** Completes the sentence "cannot …". */
  readonly why: string;
  /** The option it comes from, such as `--publish 8080:80`. */
  readonly from?: string;
}

/** Messages for a netlink socket; every one of them is acknowledged. */
export interface NetlinkStep extends Reasoned {
  readonly kind: "netlink";
  readonly protocol: NetlinkProtocol;
  readonly messages: Uint8Array;
  /** What the messages say, for people. */
  readonly text: string;
  /** Errors that mean the work was done before, or that there is nothing left to undo. */
  readonly on?: { readonly [Name in ErrnoName]?: "continue" };
}

/** A file beneath /proc/sys to write. */
export interface SysctlStep extends Reasoned {
  readonly kind: "sysctl";
  /** Path below /proc/sys. */
  readonly path: string;
  readonly value: string;
}

export function netlinkStep(
  side: Side,
  why: string,
  request: NetlinkRequest,
  options: { readonly from?: string; readonly tolerate?: readonly ErrnoName[] } = {},
): NetlinkStep {
  const { from, tolerate = [] } = options;
  return {
    kind: "netlink",
    side,
    why,
    protocol: request.protocol,
    messages: request.bytes,
    text: request.text,
    ...(from !== undefined && { from }),
    ...(tolerate.length > 0 && {
      on: Object.fromEntries(tolerate.map((name) => [name, "continue" as const])),
    }),
  };
}

export function sysctlStep(why: string, path: string, value: string): SysctlStep {
  return { kind: "sysctl", side: "host", why, path, value };
}
