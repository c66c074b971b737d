/**
 * What the kernel answers: an acknowledgement or error for each request, and the end of a dump.
 *
 * Extended acknowledgements (NETLINK_EXT_ACK, Linux 4.12) add a sentence and the offset of the attribute that
 * was refused; they come when the socket asked for them and are worth more than the errno.
 */

import { readAttributes, readText, readU32 } from "./attribute.ts";
import { flag, type NetlinkMessage } from "./message.ts";

export interface Acknowledgement {
  readonly sequence: number;
  /** 0, or a positive errno. */
  readonly errno: number;
  /** The kernel's own words, such as "Device does not exist". */
  readonly text?: string;
  /** Offset in the request of the attribute it is about. */
  readonly offset?: number;
}

/** setsockopt(fd, SOL_NETLINK, …): send the kernel's words with an error. */
export const extendedAcknowledgement = { level: 270, option: 11 } as const;

/** The acknowledgement or end of dump that a message is, or undefined when it carries data. */
export function readAcknowledgement(message: NetlinkMessage): Acknowledgement | undefined {
  if (message.type !== errorType && message.type !== doneType) return undefined;
  const { body, sequence } = message;
  if (body.length < 4) return { sequence, errno: 0 };
  const errno = Math.abs(readU32(body) | 0);
  if (!(message.flags & flag.acknowledgedWithText)) return { sequence, errno };
  const attributes = readAttributes(body.subarray(attributesAt(message)));
  const text = attributes.get(attributeText);
  const offset = attributes.get(attributeOffset);
  return {
    sequence,
    errno,
    ...(text && { text: readText(text) }),
    ...(offset && { offset: readU32(offset) }),
  };
}

/** Whether the message ends a dump. */
export const endsDump = (message: NetlinkMessage): boolean => message.type === doneType;

/** The error is followed by the request's header, and by the whole request unless the answer is capped. */
function attributesAt(message: NetlinkMessage): number {
  if (message.type === doneType) return 4;
  const capped = (message.flags & flag.capped) !== 0;
  return capped ? 4 + 16 : 4 + ((readU32(message.body, 4) + 3) & ~3);
}

const errorType = 2; // NLMSG_ERROR
const doneType = 3; // NLMSG_DONE
const attributeText = 1; // NLMSGERR_ATTR_MSG
const attributeOffset = 2; // NLMSGERR_ATTR_OFFS
