/** Reads what is there: the base chains of every table, to see whether another one drops what the host forwards. */

import { readAttributes, readText } from "../netlink/attribute.ts";
import { dumpFlags, messagesOf, type NetlinkRequest } from "../netlink/message.ts";
import { netfilterHeader, netfilterMessage, nftables } from "./batch.ts";
import { hooks } from "./table.ts";

export interface HookedChain {
  readonly family: number;
  readonly table: string;
  readonly name: string;
  readonly hook: keyof typeof hooks | undefined;
  readonly policy: "accept" | "drop";
}

/** Asks for the chains of all families; answers are read with `readChains`. */
export function dumpChains(): NetlinkRequest {
  const bytes = netfilterMessage((nftables << 8) | getChain, dumpFlags, 1, netfilterHeader(0), []);
  return { protocol: "netfilter", bytes, text: "nft list chains" };
}

/** The chains that hang on a hook; others decide nothing by themselves. */
export function readChains(bytes: Uint8Array): HookedChain[] {
  return [...messagesOf(bytes)].flatMap(({ type, body }) => {
    if (type !== ((nftables << 8) | newChain)) return [];
    const attributes = readAttributes(body.subarray(4));
    const hook = attributes.get(4);
    if (!hook) return [];
    const number = bigU32At(readAttributes(hook).get(1));
    return [
      {
        family: body[0]!,
        table: readText(attributes.get(1) ?? new Uint8Array()),
        name: readText(attributes.get(3) ?? new Uint8Array()),
        hook: hookNames.find((name) => hooks[name] === number),
        policy: bigU32At(attributes.get(5)) === 0 ? "drop" : "accept",
      },
    ];
  });
}

const getChain = 4; // NFT_MSG_GETCHAIN
const newChain = 3; // NFT_MSG_NEWCHAIN
const hookNames = Object.keys(hooks) as (keyof typeof hooks)[];

const bigU32At = (value: Uint8Array | undefined): number | undefined =>
  value && new DataView(value.buffer, value.byteOffset, value.length).getUint32(0);
