/** The channel of the JavaScript runtime at hand. */

import { type Bun, bunChannel } from "./bun.ts";
import type { Channel } from "./connection.ts";
import { nodeChannel } from "./node.ts";

const { Bun: bun } = globalThis as { readonly Bun?: Bun };

export const channel: Channel = bun ? bunChannel(bun) : nodeChannel;
