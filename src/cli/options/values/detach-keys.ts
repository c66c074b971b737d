/** `--detach-keys ctrl-p,ctrl-q`: the bytes that take the caller's terminal off the container. */

import { defaultDetachKeys, parseDetachKeys } from "../../../docker/text/detach-keys.ts";
import type { FlagType } from "../../flags/flag.ts";

export const detachKeys: FlagType<Uint8Array, Uint8Array> = {
  word: "string",
  initial: defaultDetachKeys(),
  whole: true,
  read: parseDetachKeys,
};
